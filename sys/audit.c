/* The private calls of the audit's tests (sys/selftest.c): look at the whole machine; break a number of the caller's
   own address space, and repair it. */
#include <kern/audit.h>
#include <kern/proc.h>
#include <kern/shm.h>
#include <mm/audit.h>

#include "sys_priv.h"

#define DAMAGE_SHM 100u /* + enum shm_damage: what is an address elsewhere is an id */

int32_t selftest_audit(void)
{
	return kern_audit();
}

int32_t selftest_damage(uint32_t what, vaddr_t va, int32_t by)
{
	struct uspace *us = current_thread()->uspace;
	enum status st;

	if (what >= DAMAGE_SHM)
		return shm_damage((enum shm_damage)(what - DAMAGE_SHM), (int32_t)va, by);
	if (what >= DAMAGE_KINDS)
		return E_INVAL;
	uspace_lock(us);
	st = mm_damage(&us->as, (enum damage)what, va, by);
	uspace_unlock(us);
	return st;
}
