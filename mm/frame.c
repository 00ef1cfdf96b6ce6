/* Physical pages. Three places hold free frames: a stock of some dozens per CPU, the pool's free list, and the ranges
   that nobody has touched since boot.  A request is served from the stock of its CPU, ten instructions and no shared
   cache line; the stock is refilled and emptied in batches.  The stocks have locks of their own, so that a CPU that
   runs dry can empty the others' (a stock without a lock would save two instructions and make the free count a
   guess). When all three are empty the oldest clean page of the page cache is taken; the last few frames are a
   reserve for those whose death would be worse than a delay (docs/page-fault.md).  A buddy allocator was not taken:
   nothing here asks for two frames in a row. */
#include <mm/frame.h>
#include <mm/look.h>

#include <arch/cpu.h>
#include <arch/pte.h>
#include <lib/assert.h>
#include <lib/string.h>
#include <mm/audit.h>
#include <mm/hooks.h>
#include <sync/spinlock.h>

#define STOCK_MAX 32u
#define STOCK_BATCH 16u
#define MADE_MAX 8u      /* frames of a stock that have one content */
#define EVICT_SCAN 64u   /* cached pages looked at under one hold of the pool's lock */
#define COUNT_SCAN 8192u /* frames counted between two pauses */

/* All fields: its lock. */
struct stock {
	struct spinlock lock; /* RANK_FRAME_CPU */
	uint32_t n;
	pfn_t item[STOCK_MAX];
	struct {
		uint32_t n;
		pfn_t item[MADE_MAX];
	} made[FRAME_CONTENTS];     /* kept for who would have to make that content again */
	int32_t kinds[FRAME_KINDS]; /* frames made of a kind minus frames of it that were freed, on this CPU */
	int32_t pins;               /* this CPU, no lock: references pinned here minus those unpinned here */
} aligned_to(64);

static struct stock stocks[ARCH_MAX_CPUS];

/* All fields but (c) and (!): lock. */
static struct frame_pool {
	struct spinlock lock;                     /* RANK_FRAME */
	pfn_t head;                               /* free list, through frame.next */
	uint32_t nfree;                           /* frames on it */
	struct boot_range fresh[BOOT_MAX_RANGES]; /* never touched; taken from start upwards */
	struct boot_range ram[BOOT_MAX_RANGES];   /* (c) all the frames it was given */
	uint32_t nfresh;                          /* frames in them */
	unsigned fresh_range;                     /* the first that is not empty */
	struct list cached;                       /* struct frame_cached, oldest first */
	uint32_t ncached;                         /* of them */
	const struct frame_cache_ops *cache;      /* (c) after boot */
	uint32_t reserve;                         /* (c) frames that ordinary requests leave alone */
	uint32_t total;                           /* (c) */
	pfn_t max_pfn;                            /* (c) */
	paddr_t zero_page;                        /* (c) */
} pool;

struct frame *frame_table;
struct mm_hooks mm_hooks;

/* ---- boot ---- */

/* Cut BYTES from the start of the first range that has them. => their address. */
static paddr_t cut_from_ranges(uint32_t bytes)
{
	uint32_t n = (bytes + PAGE_MASK) >> PAGE_SHIFT;

	for (unsigned i = 0; i < BOOT_MAX_RANGES; i++) {
		struct boot_range *r = &pool.fresh[i];

		if (r->end - r->start >= n) {
			r->start += n;
			return (r->start - n) << PAGE_SHIFT;
		}
	}
	panic("no room for the frame table: %u KiB", bytes / 1024);
}

void frame_init(const struct boot_info *info)
{
	uint32_t bytes = info->max_pfn * (uint32_t)sizeof(struct frame);

	pool = (struct frame_pool){.head = PFN_NONE, .max_pfn = info->max_pfn};
	spinlock_init(&pool.lock, RANK_FRAME, "frame pool");
	list_init(&pool.cached);
	for (unsigned i = 0; i < ARCH_MAX_CPUS; i++) {
		stocks[i] = (struct stock){.n = 0};
		spinlock_init(&stocks[i].lock, RANK_FRAME_CPU, "frame stock");
	}
	memcpy(pool.fresh, info->ram, info->nram * sizeof info->ram[0]);
	frame_table = arch_window(cut_from_ranges(bytes));
	memset(frame_table, 0, bytes);
	memcpy(pool.ram, pool.fresh, sizeof pool.ram);
	for (unsigned i = 0; i < info->nram; i++)
		pool.nfresh += pool.fresh[i].end - pool.fresh[i].start;
	pool.total = pool.nfresh;
	pool.reserve = pool.total / 128;
	if (pool.reserve > 256)
		pool.reserve = 256;
	if (frame_get_zeroed(FRAME_ZERO, false, &pool.zero_page) != OK)
		panic("no memory at all");
}

