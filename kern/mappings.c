/* A walk over the address spaces that map an object (kern/mappings.h).  Each is locked in turn, with nothing else held.
   A space is only pinned: to hold a reference would mean to drop it, maybe the last one, and to end a process's memory
   here could mean to wait for the very pages that the caller is about to write. */
#include <kern/mappings.h>

#include "proc_priv.h"

#include <kern/log.h>
#include <kern/oom.h>
#include <kern/reclaim.h>
#include <kern/uspace.h>
#include <lib/string.h>

static struct uspace *uspace_of(struct aspace *as)
{
	return container_of(as, struct uspace, as);
}

static void pin_space(struct aspace *as)
{
	uspace_pin(uspace_of(as));
}

/* ---- protect ---- */

void mappings_protect(struct mem_object *o, uint32_t first, uint32_t n)
{
	struct object_walk w;
	struct aspace *as;
	const struct vma *v;

	object_walk_begin(&w, o);
	while ((as = object_walk_space(&w, pin_space)) != NULL) {
		struct uspace *us = uspace_of(as);

		uspace_lock(us);
		while ((v = object_walk_region(&w, &us->as)) != NULL) {
			aspace_protect_object(&us->as, v, first, n);
			object_walk_pass(&w);
		}
		uspace_unlock(us);
		uspace_unpin(us);
	}
	object_walk_end(&w);
}

/* ---- cut ---- */

/* The process that runs on US ends. */
static void end_process_of(const struct uspace *us)
{
	struct proc *p;
	char name[sizeof p->name] = "";
	int32_t pid = 0;

	spin_lock(&proc_lock);
	list_foreach_entry(p, &all_procs, all_link)
		if (p->uspace == us && p->state == PROC_ALIVE) {
			pid = p->pid;
			memcpy(name, p->name, sizeof name);
			signal_send_locked(p, SIGKILL);
		}
	spin_unlock(&proc_lock);
	if (pid) {
		oom_note_kill();
		printk(LOG_ERROR, "pid %d %s: out of memory to cut a mapping--kill proc", (int)pid, name);
	}
}

/* The regions of US that come next in W. => E_NOMEM: not for the next one of them. */
static enum status cut_regions(struct object_walk *w, struct uspace *us, uint32_t first, bool use_reserve)
{
	struct thread *t = current_thread();
	enum status st = OK;
	const struct vma *v;

	uspace_lock(us);
	t->use_reserve = use_reserve;
	while (st == OK && (v = object_walk_region(w, &us->as)) != NULL) {
		st = aspace_cut_object(&us->as, v, first);
		if (st == OK)
			object_walk_pass(w);
	}
	t->use_reserve = false;
	uspace_unlock(us);
	return st;
}

/* There is no memory: the next region of US stays as it is, and its process does not live to see it. */
static void give_up(struct object_walk *w, struct uspace *us)
{
	end_process_of(us);
	uspace_lock(us);
	if (object_walk_region(w, &us->as))
		object_walk_pass(w);
	uspace_unlock(us);
}

void mappings_cut(struct mem_object *o, uint32_t first)
{
	struct object_walk w;
	struct aspace *as;

	object_walk_begin(&w, o);
	while ((as = object_walk_space(&w, pin_space)) != NULL) {
		struct uspace *us = uspace_of(as);
		enum status st = cut_regions(&w, us, first, false);

		if (st != OK && memory_reclaim())
			st = cut_regions(&w, us, first, false);
		if (st != OK)
			st = cut_regions(&w, us, first, true);
		if (st != OK)
			give_up(&w, us);
		uspace_unpin(us);
	}
	object_walk_end(&w);
}
