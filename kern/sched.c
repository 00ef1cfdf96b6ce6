/* The scheduler.  Each CPU has a run queue under its own spinlock (R), taken round robin in slices; a CPU without work
   takes the oldest thread of the longest queue.  One global queue was not taken: eight CPUs would fight for its lock at
   every wake-up; priorities were not taken: nothing here needs them yet.

   The run-queue lock of a CPU is held across the switch: the thread that goes takes it, the thread that comes releases
   it (switch_finish).  This one rule answers the hard questions:
   - Nobody runs a thread that still stands on its stack.  A sleeper or yielder becomes visible to others as SLEEPING or
     on the queue under (R), and who wants to move it must take (R) of its CPU, which is free only after the switch.
   - A dead thread is off its stack and page directory when (R) is released; only then is it buried.
   - t->cpu says whose lock guards t.  It changes only under that lock; who waited for the lock looks again
     (lock_cpu_of).

   A wake-up between "I am asleep" and the switch is not lost.  A thread that wants to sleep writes its own state,
   RUNNING to SLEEPING, without (R), at a time when no waker can be concerned with it yet (it is under the wait queue's
   lock, where wakers will find it).  sched_wake, under (R), finds SLEEPING and the thread still `running` there: then
   it only writes RUNNING back, and sched_block, which looks again under (R), does not switch.  For signals there is no
   queue: the sender sets the attention bit and then looks at the state under (R); the sleeper sets the state and then
   looks at the bit under (R).  Whoever comes second sees the other.

   An idle CPU is found by `running == idle` under its lock, so a waker that puts a thread there also sends the
   interrupt; the idle thread looks at its queue with interrupts disabled and cpu_idle enables them and halts in one
   step, so the interrupt ends the halt.  idle_cpus is only a hint for placement: a waker that picks a CPU by it clears
   the bit, lest ten wake-ups in a row pick the same one. */
#include <kern/sched.h>

#include "sched_priv.h"
#include "wait_priv.h"

#include <arch/mmu.h>
#include <arch/smp.h>
#include <kern/log.h>
#include <kern/placement.h>
#include <kern/quiesce.h>
#include <kern/time.h>
#include <kern/timeout.h>
#include <kern/uspace.h>
#include <lib/assert.h>

#define SLICE_TICKS 2 /* of TICK_HZ: long enough that a switch is free, short enough for an eye */

struct cpu {
	struct spinlock lock;              /* (R) */
	unsigned nready;                   /* (R); others read it as a hint */
	struct list ready;                 /* (R) threads in the order of their coming */
	struct thread *running;            /* (R) */
	struct thread *previous;           /* this CPU only: who ran before, from a switch to its finish */
	struct thread *idle;               /* (c) */
	uint64_t idle_ns;                  /* (R) time halted */
	uint32_t switches;                 /* (R) */
	uint32_t user_ticks, kernel_ticks; /* this CPU only, interrupts disabled */
} aligned_to(64);

static struct cpu cpus[ARCH_MAX_CPUS];
static uint32_t idle_cpus; /* (!) bit n: CPU n has, as far as it knew, nothing to do */

static struct cpu *this_cpu(void)
{
	return &cpus[cpu_id()];
}

static unsigned cpu_number(const struct cpu *c)
{
	return (unsigned)(c - cpus);
}

/* Lock the CPU that T belongs to.  Interrupts disabled. */
static struct cpu *lock_cpu_of(struct thread *t) no_lock_check
{
	for (;;) {
		struct cpu *c = &cpus[__atomic_load_n(&t->cpu, __ATOMIC_RELAXED)];

		spin_lock(&c->lock);
		if (likely(c == &cpus[t->cpu]))
			return c;
		spin_unlock(&c->lock);
	}
}

static void enqueue(struct cpu *c, struct thread *t) requires_lock(c->lock)
{
	list_add_tail(&c->ready, &t->run_link);
	c->nready++;
}

static struct thread *dequeue(struct cpu *c) requires_lock(c->lock)
{
	struct list *first = list_pop(&c->ready);

	if (!first)
		return NULL;
	c->nready--;
	return LIST_ENTRY(first, struct thread, run_link);
}

/* ---- the switch ---- */

/* The second half of a switch, on the stack of the thread that comes.  Its predecessor has left its stack, and its page
   directory is not loaded any more, so the bit goes; only then may others have it. */