paddr_t frame_zero_page(void)
{
	return pool.zero_page;
}

/* ---- the pool ---- */

/* Up to N frames of the first range that is not empty, which there is. */
static void pool_take_fresh(struct stock *s, uint32_t n)
{
	struct boot_range *r = &pool.fresh[pool.fresh_range];
	uint32_t have = s->n;
	pfn_t first;

	while (r->start == r->end)
		r = &pool.fresh[++pool.fresh_range];
	if (n > r->end - r->start)
		n = r->end - r->start;
	first = r->start;
	for (uint32_t i = 0; i < n; i++)
		s->item[have + i] = first + i;
	s->n = have + n;
	r->start = first + n;
	pool.nfresh -= n;
}

/* Up to N frames of the free list, which is not empty. */
static void pool_take_listed(struct stock *s, uint32_t n)
{
	uint32_t have = s->n;
	pfn_t pfn = pool.head;

	if (n > pool.nfree)
		n = pool.nfree;
	for (uint32_t i = 0; i < n; i++) {
		s->item[have + i] = pfn;
		pfn = frame_table[pfn].next;
	}
	s->n = have + n;
	pool.head = pfn;
	pool.nfree -= n;
}

/* Move up to WANT frames to S, leaving KEEP in the pool.  S is locked. => whether S has any. */
static bool pool_refill(struct stock *s, uint32_t want, uint32_t keep)
{
	uint32_t n;

	spin_lock(&pool.lock);
	while (s->n < want && pool.nfree + pool.nfresh > keep) {
		n = pool.nfree + pool.nfresh - keep;
		if (n > want - s->n)
			n = want - s->n;
		if (pool.nfree > 0)
			pool_take_listed(s, n);
		else
			pool_take_fresh(s, n);
	}
	spin_unlock(&pool.lock);
	return s->n > 0;
}

static void pool_add(pfn_t pfn) requires_lock(pool.lock)
{
	frame_table[pfn].next = pool.head;
	pool.head = pfn;
	pool.nfree++;
}

/* Give all but KEEP frames of S, which is locked, to the pool. */
static void pool_give(struct stock *s, uint32_t keep)
{
	spin_lock(&pool.lock);
	while (s->n > keep)
		pool_add(s->item[--s->n]);
	spin_unlock(&pool.lock);
}

static void pool_give_made(struct stock *s)
{
	spin_lock(&pool.lock);
	for (unsigned c = 0; c < FRAME_CONTENTS; c++)
		while (s->made[c].n > 0)
			pool_add(s->made[c].item[--s->made[c].n]);
	spin_unlock(&pool.lock);
}

/* Empty the stocks of all CPUs into the pool. */
static void stocks_drain(void)
{
	for (unsigned i = 0; i < cpu_count(); i++) {
		spin_lock(&stocks[i].lock);
		pool_give(&stocks[i], 0);
		pool_give_made(&stocks[i]);
		spin_unlock(&stocks[i].lock);
	}
}

/* Of the N oldest pages of the cache, the first that can be had, off the list; those before it, which are dirty or in
   use, go to the young end, so that the next request does not look at them again.  NULL: none of them can. */
static struct frame_cached *pool_detach_oldest(uint32_t n) requires_lock(pool.lock)
{
	for (; n > 0 && !list_is_empty(&pool.cached); n--) {
		struct frame_cached *c = LIST_ENTRY(pool.cached.next, struct frame_cached, link);

		list_remove(&c->link);
		if (frame_refs(frame_of(c->pa)) == 1 && pool.cache->detach(c)) {
			pool.ncached--;
			return c;
		}
		list_add_tail(&pool.cached, &c->link);
	}
	return NULL;
}

