/* Processes: the table, the tree, groups and sessions.  Their beginning is in fork.c, their end in exit.c and wait.c.
   Everything that links processes is guarded by one spinlock (P).  It is held briefly and never while anything is
   allocated that could wait; a lock for each process was not taken: fork, exit and wait each concern two or three
   processes at once, and would have to order those locks along a tree that changes. */
#include <kern/proc.h>

#include "proc_priv.h"

#include <kern/time.h>
#include <lib/assert.h>
#include <lib/string.h>
#include <mm/kmalloc.h>

struct spinlock proc_lock = SPINLOCK_INIT(RANK_PROC, "processes");
struct list all_procs = LIST_INIT(all_procs);
struct proc *init_proc;
uint32_t proc_made;
struct proc_hooks proc_hooks;

static struct kmem_cache *proc_cache; /* (c) */
static unsigned nprocs;               /* (P) */

void proc_init(void)
{
	id_init();
	proc_cache = kmem_cache_create("proc", sizeof(struct proc), KMEM_PLAIN);
}

enum status proc_alloc(struct proc **out)
{
	struct proc *p = kmem_zalloc(proc_cache);
	enum status st;

	if (!p)
		return E_NOMEM;
	st = id_create(&p->id);
	if (st != OK) {
		kmem_free(proc_cache, p);
		return st;
	}
	p->pid = p->id->number;
	list_init(&p->children);
	list_init(&p->sibling);
	list_init(&p->all_link);
	list_init(&p->group_link);
	waitq_init(&p->child_wait);
	p->start_ns = arch_time_ns();
	*out = p;
	return OK;
}

void proc_free(struct proc *p)
{
	spin_lock(&proc_lock);
	id_put(p->id);
	spin_unlock(&proc_lock);
	kmem_free(proc_cache, p);
}

void proc_join_group(struct proc *p, struct proc_id *group)
{
	struct proc_id *old = p->group;

	p->group = id_ref(group);
	p->pgid = group->number;
	list_remove(&p->group_link);
	list_add_tail(&group->members, &p->group_link);
	if (old)
		id_put(old);
}

static void join_session(struct proc *p, struct proc_id *session) requires_lock(proc_lock)
{
	struct proc_id *old = p->session;

	p->session = id_ref(session);
	p->sid = session->number;
	if (old)
		id_put(old);
}

void proc_link(struct proc *p, struct proc *parent, struct proc_id *group, struct proc_id *session)
{
	p->parent = parent;
	if (parent)
		list_add_tail(&parent->children, &p->sibling);
	list_add_tail(&all_procs, &p->all_link);
	proc_join_group(p, group);
	join_session(p, session);
	p->id->proc = p;
	nprocs++;
	proc_made++;
}

static void leave_family(struct proc *p) requires_lock(proc_lock)
{
	if (p->family != p->id)
		p->family->family--;
	id_put(p->family);
}

void proc_unlink(struct proc *p)
{
	KASSERT(list_is_empty(&p->children));
	list_remove(&p->sibling);
	list_remove(&p->all_link);
	list_remove(&p->group_link);
	id_put(p->group);
	id_put(p->session);
	if (p->family)
		leave_family(p);
	p->id->proc = NULL;
	nprocs--;
}

enum status proc_create_init(void (*start)(void *), void *arg)
{
	struct proc *p;
	enum status st = proc_alloc(&p);

	if (st != OK)
		goto out;
	KASSERT(p->pid == INIT_PID);
	(void)str_copy(p->name, sizeof p->name, "init");
	p->stack_limit = (struct abi_rlimit){PROC_STACK_SOFT, PROC_STACK_HARD};
	st = uspace_create(&p->uspace);
	if (st != OK)
		goto free_proc;
	p->thread = thread_alloc(p->name, p, start, arg);
	if (!p->thread) {
		st = E_NOMEM;
		goto put_uspace;
	}
	p->thread->uspace = p->uspace;
	init_proc = p;
	spin_lock(&proc_lock);
	proc_link(p, NULL, p->id, p->id);
	spin_unlock(&proc_lock);
	thread_start(p->thread);
	return OK;
put_uspace:
	uspace_put(p->uspace);
free_proc:
	proc_free(p);
out:
	return st;
}

/* P->uspace changes under (P) because proc_list looks at the counters of other processes' address spaces. */
struct uspace *proc_exec(struct uspace *us, const char *name)
{
	struct proc *p = current_proc();
	struct uspace *old;

	spin_lock(&proc_lock);
	old = p->uspace;
	p->uspace = us;
	p->did_exec = true;
	(void)str_copy(p->name, sizeof p->name, name);
	spin_unlock(&proc_lock);
	if (current_thread()->uspace != us)
		uspace_switch(us);
	return old;
}

/* ---- groups and sessions ---- */

/* PID, or 0 for the caller. => NULL: no such process. */
static struct proc *find_or_self(int32_t pid) requires_lock(proc_lock)
{
	struct proc_id *id = pid == 0 ? current_proc()->id : id_find(pid);

	return id ? id->proc : NULL;
}

