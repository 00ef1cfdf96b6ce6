/* Address spaces with their lock and their reference count (kern/uspace.h). */
#include <kern/uspace.h>

#include <arch/mmu.h>
#include <kern/shm.h>
#include <kern/thread.h>
#include <lib/assert.h>
#include <mm/kmalloc.h>

static struct kmem_cache *uspace_cache;
static struct spinlock list_lock = SPINLOCK_INIT(RANK_OBJECT_MAPS, "address spaces");
static struct list all_spaces = LIST_INIT(all_spaces); /* guarded by list_lock: also those being made, or ended */

void uspace_init(void)
{
	uspace_cache = kmem_cache_create("uspace", sizeof(struct uspace), KMEM_PLAIN);
}

static struct uspace *uspace_alloc(void)
{
	struct uspace *us = kmem_alloc(uspace_cache);

	if (!us)
		return NULL;
	mutex_init(&us->lock, RANK_ASPACE, "address space");
	us->refs = 1;
	us->pins = 1;
	us->is_made = false;
	us->start = (struct uspace_start){0};
	numtree_init(&us->shmem);
	us->shmem_bytes = 0;
	us->as.root = 0; /* to be made by mm */
	us->as.cpus = 0;
	spin_lock(&list_lock);
	list_add_tail(&all_spaces, &us->link);
	spin_unlock(&list_lock);
	return us;
}

/* Its address space is not made, or ended. */
static void uspace_free(struct uspace *us)
{
	spin_lock(&list_lock);
	list_remove(&us->link);
	spin_unlock(&list_lock);
	kmem_free(uspace_cache, us);
}

struct uspace *uspace_next(struct uspace *us)
{
	struct list *next = us ? us->link.next : all_spaces.next;

	return next == &all_spaces ? NULL : LIST_ENTRY(next, struct uspace, link);
}

enum status uspace_create(struct uspace **out)
{
	struct uspace *us = uspace_alloc();
	enum status st;

	if (!us)
		return E_NOMEM;
	st = aspace_init(&us->as);
	if (st != OK) {
		uspace_free(us);
		return st;
	}
	us->is_made = true;
	*out = us;
	return OK;
}

enum status uspace_fork(struct uspace *from, struct uspace **out)
{
	struct uspace *us = uspace_alloc();
	enum status st;

	if (!us)
		return E_NOMEM;
	uspace_lock(from);
	st = shmem_fork(us, from);
	if (st == OK)
		st = aspace_clone(&us->as, &from->as);
	us->start = from->start;
	uspace_unlock(from);
	if (st != OK) {
		shmem_forget(us);
		uspace_free(us);
		return st;
	}
	us->is_made = true;
	*out = us;
	return OK;
}

void uspace_ref(struct uspace *us)
{
	__atomic_add_fetch(&us->refs, 1, __ATOMIC_RELAXED);
}

void uspace_put(struct uspace *us)
{
	struct aspace_dropped dropped = ASPACE_DROPPED_INIT;

	if (__atomic_sub_fetch(&us->refs, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	uspace_lock(us);
	aspace_destroy(&us->as, &dropped);
	uspace_unlock(us);
	aspace_release(&dropped);
	uspace_unpin(us);
}

void uspace_pin(struct uspace *us)
{
	__atomic_add_fetch(&us->pins, 1, __ATOMIC_RELAXED);
}

void uspace_unpin(struct uspace *us)
{
	if (__atomic_sub_fetch(&us->pins, 1, __ATOMIC_ACQ_REL) == 0)
		uspace_free(us);
}

void uspace_switch(struct uspace *us)
{
	struct thread *t = current_thread();
	uint32_t saved = irq_save(), bit = 1u << cpu_id();

	if (us)
		__atomic_or_fetch(&us->as.cpus, bit, __ATOMIC_RELAXED);
	arch_root_load(us ? us->as.root : arch_kernel_root());
	if (t->uspace && t->uspace != us)
		__atomic_and_fetch(&t->uspace->as.cpus, ~bit, __ATOMIC_RELAXED);
	t->uspace = us;
	irq_restore(saved);
}

void uspace_lock(struct uspace *us) no_lock_check
{
	mutex_lock(&us->lock);
}

void uspace_unlock(struct uspace *us) no_lock_check
{
	mutex_unlock(&us->lock);
}

void uspace_unlock_release(struct uspace *us, struct aspace_dropped *dropped) no_lock_check
{
	mutex_unlock(&us->lock);
	if (unlikely(dropped->first != NULL))
		aspace_release(dropped);
}