static void switch_finish(void) no_lock_check
{
	struct cpu *c = this_cpu();
	struct thread *prev = c->previous;
	struct uspace *old = prev->uspace;
	bool dead = prev->state == THREAD_DEAD;

	if (old && old != c->running->uspace)
		__atomic_and_fetch(&old->as.cpus, ~(1u << cpu_number(c)), __ATOMIC_SEQ_CST);
	spin_unlock(&c->lock);
	if (unlikely(dead))
		thread_bury(prev);
	quiesce_point();
}

/* Run NEXT, which is on no queue, instead of SELF.  C, this CPU, is locked, and unlocked on return: that is, when SELF
   runs again, maybe on another CPU.  Interrupts disabled throughout.
   The bit in `cpus` is set before the directory is loaded: who changes an entry and then reads `cpus` either finds the
   bit, or has written the entry before this CPU can read it. */
static void switch_to(struct cpu *c, struct thread *self, struct thread *next) no_lock_check
{
	paddr_t root;

	next->state = THREAD_RUNNING;
	next->slice_ticks = SLICE_TICKS;
	c->switches++;
	c->running = next;
	c->previous = self;
	if (next->uspace) {
		__atomic_or_fetch(&next->uspace->as.cpus, 1u << cpu_number(c), __ATOMIC_SEQ_CST);
		root = next->uspace->as.root;
	} else {
		root = arch_kernel_root();
	}
	(void)arch_switch(&self->arch, &next->arch, root);
	switch_finish();
}

void sched_first_run(void)
{
	switch_finish();
}

static struct thread *next_or_idle(struct cpu *c) requires_lock(c->lock)
{
	struct thread *next = dequeue(c);

	return next ? next : c->idle;
}

void sched_block(void) no_lock_check
{
	struct cpu *c = this_cpu();
	struct thread *self = current_thread();

	assert_no_spinlock("sleep");
	DEBUG_ASSERT(self != c->idle);
	spin_lock(&c->lock);
	if (self->state == THREAD_SLEEPING && self->interruptible && (attention_get(&self->arch) & ATTENTION_SIGNAL))
		self->state = THREAD_RUNNING;
	if (unlikely(self->state != THREAD_SLEEPING)) {
		spin_unlock(&c->lock);
		return;
	}
	switch_to(c, self, next_or_idle(c));
}

void sched_leave(void) no_lock_check
{
	struct cpu *c = this_cpu();

	spin_lock(&c->lock);
	switch_to(c, current_thread(), next_or_idle(c));
	UNREACHABLE();
}

void sched_yield(void) no_lock_check
{
	struct thread *self = current_thread();
	struct thread *next;
	struct cpu *c;
	uint32_t saved;

	attention_clear(&self->arch, ATTENTION_RESCHEDULE);
	quiesce_point();
	saved = irq_save();
	c = this_cpu();
	if (c->nready == 0)
		goto out;
	assert_no_spinlock("sched_yield");
	spin_lock(&c->lock);
	next = dequeue(c);
	if (unlikely(!next)) { /* stolen since */
		spin_unlock(&c->lock);
		goto out;
	}
	self->state = THREAD_READY;
	enqueue(c, self);
	switch_to(c, self, next);
out:
	irq_restore(saved);
}

/* ---- waking ---- */

/* Choose a CPU for a thread of LAST, and make sure that the next waker does not choose the same. */
static struct cpu *choose_cpu(unsigned last)
{
	uint32_t idle = __atomic_load_n(&idle_cpus, __ATOMIC_RELAXED);
	unsigned cpu = place_woken(last, idle);

	if ((idle >> cpu) & 1)
		__atomic_and_fetch(&idle_cpus, ~(1u << cpu), __ATOMIC_RELAXED);
	return &cpus[cpu];
}

/* T sleeps and belongs to C, which is locked; unlocked on return.  Between the two locks T is READY and on no queue:
   other wakers leave it alone, thieves do not find it. */
static void make_ready(struct cpu *c, struct thread *t) no_lock_check
{
	struct cpu *target = choose_cpu(t->cpu);
	bool kick;

	t->state = THREAD_READY;
	if (target != c) {
		__atomic_store_n(&t->cpu, cpu_number(target), __ATOMIC_RELAXED);
		spin_unlock(&c->lock);
		spin_lock(&target->lock);
	}
	enqueue(target, t);
	kick = target->running == target->idle && target != this_cpu();
	spin_unlock(&target->lock);
	if (kick)
		arch_ipi_reschedule(cpu_number(target));
}

