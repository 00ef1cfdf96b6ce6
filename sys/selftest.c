/* Crashes and missing memory on demand, and the audit (sys/audit.c), for tests.  The call does not exist (ENOSYS)
   unless the kernel's command line has the word `selftest`, so that no program can bring down a machine that was not
   started for it. */
#include <arch/boot.h>
#include <fs/fs.h>
#include <kern/inject.h>
#include <kern/log.h>
#include <kern/proc.h>
#include <lib/assert.h>
#include <mm/frame.h>
#include <mm/kmalloc.h>

#include "sys_priv.h"

/* What a program may ask for; tests/system/selftest.h has the same list. */
enum selftest {
	SELFTEST_PANIC = 1,
	SELFTEST_STACK_OVERFLOW = 2,
	SELFTEST_WILD_READ = 3,
	SELFTEST_LOCK_ORDER = 4,
	SELFTEST_WRITE_TEXT = 5,
	SELFTEST_AUDIT = 6,         /* the first one that returns: 0, or EUCLEAN with the reason in the log */
	SELFTEST_DAMAGE = 7,        /* arguments: enum damage, address, by how much; 0 or a negated errno */
	SELFTEST_FAIL_ALLOC = 10,   /* the K-th request for memory fails, and all after it if so asked; => those
	                              since the last such call */
	SELFTEST_DROP_CACHES = 11,  /* what is cached of files and disks is forgotten, and stocks are emptied */
	SELFTEST_ENDED_ALLOCS = 12, /* => requests for memory of the last thread that ended while they were counted */
	SELFTEST_KMALLOC = 20,      /* argument: enum kmalloc_mistake */
};

static bool enabled; /* (c) after boot */

void selftest_enable(void)
{
	enabled = true;
}

/* Recursion that the compiler cannot turn into a loop: what is returned depends on a frame below. */
static no_inline uint32_t overflow_stack(uint32_t depth)
{
	volatile uint32_t frame[64];

	frame[depth % 64] = depth;
	return depth == UINT32_MAX ? 0 : overflow_stack(depth + 1) + frame[(depth + 1) % 64];
}

static no_inline void lock_out_of_order(void) no_lock_check
{
	static struct spinlock inner = SPINLOCK_INIT(RANK_CACHE, "inner"), outer = SPINLOCK_INIT(RANK_PROC, "outer");

	spin_lock(&inner);
	spin_lock(&outer);
	spin_unlock(&outer);
	spin_unlock(&inner);
}

enum kmalloc_mistake {
	MISTAKE_SIZE,
	MISTAKE_DOUBLE_FREE,
	MISTAKE_FREE_INSIDE,
	MISTAKE_FREE_OF_STACK,
	MISTAKE_FREE_OF_FREE_PAGE,
	MISTAKE_WRITE_AFTER_FREE,
	MISTAKE_WRITE_BEYOND_END,
};

/* With names of their own, for the panic to tell. */
static no_inline uint8_t *mistaken_alloc(size_t size)
{
	uint8_t *volatile p = kmalloc(size);

	return p;
}

static no_inline void mistaken_free(volatile void *p)
{
	kfree((void *)p);
	__atomic_signal_fence(__ATOMIC_SEQ_CST); /* no tail call */
}

static no_inline void mistaken_second_free(volatile void *p)
{
	kfree((void *)p);
	__atomic_signal_fence(__ATOMIC_SEQ_CST); /* no tail call */
}

/* Most of them only a debug kernel finds; it never returns then. */
static int32_t make_kmalloc_mistake(enum kmalloc_mistake what)
{
	size_t size = what == MISTAKE_SIZE ? KMALLOC_MAX + 1 : what == MISTAKE_FREE_OF_FREE_PAGE ? KMALLOC_MAX : 100;
	volatile uint8_t *p = mistaken_alloc(size), on_stack[16];

	if (!p)
		return E_NOMEM;
	switch (what) {
	case MISTAKE_SIZE: break;
	case MISTAKE_DOUBLE_FREE:
		mistaken_free(p);
		mistaken_second_free(p);
		break;
	case MISTAKE_FREE_INSIDE: mistaken_free(p + 16); break;
	case MISTAKE_FREE_OF_STACK: mistaken_free(on_stack); break;
	case MISTAKE_FREE_OF_FREE_PAGE:
		mistaken_free(p);
		kmalloc_trim();
		mistaken_second_free(p);
		break;
	case MISTAKE_WRITE_AFTER_FREE:
		mistaken_free(p);
		p[7] = 0;
		kmalloc_trim();
		break;
	case MISTAKE_WRITE_BEYOND_END:
		p[100] = 0;
		mistaken_free(p);
		break;
	}
	return E_INVAL;
}

static int32_t drop_caches(void)
{
	enum status st = fs_sync_all();

	(void)memory_available();
	frame_cache_drop();
	return st;
}

int32_t sys_selftest(const struct syscall_args *a)
{
	if (!enabled)
		return E_NOSYS;
	switch ((enum selftest)a->v[0]) {
	case SELFTEST_PANIC: panic("selftest");
	case SELFTEST_STACK_OVERFLOW: return (int32_t)overflow_stack(0);
	case SELFTEST_WILD_READ: return *(volatile int32_t *)0xf7000000;
	case SELFTEST_LOCK_ORDER: lock_out_of_order(); return OK;
	case SELFTEST_WRITE_TEXT: *(volatile char *)kernel_text_start = 0; return OK;
	case SELFTEST_AUDIT: return selftest_audit();
	case SELFTEST_DAMAGE: return selftest_damage(a->v[1], a->v[2], (int32_t)a->v[3]);
	case SELFTEST_FAIL_ALLOC: return (int32_t)inject_failure(a->v[1], a->v[2]);
	case SELFTEST_ENDED_ALLOCS: return (int32_t)inject_requests_of_ended();
	case SELFTEST_DROP_CACHES: return drop_caches();
	case SELFTEST_KMALLOC: return make_kmalloc_mistake((enum kmalloc_mistake)a->v[1]);
	default: return E_INVAL;
	}
}
