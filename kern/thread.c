/* Making and ending threads.
   A thread cannot free the stack it stands on, so it ends in two halves: thread_exit marks it dead and switches away
   for ever; whatever thread runs next on that CPU completes the switch (kern/sched.c), and from then on nobody uses the
   dead one's stack or page directory, so it is buried right there, by thread_bury.  A reaper thread was not taken: it
   would be one more switch in every exit, and memory would be free only some time later. */
#include <kern/thread.h>

#include "sched_priv.h"
#include "stack_priv.h"

#include <kern/inject.h>
#include <kern/mutex.h>
#include <lib/assert.h>
#include <mm/kmalloc.h>

static struct kmem_cache *thread_cache; /* (c) */
static uint32_t nthreads;               /* (!) */

void thread_init(void)
{
	stack_init();
	thread_cache = kmem_cache_create("thread", sizeof(struct thread), KMEM_PLAIN);
}

static void thread_begin(void *self)
{
	struct thread *t = self;

	sched_first_run();
	irq_enable();
	t->entry(t->arg);
	thread_exit(NULL, NULL);
}

static struct thread *thread_make(const char *name)
{
	struct thread *t = kmem_zalloc(thread_cache);

	if (!t)
		return NULL;
	if (stack_get(&t->stack, t->stack_frames) != OK) {
		kmem_free(thread_cache, t);
		return NULL;
	}
	list_init(&t->run_link);
	list_init(&t->wait_link);
	t->name = name;
	t->state = THREAD_SLEEPING;
	t->cpu = cpu_id();
	arch_thread_init(&t->arch, t->stack, t, thread_begin, t);
	return t;
}

struct thread *thread_alloc(const char *name, struct proc *proc, void (*entry)(void *), void *arg)
{
	struct thread *t = thread_make(name);

	if (!t)
		return NULL;
	t->proc = proc;
	t->entry = entry;
	t->arg = arg;
	__atomic_add_fetch(&nthreads, 1, __ATOMIC_RELAXED);
	return t;
}

struct thread *thread_alloc_idle(void)
{
	return thread_make("idle");
}

void thread_start(struct thread *t)
{
	sched_wake(t);
}

static void fpu_release(struct thread *t)
{
	if (!t->fpu_area)
		return;
	(void)arch_fpu_detach(&t->arch);
	kfree(t->fpu_area);
	t->fpu_area = NULL;
}

void thread_free(struct thread *t)
{
	fpu_release(t);
	stack_put(t->stack, t->stack_frames);
	kmem_free(thread_cache, t);
	__atomic_sub_fetch(&nthreads, 1, __ATOMIC_RELAXED);
}

void thread_exit(void (*done)(void *), void *arg)
{
	struct thread *self = current_thread();

	spin_assert_none_held("thread_exit");
	KASSERT(!self->uspace);
#ifdef CONFIG_DEBUG
	KASSERT(self->nheld == 0);
#endif
	inject_note_end();
	irq_disable();
	fpu_release(self);
	self->entry = done;
	self->arg = arg;
	self->state = THREAD_DEAD;
	sched_leave();
}

void thread_bury(struct thread *t)
{
	void (*done)(void *) = t->entry;
	void *arg = t->arg;

	thread_free(t);
	if (done)
		done(arg);
}

enum status thread_create_kernel(const char *name, void (*fn)(void *), void *arg)
{
	struct thread *t = thread_alloc(name, NULL, fn, arg);

	if (!t)
		return E_NOMEM;
	thread_start(t);
	return OK;
}

enum status thread_attach_fpu(struct thread *t)
{
	if (t->fpu_area)
		return OK;
	t->fpu_area = kmalloc(FPU_AREA_SIZE);
	if (!t->fpu_area)
		return E_NOMEM;
	arch_fpu_attach(&t->arch, t->fpu_area);
	return OK;
}

#ifdef CONFIG_DEBUG
void thread_assert_leaves_kernel(void)
{
	const struct thread *t = current_thread();

	spin_assert_none_held("return to user mode");
	if (t->nheld > 0)
		panic("%s (%s) is held at the return to user mode", t->held[0]->name, t->held[0]->where);
	KASSERT(t->nofault == 0);
}
#endif

unsigned thread_count(void)
{
	return __atomic_load_n(&nthreads, __ATOMIC_RELAXED);
}

void kern_trim(void)
{
	stack_trim();
}