/* C, the CPU of the sleeping T, is locked; unlocked on return. */
static void wake_sleeper(struct cpu *c, struct thread *t) no_lock_check
{
	if (c->running == t) { /* it has not left its CPU yet, and need not */
		t->state = THREAD_RUNNING;
		spin_unlock(&c->lock);
	} else {
		make_ready(c, t);
	}
}

void sched_wake(struct thread *t) no_lock_check
{
	uint32_t saved = irq_save();
	struct cpu *c = lock_cpu_of(t);

	if (likely(t->state == THREAD_SLEEPING))
		wake_sleeper(c, t);
	else
		spin_unlock(&c->lock);
	irq_restore(saved);
}

void sched_interrupt(struct thread *t) no_lock_check
{
	uint32_t saved = irq_save();
	struct cpu *c = lock_cpu_of(t);
	bool elsewhere = c->running == t && c != this_cpu();

	if (t->state == THREAD_SLEEPING && t->interruptible)
		wake_sleeper(c, t);
	else
		spin_unlock(&c->lock);
	if (elsewhere)
		arch_ipi_reschedule(cpu_number(c));
	irq_restore(saved);
}

/* ---- idle CPUs ---- */

/* The oldest thread of the fullest other queue, now of this CPU and on no queue. => NULL: nobody has one. */
static struct thread *steal(struct cpu *c)
{
	unsigned ready[ARCH_MAX_CPUS];
	unsigned n = cpu_count(), victim;
	struct thread *t;

	for (unsigned i = 0; i < n; i++)
		ready[i] = __atomic_load_n(&cpus[i].nready, __ATOMIC_RELAXED);
	victim = place_victim(cpu_number(c), ready, n);
	if (victim == CPU_NONE)
		return NULL;
	spin_lock(&cpus[victim].lock);
	t = dequeue(&cpus[victim]);
	if (t)
		__atomic_store_n(&t->cpu, cpu_number(c), __ATOMIC_RELAXED);
	spin_unlock(&cpus[victim].lock);
	return t;
}

/* Run what is ready here or elsewhere. => false: nothing is. */
static bool run_something(struct cpu *c) no_lock_check
{
	struct thread *stolen = c->nready == 0 ? steal(c) : NULL;
	struct thread *next;

	if (c->nready == 0 && !stolen)
		return false;
	spin_lock(&c->lock);
	if (stolen)
		enqueue(c, stolen);
	next = dequeue(c);
	if (next) {
		__atomic_and_fetch(&idle_cpus, ~(1u << cpu_number(c)), __ATOMIC_RELAXED);
		switch_to(c, c->idle, next);
	} else {
		spin_unlock(&c->lock); /* a thief was faster */
	}
	return true;
}

static void halt(struct cpu *c)
{
	uint64_t since = arch_time_ns();
	uint32_t saved;

	__atomic_or_fetch(&idle_cpus, 1u << cpu_number(c), __ATOMIC_SEQ_CST);
	cpu_idle();
	saved = spin_lock_irq(&c->lock);
	c->idle_ns += arch_time_ns() - since;
	spin_unlock_irq(&c->lock, saved);
}

static void idle_loop(void) noreturn_fn;
static void idle_loop(void)
{
	struct cpu *c = this_cpu();

	arch_timer_start();
	for (;;) {
		irq_disable();
		quiesce_point();
		if (!run_something(c))
			halt(c);
	}
}

void sched_idle(void)
{
	idle_loop();
}

/* ---- start ---- */

static void cpu_init(unsigned cpu, struct thread *idle)
{
	struct cpu *c = &cpus[cpu];

	spinlock_init(&c->lock, RANK_RUNQ, "run queue");
	list_init(&c->ready);
	idle->state = THREAD_RUNNING;
	idle->cpu = cpu;
	c->idle = idle;
	c->running = idle;
}

void sched_init(void)
{
	static struct thread boot; /* has the boot stack */

	list_init(&boot.run_link);
	list_init(&boot.wait_link);
	boot.name = "idle";
	cpu_init(0, &boot);
	arch_thread_adopt(&boot.arch, &boot);
}

