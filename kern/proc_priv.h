/* What proc.c, fork.c, exit.c, wait.c and signal.c share. */
#ifndef KERN_PROC_PRIV_H
#define KERN_PROC_PRIV_H

#include <kern/proc.h>

#define INIT_PID 1

/* (P): all links between processes, and their signals.  One lock for all: what is done under it is a few dozen
   instructions, but for a signal to a group and the list of ps. */
extern struct spinlock proc_lock;
extern struct list all_procs;      /* (P) in the order of their making */
extern uint32_t proc_made;         /* (P) processes ever linked */
extern struct proc *init_proc;     /* (c) once it is there */
extern struct proc *machine_ender; /* (P) who has called proc_kill_all first; NULL: the machine goes on */

/* A number in use: a process's, a group's, a session's, a family's; it is free again when nobody is any of these. */
struct proc_id {
	int32_t number;        /* (c) */
	uint32_t refs;         /* (P) the process, members of the group, of the session, of the family */
	struct proc *proc;     /* (P) NULL: there is none of this pid (any more, or not yet) */
	struct list members;   /* (P) processes of this group, by group_link */
	uint32_t family;       /* (P) processes of this family, but the first */
	struct list hash_link; /* (P) */
};

/* A new number, with one reference. => E_NOMEM, E_AGAIN. */
enum status id_create(struct proc_id **out) must_check;
struct proc_id *id_find(int32_t number) requires_lock(proc_lock);
/* The smallest number > AFTER that is a process's. => NULL: there is none. */
struct proc_id *id_next(int32_t after) requires_lock(proc_lock);
struct proc_id *id_ref(struct proc_id *id) requires_lock(proc_lock);
void id_put(struct proc_id *id) requires_lock(proc_lock);
void id_init(void);

/* An unlinked process with a number, nothing else. => E_NOMEM, E_AGAIN.  proc_free: one that nobody can find. */
enum status proc_alloc(struct proc **out) must_check;
void proc_free(struct proc *p);
/* Make P known: child of PARENT (NULL: init), in GROUP and SESSION. */
void proc_link(struct proc *p, struct proc *parent, struct proc_id *group, struct proc_id *session)
	requires_lock(proc_lock);
/* The opposite.  P is off its stack. */
void proc_unlink(struct proc *p) requires_lock(proc_lock);
char proc_state_letter(const struct proc *p) requires_lock(proc_lock);
void proc_join_group(struct proc *p, struct proc_id *group) requires_lock(proc_lock);

/* As signal_send. */
void signal_send_locked(struct proc *p, int sig) requires_lock(proc_lock);

#endif
