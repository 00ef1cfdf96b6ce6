/* Who ends when there is no memory for a small process and the reserve is empty too: the largest process, not the
   one that happened to ask (docs/page-fault.md).  Nobody is chosen while somebody is on the way out already: its
   memory is awaited first, so one shortage ends as few as it can. */
#include <kern/oom.h>

#include "proc_priv.h"

#include <kern/log.h>
#include <kern/sigset.h>
#include <lib/string.h>

static uint32_t faults, kills; /* (!) */

void oom_note_fault(void)
{
	__atomic_add_fetch(&faults, 1, __ATOMIC_RELAXED);
}

void oom_note_kill(void)
{
	__atomic_add_fetch(&kills, 1, __ATOMIC_RELAXED);
}

uint32_t oom_fault_count(void)
{
	return __atomic_load_n(&faults, __ATOMIC_RELAXED);
}

uint32_t oom_kill_count(void)
{
	return __atomic_load_n(&kills, __ATOMIC_RELAXED);
}

static bool is_ending(const struct proc *p) requires_lock(proc_lock)
{
	return p->state == PROC_EXITING || (p->state == PROC_ALIVE && sigset_has(p->sig_pending, SIGKILL));
}

/* Pages that its end would free: its own, and what the kernel keeps for it. */
static uint32_t weight(const struct proc *p) requires_lock(proc_lock)
{
	uint32_t kept = __atomic_load_n(&p->lent_bytes, __ATOMIC_RELAXED);

	if (!p->uspace)
		return 0;
	kept += __atomic_load_n(&p->uspace->shmem_bytes, __ATOMIC_RELAXED);
	return p->uspace->as.count.resident + kept / PAGE_SIZE;
}

/* The largest process that is larger than SELF (than nothing, if that is init, which cannot end instead); *ENDING:
   instead, somebody is ending already. */
static struct proc *find_victim(const struct proc *self, bool *ending) requires_lock(proc_lock)
{
	struct proc *victim = NULL, *p;
	uint32_t most = self == init_proc ? 0 : weight(self);

	*ending = false;
	list_foreach_entry(p, &all_procs, all_link) {
		if (p == self || p == init_proc)
			continue;
		if (is_ending(p)) {
			*ending = true;
			return NULL;
		}
		if (p->state == PROC_ALIVE && weight(p) > most) {
			most = weight(p);
			victim = p;
		}
	}
	return victim;
}

bool oom_end_another(void)
{
	struct proc *self = current_proc(), *victim;
	char name[sizeof victim->name];
	int32_t pid = 0;
	bool ending;

	spin_lock(&proc_lock);
	victim = find_victim(self, &ending);
	if (victim) {
		pid = victim->pid;
		memcpy(name, victim->name, sizeof name);
		signal_send_locked(victim, SIGKILL);
	}
	spin_unlock(&proc_lock);
	if (pid) {
		oom_note_kill();
		printk(LOG_ERROR, "pid %d %s: out of memory, the largest--kill proc", (int)pid, name);
	}
	return ending || pid;
}
