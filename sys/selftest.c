/* Crashes and missing memory on demand, and the audit (sys/audit.c), for tests.  The call does not exist (ENOSYS)
   unless the kernel's command line has the word `selftest`, so that no program can bring down a machine that was not
   started for it. */
#include <arch/boot.h>
#include <fs/fs.h>
#include <kern/inject.h>
#include <kern/log.h>
#include <kern/proc.h>
#include <lib/assert.h>
#include <mm/frame.h>

#include "sys_priv.h"

/* What a program may ask for; tests/system/selftest.h has the same list. */
enum selftest {
	SELFTEST_PANIC = 1,
	SELFTEST_STACK_OVERFLOW = 2,
	SELFTEST_WILD_READ = 3,
	SELFTEST_LOCK_ORDER = 4,
	SELFTEST_WRITE_TEXT = 5,
	SELFTEST_AUDIT = 6,         /* the first one that returns: 0, or EUCLEAN with the reason in the log */
	SELFTEST_DAMAGE = 7,        /* arguments: enum damage, address, by how much; 0 or a negated errno */
	SELFTEST_FAIL_ALLOC = 10,   /* the K-th request for memory fails, and all after it if so asked; => those
	                              since the last such call */
	SELFTEST_DROP_CACHES = 11,  /* what is cached of files and disks is forgotten, and stocks are emptied */
	SELFTEST_ENDED_ALLOCS = 12, /* => requests for memory of the last thread that ended while they were counted */
};

static bool enabled; /* (c) after boot */

void selftest_enable(void)
{
	enabled = true;
}

/* Recursion that the compiler cannot turn into a loop: what is returned depends on a frame below. */
static no_inline uint32_t overflow_stack(uint32_t depth)
{
	volatile uint32_t frame[64];

	frame[depth % 64] = depth;
	return depth == UINT32_MAX ? 0 : overflow_stack(depth + 1) + frame[(depth + 1) % 64];
}

static no_inline void lock_out_of_order(void) no_lock_check
{
	static struct spinlock inner = SPINLOCK_INIT(RANK_CACHE, "inner"), outer = SPINLOCK_INIT(RANK_PROC, "outer");

	spin_lock(&inner);
	spin_lock(&outer);
	spin_unlock(&outer);
	spin_unlock(&inner);
}

static int32_t drop_caches(void)
{
	enum status st = fs_sync_all();

	(void)memory_available();
	frame_cache_drop();
	return st;
}

int32_t sys_selftest(const struct syscall_args *a)
{
	if (!enabled)
		return E_NOSYS;
	switch ((enum selftest)a->v[0]) {
	case SELFTEST_PANIC: panic("selftest");
	case SELFTEST_STACK_OVERFLOW: return (int32_t)overflow_stack(0);
	case SELFTEST_WILD_READ: return *(volatile int32_t *)0xf7000000;
	case SELFTEST_LOCK_ORDER: lock_out_of_order(); return OK;
	case SELFTEST_WRITE_TEXT: *(volatile char *)kernel_text_start = 0; return OK;
	case SELFTEST_AUDIT: return selftest_audit();
	case SELFTEST_DAMAGE: return selftest_damage(a->v[1], a->v[2], (int32_t)a->v[3]);
	case SELFTEST_FAIL_ALLOC: return (int32_t)inject_failure(a->v[1], a->v[2]);
	case SELFTEST_ENDED_ALLOCS: return (int32_t)inject_requests_of_ended();
	case SELFTEST_DROP_CACHES: return drop_caches();
	default: return E_INVAL;
	}
}