/* Take the oldest page of the cache that can be had. => whether there was one. */
static bool pool_evict(void)
{
	struct frame_cached *found = NULL;

	for (uint32_t seen = 0; !found; seen += EVICT_SCAN) {
		spin_lock(&pool.lock);
		if (seen >= pool.ncached) {
			spin_unlock(&pool.lock);
			return false;
		}
		found = pool_detach_oldest(EVICT_SCAN);
		spin_unlock(&pool.lock);
	}
	frame_put(found->pa);
	pool.cache->discard(found);
	return true;
}

/* ---- requests ---- */

/* The stock of this CPU is empty. */
static bool stock_refill(struct stock *s, bool use_reserve)
{
	/* The reserve is handed out singly: what lies in a stock is anybody's. */
	return pool_refill(s, STOCK_BATCH, pool.reserve) || (use_reserve && pool_refill(s, 1, 0));
}

/* => the frame, or PFN_NONE. */
static pfn_t stock_take(enum frame_kind kind, bool use_reserve)
{
	struct stock *s = &stocks[cpu_id()];
	pfn_t pfn = PFN_NONE;

	spin_lock(&s->lock);
	if (likely(s->n > 0) || stock_refill(s, use_reserve)) {
		pfn = s->item[--s->n];
		s->kinds[kind]++;
	}
	spin_unlock(&s->lock);
	return pfn;
}

static no_inline pfn_t take_under_pressure(enum frame_kind kind, bool use_reserve)
{
	pfn_t pfn;

	use_reserve |= mm_hooks.may_use_reserve && mm_hooks.may_use_reserve();
	stocks_drain();
	do
		pfn = stock_take(kind, use_reserve);
	while (pfn == PFN_NONE && pool_evict());
	return pfn;
}

static enum mm_request request_for(enum frame_kind kind)
{
	if (kind == FRAME_SLAB)
		return MM_SLAB_PAGE;
	return kind == FRAME_KERNEL ? MM_KERNEL_FRAME : MM_FRAME;
}

/* PFN, taken off a stock, becomes a frame of KIND with one reference. */
static always_inline paddr_t frame_begin(pfn_t pfn, enum frame_kind kind)
{
	struct frame *f = &frame_table[pfn];

	DEBUG_ASSERT(f->refs == 0 && f->kind == FRAME_FREE);
	f->refs = 1;
	f->kind = (uint8_t)kind;
	return pfn << PAGE_SHIFT;
}

/* What is asked for is not refused on purpose. */
static always_inline enum status frame_take(enum frame_kind kind, bool use_reserve, paddr_t *pa)
{
	pfn_t pfn = stock_take(kind, use_reserve);

	if (unlikely(pfn == PFN_NONE)) {
		pfn = take_under_pressure(kind, use_reserve);
		if (pfn == PFN_NONE)
			return E_NOMEM;
	}
	*pa = frame_begin(pfn, kind);
	return OK;
}

enum status frame_get(enum frame_kind kind, paddr_t *pa)
{
	if (mm_request_fails(request_for(kind)))
		return E_NOMEM;
	return frame_take(kind, false, pa);
}

enum status frame_get_reserve(enum frame_kind kind, paddr_t *pa)
{
	if (mm_request_fails(request_for(kind)))
		return E_NOMEM;
	return frame_take(kind, true, pa);
}

/* => PFN_NONE: there is none. */
static pfn_t stock_take_made(enum frame_content content, enum frame_kind kind)
{
	struct stock *s = &stocks[cpu_id()];
	pfn_t pfn = PFN_NONE;

	spin_lock(&s->lock);
	if (s->made[content].n > 0) {
		pfn = s->made[content].item[--s->made[content].n];
		s->kinds[kind]++;
	}
	spin_unlock(&s->lock);
	return pfn;
}

enum status frame_get_made(enum frame_content content, enum frame_kind kind, bool use_reserve, paddr_t *pa,
                           bool *is_made)
{
	pfn_t pfn;

	if (mm_request_fails(request_for(kind)))
		return E_NOMEM;
	pfn = stock_take_made(content, kind);
	*is_made = pfn != PFN_NONE;
	if (!*is_made)
		return frame_take(kind, use_reserve, pa);
	*pa = frame_begin(pfn, kind);
	return OK;
}

