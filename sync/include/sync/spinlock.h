/* Spinlocks, with the order of sync/rank.h checked in debug builds. A lock of rank >= RANK_IRQ_FIRST is taken with
   interrupts disabled (spin_lock_irq, or spin_lock where they are already); the others with interrupts as they are.
   Who waits with interrupts disabled answers shootdowns meanwhile. */
#ifndef SYNC_SPINLOCK_H
#define SYNC_SPINLOCK_H

#include <arch/compiler.h>
#include <arch/cpu.h>
#include <sync/rank.h>

struct capability("spinlock") spinlock
{
	uint32_t locked; /* (!) 0 or 1 */
#ifdef CONFIG_DEBUG
	uint16_t rank;     /* (c) enum lock_rank */
	int16_t cpu;       /* holder, -1: none; written by the holder */
	const char *name;  /* (c) */
	const char *where; /* file:line of the last acquire, written by the holder */
#endif
};

#ifdef CONFIG_DEBUG
#define SPINLOCK_INIT(rank_, name_) \
	{ \
		.locked = 0, .rank = (rank_), .cpu = -1, .name = (name_), .where = "" \
	}
#else
#define SPINLOCK_INIT(rank_, name_) \
	{ \
		.locked = 0 \
	}
#endif

void spinlock_init(struct spinlock *l, enum lock_rank rank, const char *name);
/* Wait until L was seen free; out of line, for the contended case. */
void spin_wait(struct spinlock *l);
/* Panics if this CPU holds any spinlock: what may sleep calls it.  Nothing in a release build. */
void spin_assert_none_held(const char *where);
/* Debug bookkeeping; nothing in a release build. */
void spin_check_acquire(struct spinlock *l, const char *where, bool pair);
void spin_note_acquired(struct spinlock *l, const char *where);
void spin_note_release(struct spinlock *l);

#define SPIN_STR2(x) #x
#define SPIN_STR(x) SPIN_STR2(x)
#define SPIN_HERE __FILE__ ":" SPIN_STR(__LINE__)

static always_inline void spin_acquire_at(struct spinlock *l, const char *where, bool pair) acquires(*l) no_lock_check
{
#ifdef CONFIG_DEBUG
	spin_check_acquire(l, where, pair);
#else
	(void)where;
	(void)pair;
#endif
	while (unlikely(__atomic_exchange_n(&l->locked, 1, __ATOMIC_ACQUIRE) != 0))
		spin_wait(l);
#ifdef CONFIG_DEBUG
	spin_note_acquired(l, where);
#endif
}

static always_inline void spin_unlock(struct spinlock *l) releases(*l) no_lock_check
{
#ifdef CONFIG_DEBUG
	spin_note_release(l);
#endif
	__atomic_store_n(&l->locked, 0, __ATOMIC_RELEASE);
}

static always_inline uint32_t spin_lock_irq_at(struct spinlock *l, const char *where) acquires(*l) no_lock_check
{
	uint32_t saved = irq_save();

	spin_acquire_at(l, where, false);
	return saved;
}

static always_inline void spin_unlock_irq(struct spinlock *l, uint32_t saved) releases(*l) no_lock_check
{
	spin_unlock(l);
	irq_restore(saved);
}

#define spin_lock(l) spin_acquire_at(l, SPIN_HERE, false)
/* The second of two locks of one rank, at a higher address than the first. */
#define spin_lock_second(l) spin_acquire_at(l, SPIN_HERE, true)
/* => the interrupt state for spin_unlock_irq. */
#define spin_lock_irq(l) spin_lock_irq_at(l, SPIN_HERE)

/* For assertions: always true in a release build. */
bool spin_held(const struct spinlock *l);

/* What a panic says of a spinlock that is held. */
struct spin_holding {
	const char *name, *where; /* where: file:line of the acquire */
	unsigned rank;
};
/* The I-th spinlock that this CPU holds, the outermost is number 0.  => false: it holds no more; always in a release
   build. */
bool spin_holding(unsigned i, struct spin_holding *out) must_check;

#endif