/* A CPU that did not come up keeps its idle thread: it may still come. */
void sched_start_cpus(unsigned max)
{
	unsigned found = arch_cpus_found();

	for (unsigned cpu = 1; cpu < found && (max == 0 || cpu < max); cpu++) {
		struct thread *idle = thread_alloc_idle();

		if (!idle) {
			printk(LOG_WARNING, "cpu %u: no memory to start it", cpu);
			return;
		}
		cpu_init(cpu, idle);
		if (!arch_cpu_start(cpu, idle->stack, idle, idle_loop)) {
			printk(LOG_WARNING, "cpu %u does not start", cpu);
			return;
		}
	}
}

/* ---- the load ---- */

#define LOAD_PERIOD (5 * TICK_HZ)

static uint32_t loads[3]; /* (!) written by the boot CPU's tick */

unsigned sched_runnable(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < cpu_count(); i++)
		n += __atomic_load_n(&cpus[i].nready, __ATOMIC_RELAXED) +
		     (__atomic_load_n(&cpus[i].running, __ATOMIC_RELAXED) != cpus[i].idle);
	return n;
}

/* Every five seconds: what was decays by e^(-5 s / 1, 5, 15 min), what is now makes up for it. */
static void loads_tick(void)
{
	static const uint32_t decay[3] = {1884, 2014, 2037}; /* of SCHED_LOAD_ONE */
	static unsigned ticks;
	uint32_t now;

	if (++ticks < LOAD_PERIOD)
		return;
	ticks = 0;
	now = sched_runnable() * SCHED_LOAD_ONE;
	for (unsigned i = 0; i < 3; i++) {
		uint64_t sum = (uint64_t)loads[i] * decay[i] + (uint64_t)now * (SCHED_LOAD_ONE - decay[i]);

		__atomic_store_n(&loads[i], (uint32_t)(sum / SCHED_LOAD_ONE), __ATOMIC_RELAXED);
	}
}

void sched_loads(uint32_t out[3])
{
	for (unsigned i = 0; i < 3; i++)
		out[i] = __atomic_load_n(&loads[i], __ATOMIC_RELAXED);
}

/* ---- interrupts ---- */

/* The boot CPU's tick is also the clock of timeouts and of time_wall_s. */
void sched_tick(bool user)
{
	struct cpu *c = this_cpu();
	struct thread *self = current_thread();

	if (cpu_number(c) == 0) {
		time_tick();
		timeout_tick();
		loads_tick();
	}
	if (self == c->idle)
		return; /* its loop looks at the queues, now that it was woken */
	if (user) {
		self->user_ticks++;
		c->user_ticks++;
	} else {
		self->kernel_ticks++;
		c->kernel_ticks++;
	}
	if (self->slice_ticks > 0)
		self->slice_ticks--;
	if (self->slice_ticks == 0 && c->nready > 0)
		attention_set(&self->arch, ATTENTION_RESCHEDULE);
}

/* The interrupt itself is all that is wanted: it ends the halt of an idle CPU, and makes one in user mode look at the
   attention bits on the way back.  When the machine is to stand still, whoever runs here is to yield. */
void sched_reschedule_ipi(void)
{
	struct thread *self = current_thread();

	if (unlikely(quiesce_wanted) && self != this_cpu()->idle)
		attention_set(&self->arch, ATTENTION_RESCHEDULE);
}

const struct thread *sched_running(unsigned cpu)
{
	return cpus[cpu].running;
}

uint64_t sched_idle_ns(void)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < cpu_count(); i++) {
		uint32_t saved = spin_lock_irq(&cpus[i].lock);

		sum += cpus[i].idle_ns;
		spin_unlock_irq(&cpus[i].lock, saved);
	}
	return sum;
}

void sched_cpu_times(unsigned cpu, struct sched_cpu_times *out)
{
	struct cpu *c = &cpus[cpu];
	uint32_t saved = spin_lock_irq(&c->lock);

	*out = (struct sched_cpu_times){c->user_ticks, c->kernel_ticks, c->idle_ns};
	spin_unlock_irq(&c->lock, saved);
}

uint32_t sched_switch_count(void)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < cpu_count(); i++)
		n += __atomic_load_n(&cpus[i].switches, __ATOMIC_RELAXED);
	return n;
}

unsigned sched_thread_count(void)
{
	return thread_count();
}