enum status frame_get_zeroed(enum frame_kind kind, bool use_reserve, paddr_t *pa)
{
	bool is_made;
	enum status st = frame_get_made(FRAME_ZEROS, kind, use_reserve, pa, &is_made);

	if (likely(st == OK) && !is_made)
		arch_page_clear(arch_window(*pa));
	return st;
}

void frame_ref(paddr_t pa)
{
	struct frame *f = frame_of(pa);

	DEBUG_ASSERT(f->refs > 0);
	__atomic_add_fetch(&f->refs, 1, __ATOMIC_RELAXED);
}

/* What comes free fills the reserve first. */
static bool pool_is_low(void)
{
	return pool.nfree + pool.nfresh < pool.reserve;
}

static always_inline void frame_free(struct frame *f, pfn_t pfn)
{
	struct stock *s = &stocks[cpu_id()];
	enum frame_kind kind = f->kind;

	DEBUG_ASSERT(kind != FRAME_FREE && kind != FRAME_ZERO);
#ifdef CONFIG_DEBUG
	memset(arch_window(pfn << PAGE_SHIFT), 0xdd, PAGE_SIZE); /* who still looks at it shall notice */
#endif
	f->kind = FRAME_FREE;
	spin_lock(&s->lock);
	s->kinds[kind]--;
	s->item[s->n++] = pfn;
	if (unlikely(s->n == STOCK_MAX))
		pool_give(s, STOCK_MAX - STOCK_BATCH);
	else if (unlikely(pool_is_low()))
		pool_give(s, 0);
	spin_unlock(&s->lock);
}

void frame_put(paddr_t pa)
{
	struct frame *f = frame_of(pa);

	DEBUG_ASSERT(f->refs > 0);
	if (__atomic_sub_fetch(&f->refs, 1, __ATOMIC_ACQ_REL) == 0)
		frame_free(f, pa >> PAGE_SHIFT);
}

void frame_unpinned_last(paddr_t pa)
{
	frame_free(frame_of(pa), pa >> PAGE_SHIFT);
}

/* => whether S took it. */
static bool stock_put_made(struct stock *s, enum frame_content content, struct frame *f, pfn_t pfn)
{
	enum frame_kind kind = f->kind;
	bool room;

	spin_lock(&s->lock);
	room = s->made[content].n < MADE_MAX && !pool_is_low();
	if (room) {
		s->kinds[kind]--;
		f->kind = FRAME_FREE;
		s->made[content].item[s->made[content].n++] = pfn;
	}
	spin_unlock(&s->lock);
	return room;
}

#ifdef CONFIG_DEBUG
/* Of what both contents begin with: all of a table, the user's part of a directory. */
static bool begins_with_zeros(paddr_t pa, uint32_t bytes)
{
	const uint32_t *word = arch_window(pa);

	for (unsigned i = 0; i < bytes / sizeof *word; i++)
		if (word[i] != 0)
			return false;
	return true;
}
#endif

void frame_put_made(enum frame_content content, paddr_t pa)
{
	struct frame *f = frame_of(pa);

#ifdef CONFIG_DEBUG
	KASSERT(f->refs == 1);
	KASSERT(begins_with_zeros(pa, content == FRAME_ZEROS ? PAGE_SIZE : PT_USER_DIR_ENTRIES * sizeof(pte_t)));
#endif
	f->refs = 0;
	if (!stock_put_made(&stocks[cpu_id()], content, f, pa >> PAGE_SHIFT))
		frame_free(f, pa >> PAGE_SHIFT);
}

void frame_pin_keep(void)
{
	stocks[cpu_id()].pins++;
}

void frame_pin(paddr_t pa)
{
	frame_ref(pa);
	frame_pin_keep();
}

void frame_pin_pass(void)
{
	stocks[cpu_id()].pins--;
}

/* ---- the page cache's pages ---- */

void frame_set_cache(const struct frame_cache_ops *ops)
{
	pool.cache = ops;
}

void frame_cached_add(struct frame_cached *c)
{
	spin_lock(&pool.lock);
	list_add_tail(&pool.cached, &c->link);
	pool.ncached++;
	spin_unlock(&pool.lock);
}

void frame_cached_remove(struct frame_cached *c)
{
	spin_lock(&pool.lock);
	pool.ncached -= !list_is_empty(&c->link);
	list_remove(&c->link);
	spin_unlock(&pool.lock);
}

