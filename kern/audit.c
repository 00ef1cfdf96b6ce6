/* The audit of the whole machine: stop it, let mm count, look at what only kern knows, and go on. */
#include <kern/audit.h>

#include "proc_priv.h"
#include "sched_priv.h"

#include <kern/log.h>
#include <kern/quiesce.h>
#include <kern/shm.h>
#include <mm/audit.h>

/* The machine stands still: no lock is taken here. */

static struct aspace *next_space(struct aspace *after, bool *settled)
{
	struct uspace *us = uspace_next(after ? container_of(after, struct uspace, as) : NULL);

	if (!us)
		return NULL;
	*settled = us->is_made && !us->lock.owner;
	return &us->as;
}

static int32_t owner_of(const struct aspace *as)
{
	const struct proc *p;

	list_foreach_entry(p, &all_procs, all_link)
		if (p->uspace && &p->uspace->as == as)
			return p->pid;
	return 0;
}

/* The CPUs that have US loaded, as the threads that run say. */
static uint32_t cpus_on(const struct uspace *us)
{
	uint32_t cpus = 0;

	for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
		if (sched_running(cpu)->uspace == us)
			cpus |= 1u << cpu;
	return cpus;
}

static void audit_cpus(struct audit *r)
{
	for (struct uspace *us = uspace_next(NULL); us; us = uspace_next(us))
		if (us->as.cpus != cpus_on(us))
			audit_say(r, "pid %d is loaded on the CPUs %x, noted %x", (int)owner_of(&us->as),
			          (unsigned)cpus_on(us), (unsigned)us->as.cpus);
}

enum status kern_audit(void)
{
	static const struct audit_spaces spaces = {.next = next_space, .owner = owner_of};
	struct audit r = AUDIT_INIT;

	machine_quiesce();
	if (mm_audit(&spaces, &r)) {
		audit_cpus(&r);
		shm_audit(&r);
	}
	machine_resume();
	if (audit_is_clean(&r))
		return OK;
	printk(LOG_ERROR, "audit: %s", r.text);
	return E_UCLEAN;
}
