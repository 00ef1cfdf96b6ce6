/* Processes as others see them: for /proc.  A process is named by its number and the time it began, because numbers are
   used again; who has gone is not found any more.  Nothing here sleeps. */
#ifndef KERN_PROCINFO_H
#define KERN_PROCINFO_H

#include <kern/proc.h>

struct proc_ref {
	int32_t pid;
	uint64_t start_ns; /* as in struct proc */
};

/* The process of number PID. => E_SRCH. */
enum status proc_find(int32_t pid, struct proc_ref *out) must_check;
/* The process of the smallest number > AFTER. => false: there is none. */
bool proc_next(int32_t after, struct proc_ref *out);
bool proc_exists(const struct proc_ref *who);

/* One process at one moment. */
struct proc_look {
	int32_t pid, ppid, pgid, sid;
	char state; /* R S D Z */
	char name[32];
	uint32_t utime, stime, cutime, cstime; /* 1/ABI_CLK_TCK s */
	uint64_t start_ns;
	unsigned cpu;        /* where it runs or ran last */
	int32_t exit_status; /* of a zombie, as wait4 has it */
	uint32_t sig_pending[2], sig_blocked[2], sig_ignored[2];
	struct aspace_counters memory; /* of a zombie: all 0 */
};
/* => E_SRCH. */
enum status proc_look(const struct proc_ref *who, struct proc_look *out) must_check;
/* Call FN with the process, which does not end meanwhile: the lock of processes is held, so FN is short, does not sleep
   and takes no lock of rank <= RANK_PROC. => E_SRCH. */
enum status proc_visit(const struct proc_ref *who, void (*fn)(struct proc *p, void *arg), void *arg) must_check;
/* A reference to its address space; *OUT NULL: it has none any more (a zombie). => E_SRCH. */
enum status proc_get_uspace(const struct proc_ref *who, struct uspace **out) must_check;
/* P, the current process, or one that nobody can find, has no files any more. => what it had. */
struct proc_files *proc_take_files(struct proc *p);

/* All processes together. */
struct proc_census {
	uint32_t made;    /* ever */
	uint32_t alive;   /* zombies included */
	uint32_t blocked; /* in state D */
	int32_t last_pid; /* of the youngest */
};
void proc_take_census(struct proc_census *out);

#endif