/* May the caller move P to the group of number PGID? => E_SRCH, E_ACCES, E_PERM, or OK and the group. */
static enum status check_setpgid(struct proc *p, int32_t pgid, struct proc_id **group) requires_lock(proc_lock)
{
	const struct proc *self = current_proc();
	struct proc_id *g;

	if (!p || (p != self && p->parent != self))
		return E_SRCH;
	if (p != self && p->did_exec)
		return E_ACCES;
	if (p->sid == p->pid || p->sid != self->sid)
		return E_PERM;
	g = pgid == p->pid ? p->id : id_find(pgid);
	if (!g)
		return E_PERM;
	if (g != p->id) {
		const struct proc *member = LIST_FIRST_ENTRY(&g->members, struct proc, group_link);

		if (!member || member->sid != p->sid)
			return E_PERM;
	}
	*group = g;
	return OK;
}

enum status proc_setpgid(int32_t pid, int32_t pgid)
{
	struct proc_id *group;
	struct proc *p;
	enum status st;

	if (pid < 0 || pgid < 0)
		return E_INVAL;
	spin_lock(&proc_lock);
	p = find_or_self(pid);
	st = check_setpgid(p, pgid == 0 && p ? p->pid : pgid, &group);
	if (st == OK)
		proc_join_group(p, group);
	spin_unlock(&proc_lock);
	return st;
}

int32_t proc_getpgid(int32_t pid)
{
	const struct proc *p;
	int32_t pgid;

	spin_lock(&proc_lock);
	p = find_or_self(pid);
	pgid = p ? p->pgid : (int32_t)E_SRCH;
	spin_unlock(&proc_lock);
	return pgid;
}

int32_t proc_getsid(int32_t pid)
{
	const struct proc *p;
	int32_t sid;

	spin_lock(&proc_lock);
	p = find_or_self(pid);
	sid = p ? p->sid : (int32_t)E_SRCH;
	spin_unlock(&proc_lock);
	return sid;
}

bool proc_group_in_session(int32_t pgid, int32_t sid)
{
	const struct proc_id *group;
	const struct proc *p;
	bool found;

	spin_lock(&proc_lock);
	group = id_find(pgid);
	/* All members of a group are of one session. */
	p = group ? LIST_FIRST_ENTRY(&group->members, struct proc, group_link) : NULL;
	found = p && p->sid == sid;
	spin_unlock(&proc_lock);
	return found;
}

int32_t proc_setsid(void)
{
	struct proc *p = current_proc();
	int32_t st = E_PERM;

	spin_lock(&proc_lock);
	if (list_is_empty(&p->id->members)) {
		proc_join_group(p, p->id);
		join_session(p, p->id);
		st = p->sid;
	}
	spin_unlock(&proc_lock);
	return st;
}

int32_t proc_getppid(void)
{
	int32_t pid;

	spin_lock(&proc_lock);
	pid = current_proc()->parent ? current_proc()->parent->pid : 0;
	spin_unlock(&proc_lock);
	return pid;
}

/* ---- for ps and times ---- */

char proc_state_letter(const struct proc *p)
{
	if (p->state == PROC_ZOMBIE || !p->thread)
		return 'Z';
	if (p->thread->state != THREAD_SLEEPING)
		return 'R';
	return p->thread->interruptible ? 'S' : 'D';
}

/* Counters of others are read as they are at the moment. */
static void describe(const struct proc *p, struct abi_procinfo *out) requires_lock(proc_lock)
{
	struct abi_tms times;

	proc_times(p, &times);
	*out = (struct abi_procinfo){
		.pid = p->pid,
		.ppid = p->parent ? p->parent->pid : 0,
		.pgid = p->pgid,
		.sid = p->sid,
		.promised = p->uspace ? p->uspace->as.count.promised * PAGE_SIZE : 0,
		.resident = p->uspace ? p->uspace->as.count.resident * PAGE_SIZE : 0,
		.utime = times.utime,
		.stime = times.stime,
		.start = (uint32_t)(p->start_ns / NS_PER_S),
		.state = proc_state_letter(p),
	};
	(void)str_copy(out->name, sizeof out->name, p->name);
}

unsigned proc_list(struct abi_procinfo *out, unsigned skip, unsigned n)
{
	const struct proc *p;
	unsigned got = 0;

	spin_lock(&proc_lock);
	list_foreach_entry(p, &all_procs, all_link) {
		if (skip > 0) {
			skip--;
			continue;
		}
		if (got == n)
			break;
		describe(p, &out[got++]);
	}
	spin_unlock(&proc_lock);
	return got;
}

unsigned proc_count(void)
{
	return __atomic_load_n(&nprocs, __ATOMIC_RELAXED);
}

_Static_assert(ABI_CLK_TCK == TICK_HZ, "ticks are counted in the units of times()");

void proc_times(const struct proc *p, struct abi_tms *out)
{
	const struct thread *t = p->thread;

	out->utime = t ? t->user_ticks : p->user_ticks;
	out->stime = t ? t->kernel_ticks : p->kernel_ticks;
	out->cutime = p->child_user_ticks;
	out->cstime = p->child_kernel_ticks;
}