void frame_cached_touch(struct frame_cached *c)
{
	spin_lock(&pool.lock);
	if (!list_is_empty(&c->link)) {
		list_remove(&c->link);
		list_add_tail(&pool.cached, &c->link);
	}
	spin_unlock(&pool.lock);
}

/* ---- counters ---- */

uint32_t frame_count_reserve(void)
{
	return pool.reserve;
}

uint32_t frame_count_total(void)
{
	return pool.total;
}

static uint32_t stock_count(const struct stock *s)
{
	uint32_t n = s->n;

	for (unsigned c = 0; c < FRAME_CONTENTS; c++)
		n += s->made[c].n;
	return n;
}

uint32_t frame_count_free(void)
{
	uint32_t n = pool.nfree + pool.nfresh;

	for (unsigned i = 0; i < ARCH_MAX_CPUS; i++)
		n += stock_count(&stocks[i]);
	return n;
}

uint32_t frame_count_kind(enum frame_kind kind)
{
	int32_t n = 0;

	for (unsigned i = 0; i < ARCH_MAX_CPUS; i++)
		n += stocks[i].kinds[kind];
	return (uint32_t)n;
}

uint32_t frame_count_reclaimable(void)
{
	uint32_t n = 0;

	for (pfn_t pfn = 0; pfn < pool.max_pfn; pfn++) {
		n += frame_table[pfn].kind == FRAME_CACHE && frame_refs(&frame_table[pfn]) == 1;
		if (pfn % COUNT_SCAN == COUNT_SCAN - 1)
			mm_pause_point();
	}
	return n;
}

int32_t frame_pins(void)
{
	int32_t n = 0;

	for (unsigned i = 0; i < ARCH_MAX_CPUS; i++)
		n += stocks[i].pins;
	return n;
}

/* ---- looking (mm/look.h) ---- */

pfn_t frame_limit(void)
{
	return pool.max_pfn;
}

static bool pool_has(pfn_t pfn)
{
	for (unsigned i = 0; i < BOOT_MAX_RANGES; i++)
		if (pfn - pool.ram[i].start < pool.ram[i].end - pool.ram[i].start)
			return true;
	return false;
}

void frame_look(pfn_t pfn, struct frame_look *out)
{
	const struct frame *f = &frame_table[pfn];
	uint32_t refs = frame_refs(f);

	*out = (struct frame_look){.pooled = pool_has(pfn), .kind = (enum frame_kind)f->kind};
	switch (out->kind) {
	case FRAME_ANON:
	case FRAME_TABLE: out->maps = refs; break;
	case FRAME_SHARED:
	case FRAME_CACHE:
		out->maps = refs > 0 ? refs - 1 : 0; /* the object's own, the cache's own */
		out->dirty = out->kind == FRAME_CACHE && f->dirty;
		break;
	case FRAME_FREE:
	case FRAME_SLAB:
	case FRAME_KERNEL:
	case FRAME_ZERO:
	case FRAME_KINDS: break;
	}
}

/* ---- for tests ---- */

void frame_cache_drop(void)
{
	while (pool_evict())
		mm_pause_point();
}

static uint32_t requests_left; /* that still succeed */

static bool fail_when_none_are_left(enum mm_request what)
{
	if (what == MM_OBJECT)
		return false;
	if (requests_left == 0)
		return true;
	requests_left--;
	return false;
}

void frame_fail_after(uint32_t n)
{
	requests_left = n;
	mm_hooks.request_fails = n == UINT32_MAX ? NULL : fail_when_none_are_left;
}

/* ---- audit ---- */

static const char *const kind_names[] = {
	[FRAME_FREE] = "free",   [FRAME_ANON] = "anon",     [FRAME_TABLE] = "table", [FRAME_SLAB] = "slab",
	[FRAME_CACHE] = "cache", [FRAME_KERNEL] = "kernel", [FRAME_ZERO] = "zero",   [FRAME_SHARED] = "shared",
};

const char *frame_kind_name(unsigned kind)
{
	return kind < ARRAY_SIZE(kind_names) ? kind_names[kind] : "?";
}

