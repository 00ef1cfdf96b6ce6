/* Spinlocks: the contended path, and the order check of debug builds. One word, test and set: with at most eight CPUs
   and short sections a queue lock would cost every uncontended acquire more than it saves.  The check keeps, per CPU,
   the stack of locks held; it needs no lock because interrupt handlers take only ranks from RANK_IRQ_FIRST on, which
   nobody holds with interrupts enabled, so a handler finds the stack at rest. */
#include <sync/spinlock.h>

#include <lib/assert.h>

void spinlock_init(struct spinlock *l, enum lock_rank rank, const char *name)
{
	*l = (struct spinlock)SPINLOCK_INIT((uint16_t)rank, name);
	(void)rank;
	(void)name;
}

void spin_wait(struct spinlock *l)
{
	while (__atomic_load_n(&l->locked, __ATOMIC_RELAXED)) {
		if (!irq_enabled())
			arch_spin_poll();
		cpu_relax();
	}
}

#ifdef CONFIG_DEBUG

#define HELD_MAX 16

static struct held {
	struct spinlock *lock[HELD_MAX];
	unsigned n;
} held_by[ARCH_MAX_CPUS]; /* each written by its own CPU */

void spin_check_acquire(struct spinlock *l, const char *where, bool pair)
{
	const struct held *h = &held_by[cpu_id()];
	const struct spinlock *last = h->n > 0 ? h->lock[h->n - 1] : NULL;

	if (l->rank >= RANK_IRQ_FIRST && irq_enabled())
		panic("%s: %s taken with interrupts enabled", where, l->name);
	if (l->cpu == (int16_t)cpu_id())
		panic("%s: %s taken twice, first at %s", where, l->name, l->where);
	if (!last || last->rank < l->rank)
		return;
	if (!pair || last->rank != l->rank || last >= l)
		panic("%s: %s (rank %u) taken while %s (rank %u, %s) is held", where, l->name, l->rank, last->name,
		      last->rank, last->where);
}

void spin_note_acquired(struct spinlock *l, const char *where)
{
	uint32_t saved = irq_save();
	struct held *h = &held_by[cpu_id()];

	if (h->n == HELD_MAX)
		panic("%s: more than %u spinlocks held", where, HELD_MAX);
	l->cpu = (int16_t)cpu_id();
	l->where = where;
	h->lock[h->n++] = l;
	irq_restore(saved);
}

/* Locks may be released in any order. */
void spin_note_release(struct spinlock *l)
{
	uint32_t saved = irq_save();
	struct held *h = &held_by[cpu_id()];
	unsigned i = h->n;

	while (i > 0 && h->lock[i - 1] != l)
		i--;
	if (i == 0)
		panic("%s released by a CPU that does not hold it", l->name);
	for (; i < h->n; i++)
		h->lock[i - 1] = h->lock[i];
	h->n--;
	l->cpu = -1;
	irq_restore(saved);
}

void spin_assert_none_held(const char *where)
{
	const struct held *h = &held_by[cpu_id()];

	if (h->n > 0)
		panic("%s: may sleep, but %s (%s) is held", where, h->lock[h->n - 1]->name, h->lock[h->n - 1]->where);
}

bool spin_held(const struct spinlock *l)
{
	return l->cpu == (int16_t)cpu_id();
}

bool spin_holding(unsigned i, struct spin_holding *out)
{
	const struct held *h = &held_by[cpu_id()];

	if (i >= h->n)
		return false;
	*out = (struct spin_holding){h->lock[i]->name, h->lock[i]->where, h->lock[i]->rank};
	return true;
}

#else

void spin_assert_none_held(const char *where)
{
	(void)where;
}

bool spin_held(const struct spinlock *l)
{
	(void)l;
	return true;
}

bool spin_holding(unsigned i, struct spin_holding *out)
{
	(void)i;
	(void)out;
	return false;
}

#endif
