/* What others may know of a process (kern/procinfo.h): looked up afresh each time, under the lock of processes, so that
   nobody who holds a file of /proc open keeps a process from ending. */
#include <kern/procinfo.h>

#include "proc_priv.h"

#include <lib/string.h>

/* => NULL: it has gone. */
static struct proc *find(const struct proc_ref *who) requires_lock(proc_lock)
{
	struct proc_id *id = id_find(who->pid);

	return id && id->proc && id->proc->start_ns == who->start_ns ? id->proc : NULL;
}

static bool refer(const struct proc_id *id, struct proc_ref *out) requires_lock(proc_lock)
{
	bool found = id && id->proc;

	if (found)
		*out = (struct proc_ref){id->number, id->proc->start_ns};
	return found;
}

enum status proc_find(int32_t pid, struct proc_ref *out)
{
	bool found;

	spin_lock(&proc_lock);
	found = refer(id_find(pid), out);
	spin_unlock(&proc_lock);
	return found ? OK : E_SRCH;
}

bool proc_next(int32_t after, struct proc_ref *out)
{
	bool found;

	spin_lock(&proc_lock);
	found = refer(id_next(after), out);
	spin_unlock(&proc_lock);
	return found;
}

static void nothing(struct proc *p, void *arg)
{
	(void)p, (void)arg;
}

bool proc_exists(const struct proc_ref *who)
{
	return proc_visit(who, nothing, NULL) == OK;
}

enum status proc_visit(const struct proc_ref *who, void (*fn)(struct proc *p, void *arg), void *arg)
{
	struct proc *p;

	spin_lock(&proc_lock);
	p = find(who);
	if (p)
		fn(p, arg);
	spin_unlock(&proc_lock);
	return p ? OK : E_SRCH;
}

/* Counters of its address space are read as they are at the moment. */
static void look(struct proc *p, void *arg) no_lock_check
{
	struct proc_look *out = arg;
	struct abi_tms times;

	proc_times(p, &times);
	*out = (struct proc_look){
		.pid = p->pid,
		.ppid = p->parent ? p->parent->pid : 0,
		.pgid = p->pgid,
		.sid = p->sid,
		.state = proc_state_letter(p),
		.utime = (uint32_t)times.utime,
		.stime = (uint32_t)times.stime,
		.cutime = (uint32_t)times.cutime,
		.cstime = (uint32_t)times.cstime,
		.start_ns = p->start_ns,
		.cpu = p->thread ? p->thread->cpu : 0,
		.exit_status = p->end.status,
	};
	memcpy(out->name, p->name, sizeof out->name);
	memcpy(out->sig_pending, p->sig_pending, sizeof out->sig_pending);
	memcpy(out->sig_blocked, p->sig_blocked, sizeof out->sig_blocked);
	memcpy(out->sig_ignored, p->sig_ignored, sizeof out->sig_ignored);
	if (p->uspace)
		out->memory = p->uspace->as.count;
}

enum status proc_look(const struct proc_ref *who, struct proc_look *out)
{
	return proc_visit(who, look, out);
}

static void pin_uspace(struct proc *p, void *arg)
{
	struct uspace **out = arg;

	*out = p->uspace;
	if (*out)
		uspace_ref(*out);
}

enum status proc_get_uspace(const struct proc_ref *who, struct uspace **out)
{
	return proc_visit(who, pin_uspace, out);
}

struct proc_files *proc_take_files(struct proc *p)
{
	struct proc_files *files;

	spin_lock(&proc_lock);
	files = p->files;
	p->files = NULL;
	spin_unlock(&proc_lock);
	return files;
}

void proc_take_census(struct proc_census *out)
{
	const struct proc *p;

	*out = (struct proc_census){0};
	spin_lock(&proc_lock);
	out->made = proc_made;
	list_foreach_entry(p, &all_procs, all_link) {
		out->alive++;
		out->blocked += proc_state_letter(p) == 'D';
		out->last_pid = p->pid;
	}
	spin_unlock(&proc_lock);
}
