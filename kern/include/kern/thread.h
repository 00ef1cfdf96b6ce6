/* Threads: a kernel stack, a saved context, a state, a CPU.  A thread belongs to a process, or to the kernel. */
#ifndef KERN_THREAD_H
#define KERN_THREAD_H

#include <arch/cpu.h>
#include <arch/thread.h>
#include <kern/waitq.h>
#include <lib/list.h>

struct proc;
struct uspace;

enum thread_state {
	THREAD_READY,    /* on a run queue, or on the way from one to another */
	THREAD_RUNNING,  /* on a CPU */
	THREAD_SLEEPING, /* off its CPU until sched_wake, or about to be, or not started yet */
	THREAD_DEAD,     /* left its CPU for ever, or is about to */
};

#define STACK_PAGES (STACK_SIZE / PAGE_SIZE)

/* (R) the run-queue lock of the CPU that `cpu` names; (s) the thread itself; (c) constant once it runs. */
struct thread {
	struct arch_thread arch;           /* arch's; changed by the thread itself, before it has run by its maker */
	struct list run_link;              /* (R) the run queue of cpu, when READY */
	struct list wait_link;             /* guarded by the lock of the wait queue it sleeps on */
	struct waitq *waiting_on;          /* set (s); cleared by who takes it off the queue, as the last touch */
	enum thread_state state;           /* (R), but RUNNING to SLEEPING and DEAD: (s), see kern/sched.c */
	unsigned cpu;                      /* (R) where it runs or ran last */
	bool interruptible;                /* (s) asleep, and a signal may wake it; read under (R) */
	uint32_t slice_ticks;              /* ticks left; its own CPU, interrupts disabled */
	uint32_t user_ticks, kernel_ticks; /* 1/TICK_HZ s; its own CPU, interrupts disabled */
	enum status fault_status; /* why the last page fault of a user copy was not served; the thread itself */
	uint32_t nofault;         /* (s) > 0: page faults of user copies are not served (kern/usercopy.h) */
	bool use_reserve;         /* (s) it works for a fault that may have the last frames (kern/fault.c) */
	uint32_t cached_only;     /* (s) > 0: blocks of disks that are not in memory are not read (fs/pagecache.h) */
	uint32_t fail_at;         /* (s) tests: which of the requests for memory fails, 0: they are not counted */
	uint32_t requests;        /* (s) tests: counted so far */
	bool fail_all;            /* (s) tests: and those after it */
	void *stack;              /* (c) lowest mapped byte */
	paddr_t stack_frames[STACK_PAGES]; /* (c) what is mapped there */
	struct proc *proc;                 /* (c) NULL: a kernel thread */
	struct uspace *uspace;             /* (s) what arch_switch loads; NULL: the kernel's page directory */
	void *fpu_area;        /* (s) FPU_AREA_SIZE bytes of kmalloc, attached; NULL: it has not used the FPU */
	void (*entry)(void *); /* (c) where it begins, then what thread_exit is to call */
	void *arg;             /* (c) */
	const char *name;      /* (c) a constant string, or that of its process */
#ifdef CONFIG_DEBUG
	struct mutex *held[8]; /* (s) mutexes it holds, in the order of their taking */
	unsigned nheld;
#endif
};

static inline struct thread *current_thread(void)
{
	return arch_current();
}

/* Slots of the kernel window, caches.  Once, after kmalloc_init. */
void thread_init(void);

/* A kernel thread that runs FN(ARG), ready at once; it ends when FN returns.  NAME stays valid.  May sleep.
   => E_NOMEM. */
enum status thread_create_kernel(const char *name, void (*fn)(void *), void *arg) must_check;

/* The pieces that fork puts together.  A new thread (=> NULL: no memory or no place in the kernel window) is not on any
   queue; thread_start makes it ready: it runs ENTRY(ARG) with interrupts enabled and ends when that returns.
   NAME stays valid as long as the thread.  thread_free: one that was never started. */
struct thread *thread_alloc(const char *name, struct proc *proc, void (*entry)(void *), void *arg) must_check;
void thread_start(struct thread *t);
void thread_free(struct thread *t);
/* Leave the CPU for ever.  When the next thread runs, stack and thread are freed and then DONE(ARG) is called (NULL:
   nothing), which must not sleep, interrupts disabled.  Called with no lock held, on the kernel's page directory. */
void thread_exit(void (*done)(void *), void *arg) noreturn_fn;

/* Give T (the current one, or a new one) an FPU area, fresh, if it has none. => E_NOMEM. */
enum status thread_attach_fpu(struct thread *t) must_check;

/* At the return to user mode: panics if the current thread holds a lock. */
#ifdef CONFIG_DEBUG
void thread_assert_leaves_kernel(void);
#else
static inline void thread_assert_leaves_kernel(void)
{
}
#endif

/* Threads that exist, idle ones not counted. */
unsigned thread_count(void);

/* Give back what kern keeps ready for speed: stacks.  Part of freemem, so that its answer is exact.  No lock held. */
void kern_trim(void);

#endif
