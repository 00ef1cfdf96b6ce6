/* One-shot timers: a balanced tree by deadline, looked at by every tick of the boot CPU.  A timer wheel was not taken:
   it is faster for thousands of timeouts that are cancelled before they fire, and needs its slots swept in every tick;
   here there is at most one for each sleeping thread.
   What fires is taken from the tree first and called without the lock, so it may take any lock and start timeouts.
   timeout_cancel waits for a function that runs at the moment: afterwards its caller may free what it works on. */
#include <kern/timeout.h>

#include <arch/cpu.h>
#include <lib/assert.h>
#include <sync/spinlock.h>

static struct {
	struct spinlock lock;
	struct rb_root tree;     /* guarded by lock: pending ones by deadline, equal ones in the order of their start */
	struct rb_node *first;   /* guarded by lock: leftmost; NULL: none */
	struct timeout *running; /* guarded by lock: its function is being called */
} timeouts = {.lock = SPINLOCK_INIT(RANK_TIMEOUT, "timeouts")};

static struct timeout *timeout_of(struct rb_node *n)
{
	return RB_ENTRY(n, struct timeout, node);
}

void timeout_init(struct timeout *t, void (*fn)(void *arg), void *arg)
{
	t->fn = fn;
	t->arg = arg;
	t->pending = false;
}

void timeout_start(struct timeout *t, uint64_t deadline)
{
	uint32_t saved = spin_lock_irq(&timeouts.lock);
	struct rb_node **link = &timeouts.tree.node, *parent = NULL;
	bool leftmost = true;

	KASSERT(!t->pending);
	t->deadline = deadline;
	t->pending = true;
	while (*link) {
		parent = *link;
		if (deadline < timeout_of(parent)->deadline) {
			link = &parent->left;
		} else {
			link = &parent->right;
			leftmost = false;
		}
	}
	rb_insert(&timeouts.tree, parent, link, &t->node);
	if (leftmost)
		timeouts.first = &t->node;
	spin_unlock_irq(&timeouts.lock, saved);
}

static void take_out(struct timeout *t) requires_lock(timeouts.lock)
{
	if (timeouts.first == &t->node)
		timeouts.first = rb_next(&t->node);
	rb_remove(&timeouts.tree, &t->node);
	t->pending = false;
}

bool timeout_cancel(struct timeout *t)
{
	uint32_t saved = spin_lock_irq(&timeouts.lock);
	bool was_pending = t->pending;

	if (was_pending)
		take_out(t);
	while (timeouts.running == t) {
		spin_unlock_irq(&timeouts.lock, saved);
		if (!irq_enabled())
			arch_spin_poll();
		cpu_relax();
		saved = spin_lock_irq(&timeouts.lock);
	}
	spin_unlock_irq(&timeouts.lock, saved);
	return was_pending;
}

/* In the tick of the boot CPU, interrupts disabled, so one at a time. */
void timeout_tick(void)
{
	uint64_t now = arch_time_ns();
	uint32_t saved = spin_lock_irq(&timeouts.lock);

	while (timeouts.first && timeout_of(timeouts.first)->deadline <= now) {
		struct timeout *t = timeout_of(timeouts.first);
		void (*fn)(void *) = t->fn;
		void *arg = t->arg;

		take_out(t);
		timeouts.running = t;
		spin_unlock(&timeouts.lock);
		fn(arg);
		spin_lock(&timeouts.lock);
		timeouts.running = NULL;
	}
	spin_unlock_irq(&timeouts.lock, saved);
}
