/* Processes: pid, parent, address space, files, signals, exit status.  One thread each, so far; what a thread has of
   its own is in kern/thread.h. */
#ifndef KERN_PROC_H
#define KERN_PROC_H

#include <abi/dormouse.h>
#include <abi/resource.h>
#include <abi/signal.h>
#include <abi/time.h>
#include <kern/thread.h>
#include <kern/uspace.h>
#include <lib/rbtree.h>

struct proc_id;    /* kern/id_priv.h */
struct proc_files; /* fs/fdtable.h: descriptors, working directory, umask */
struct trapframe;

enum proc_state { PROC_ALIVE, PROC_EXITING, PROC_ZOMBIE };

/* How a process ended, for both kinds of wait. */
struct proc_end {
	int32_t status; /* as wait4 hands it out: code << 8, or the signal */
	int32_t value;  /* as xv6 does: all that exit was given, or -1 for a signal */
};

struct proc {
	int32_t pid;                       /* (c) */
	struct proc *parent;               /* (P) process lock; NULL: init */
	struct list children;              /* (P) */
	struct list sibling;               /* (P) link in parent->children */
	struct list all_link;              /* (P) link in the list of all */
	struct proc_id *id;                /* (c) of pid; the holder of its number */
	struct proc_id *group, *session;   /* (P) of pgid and sid; one reference each */
	struct list group_link;            /* (P) link in group->members */
	int32_t pgid, sid;                 /* (P) */
	struct proc_id *family;            /* (P) of the first of its family, a reference; NULL: it has none */
	enum proc_state state;             /* (P) */
	struct proc_end end;               /* (P) how it ended */
	bool reapable;                     /* (P) zombie, and its thread has left its stack */
	bool did_exec;                     /* (P) setpgid by the parent is refused from then on */
	struct waitq child_wait;           /* the parent sleeps here, condition under (P) */
	struct thread *thread;             /* (P) NULL once dead */
	struct uspace *uspace;             /* (P), written by the process itself alone (proc_exec); also its thread's */
	struct proc_files *files;          /* (own) fs/ */
	uint32_t sig_pending[2];           /* (P) bit s-1 is signal s */
	uint32_t sig_blocked[2];           /* (P) */
	uint32_t sig_ignored[2];           /* (P) SIG_IGN; the rest is SIG_DFL */
	uint32_t user_ticks, kernel_ticks; /* (P) set when it ends; before, its thread counts */
	uint32_t child_user_ticks, child_kernel_ticks; /* (P) of waited-for children */
	uint64_t start_ns;                             /* (c) arch_time_ns() */
	struct rb_root lent;                           /* (own) kern/lent.h */
	uint32_t lent_bytes;                           /* (own) all of it; others read it as it is at the moment */
	struct abi_rlimit stack_limit;                 /* (own) bytes, soft <= hard; ABI_RLIM_INFINITY: none */
	uint32_t traced; /* (own) bit n: a line for each call of number n of the second gate */
	char name[32];   /* (P) last component of the program's path */
};

/* What the stack of a new process may grow to, in bytes: any program may ask for more. */
#define PROC_STACK_SOFT (8u << 20)
#define PROC_STACK_HARD ABI_RLIM_INFINITY

static inline struct proc *current_proc(void)
{
	return current_thread()->proc;
}

/* What the floors above hang on a process. */
struct proc_hooks {
	/* Give CHILD what PARENT has (files, working directory); may sleep.  One that fails leaves nothing behind. */
	enum status (*fork)(struct proc *parent, struct proc *child);
	/* Let go of everything of P, by P itself; may sleep.  Also by the parent, for a child whose fork failed after
	   the hook above. */
	void (*exit)(struct proc *p);
	/* Init has ended with STATUS (as wait4 has it): end the machine.  Runs in init's own thread; may sleep. */
	void (*init_exited)(int32_t status) noreturn_fn;
	/* P is a session leader that ends: its terminal is free again.  May sleep. */
	void (*session_end)(struct proc *p);
};
extern struct proc_hooks proc_hooks; /* NULL members do nothing; init_exited is a must */

void proc_init(void);
/* Process 1, running START(ARG) in kernel mode with an empty address space; START loads the program and ends in
   arch_enter_user().  => E_NOMEM. */
enum status proc_create_init(void (*start)(void *), void *arg) must_check;

/* fork: a copy of the current process that returns 0 from the system call.  May sleep.  => the child's pid; E_NOMEM,
   E_AGAIN: no pid is free; E_INTR: the caller is to die.  Nothing is changed on failure. */
int32_t proc_fork(void) must_check;
/* The same, for a family: the process, if it is of none yet, and all that are forked in this way from it on.  There are
   at most MOST of them, not waited for, beside the first.  => also E_AGAIN. */
int32_t proc_fork_family(uint32_t most) must_check;
/* exec is past the point of no return: the current process runs on US from now on, under the name NAME, and did_exec.
   => the address space it had, for the caller to put. */
struct uspace *proc_exec(struct uspace *us, const char *name) must_check;
/* End the current process; STATUS as wait4 has it (exit code << 8, or the signal's number). */
void proc_exit(int32_t status) noreturn_fn;
/* The same with VALUE as exit code; wait4 is told its lowest 8 bits. */
void proc_exit_value(int32_t value) noreturn_fn;
/* PID as waitpid has it (> 0, 0, -1, < -1).  OPTIONS: WNOHANG, WUNTRACED, __WALL.  May sleep.
   => the child's pid, *END and *USAGE (which may be NULL) filled in; 0 with WNOHANG; E_CHILD, E_INTR, E_INVAL.
   The child is gone when this returns: the caller sees to it before that what it says can be told
   (user_fault_in_range). */
int32_t proc_wait(int32_t pid, int options, struct proc_end *end, struct abi_rusage *usage) must_check;

/* Is the child CHILD of group GROUP one that waitpid(WANT) by a member of group OWN_GROUP waits for? */
static inline bool proc_wait_matches(int32_t want, int32_t child, int32_t group, int32_t own_group)
{
	if (want > 0)
		return child == want;
	if (want == -1)
		return true;
	return want == 0 ? group == own_group : (uint32_t)group == 0 - (uint32_t)want;
}

/* E_SRCH, E_PERM, E_INVAL, E_ACCES as POSIX has them.  pid 0: the caller. */
enum status proc_setpgid(int32_t pid, int32_t pgid) must_check;
int32_t proc_getpgid(int32_t pid) must_check; /* => the group, or E_SRCH */
int32_t proc_getsid(int32_t pid) must_check;
int32_t proc_setsid(void) must_check; /* => the new session, or E_PERM */
int32_t proc_getppid(void);
/* Is there a process of group PGID in session SID? */
bool proc_group_in_session(int32_t pgid, int32_t sid);

/* Of the processes in the order of their making: at most N after the first SKIP. => how many records are filled in. */
unsigned proc_list(struct abi_procinfo *out, unsigned skip, unsigned n);
unsigned proc_count(void);
void proc_times(const struct proc *p, struct abi_tms *out);
/* For the end of the machine: SIGKILL all but the caller, wait at most TIMEOUT_NS for all but init, which sleeps from
   its next way to user mode on.  A second caller ends instead. */
void proc_kill_all(uint64_t timeout_ns);

#endif