/* PFN was found on WHERE, where only free frames are. => whether the search may go on from it. */
static bool audit_free(pfn_t pfn, const char *where, struct audit *r)
{
	struct frame *f = &frame_table[pfn];

	if (pfn >= pool.max_pfn) {
		audit_say(r, "%s: there is no frame %u", where, pfn);
		return false;
	}
	if (f->mark) {
		audit_say(r, "%s: frame %u is there twice, or on another list", where, pfn);
		return false;
	}
	f->mark = 1;
	if (f->kind != FRAME_FREE || f->refs != 0)
		audit_say(r, "%s: frame %u is of kind %s and has %u references", where, pfn, frame_kind_name(f->kind),
		          f->refs);
	return true;
}

static uint32_t audit_ranges(struct audit *r)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < BOOT_MAX_RANGES; i++)
		for (pfn_t pfn = pool.fresh[i].start; pfn < pool.fresh[i].end; pfn++, n++)
			if (!audit_free(pfn, "untouched frames", r))
				return n;
	if (n != pool.nfresh)
		audit_say(r, "%u frames are untouched, counted %u", n, pool.nfresh);
	return n;
}

static uint32_t audit_free_list(struct audit *r)
{
	uint32_t n = 0;

	for (pfn_t pfn = pool.head; n < pool.nfree; pfn = frame_table[pfn].next, n++)
		if (!audit_free(pfn, "free list", r))
			return n;
	return n;
}

/* => how many of the N frames of ITEM are free. */
static uint32_t audit_items(const pfn_t *item, uint32_t n, uint32_t most, struct audit *r)
{
	uint32_t k = 0;

	while (k < n && k < most && audit_free(item[k], "stock", r))
		k++;
	return k;
}

static uint32_t audit_stocks(struct audit *r)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < ARCH_MAX_CPUS; i++) {
		n += audit_items(stocks[i].item, stocks[i].n, STOCK_MAX, r);
		for (unsigned c = 0; c < FRAME_CONTENTS; c++)
			n += audit_items(stocks[i].made[c].item, stocks[i].made[c].n, MADE_MAX, r);
	}
	return n;
}

/* The frames of one range: those that are free were found on a list, and have their mark taken off. */
static void audit_range(const struct boot_range *range, uint32_t seen[FRAME_KINDS], struct audit *r)
{
	for (pfn_t pfn = range->start; pfn < range->end; pfn++) {
		struct frame *f = &frame_table[pfn];

		if (f->kind >= FRAME_KINDS)
			audit_say(r, "frame %u is of no kind (%u)", pfn, f->kind);
		else
			seen[f->kind]++;
		if (f->kind == FRAME_FREE && !f->mark)
			audit_say(r, "frame %u is free, with %u references, and on no list", pfn, f->refs);
		else if (f->kind != FRAME_FREE && f->refs == 0)
			audit_say(r, "frame %u of kind %s has no references and is not free", pfn,
			          frame_kind_name(f->kind));
		f->mark = 0;
	}
}

static void audit_cached(struct audit *r)
{
	const struct list *prev = &pool.cached;
	uint32_t n = 0;

	for (const struct list *it = pool.cached.next; it != &pool.cached && n <= pool.ncached; it = it->next, n++) {
		const struct frame_cached *c = container_of(it, const struct frame_cached, link);

		if (it->prev != prev || frame_of(c->pa)->kind != FRAME_CACHE) {
			audit_say(r, "the list of cached pages is broken after %u of %u", n, pool.ncached);
			return;
		}
		prev = it;
	}
	if (n != pool.ncached)
		audit_say(r, "%u cached pages are on the list, counted %u", n, pool.ncached);
}

bool frame_audit(struct audit *r)
{
	uint32_t seen[FRAME_KINDS] = {0}, nfree;

	nfree = audit_ranges(r) + audit_free_list(r) + audit_stocks(r);
	for (unsigned i = 0; i < BOOT_MAX_RANGES; i++)
		audit_range(&pool.ram[i], seen, r);
	if (nfree != seen[FRAME_FREE])
		audit_say(r, "%u frames are free, on lists are %u", seen[FRAME_FREE], nfree);
	for (unsigned k = FRAME_FREE + 1; k < FRAME_KINDS; k++)
		if (seen[k] != frame_count_kind(k))
			audit_say(r, "%u frames are of kind %s, counted %u", seen[k], frame_kind_name(k),
			          frame_count_kind(k));
	audit_cached(r);
	return audit_is_clean(r);
}
