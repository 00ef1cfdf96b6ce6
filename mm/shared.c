/* Shared anonymous memory (mm/shared.h).
   The pages hang in a tree of one level or two, whose nodes are frames of places for 1,024 frames; a GiB that nobody
   touches has none, and one page alone needs none.  The tables of processes were not taken for it: each has its own,
   and what one fills another must find.  A page that is there once stays until the object goes; so a node or a page
   that is found needs the lock only for the moment of looking. */
#include <mm/shared.h>

#include <arch/mmu.h>
#include <lib/assert.h>
#include <mm/commit.h>
#include <mm/frame.h>
#include <mm/hooks.h>
#include <mm/kmalloc.h>

#define NODE_PLACES (PAGE_SIZE / sizeof(paddr_t))

struct shared {
	struct mem_object object;
	uint32_t refs;        /* (!) */
	uint32_t pages;       /* (c) */
	struct spinlock lock; /* RANK_SHARED: the tree */
	uint32_t present;     /* lock; pages that are there */
	paddr_t root;         /* lock; with one level: the node of the pages; with none: the page; 0: not there */
	struct list link;     /* all_lock */
};

static struct kmem_cache *shared_cache;
static struct spinlock all_lock = SPINLOCK_INIT(RANK_SHARED, "shared objects");
static struct list all_shared = LIST_INIT(all_shared); /* all_lock */

static struct shared *shared_of(struct mem_object *o)
{
	return container_of(o, struct shared, object);
}

/* Nodes of pages, below a root of their own if there are several. */
static uint32_t leaves_of(const struct shared *s)
{
	return s->pages == 1 ? 0 : (s->pages - 1) / NODE_PLACES + 1;
}

static uint32_t commitment(const struct shared *s)
{
	return s->pages + leaves_of(s) + (leaves_of(s) > 1);
}

/* ---- the tree; S is locked ---- */

/* The place of page INDEX, or the place above it where a node is missing. *IS_PAGE: which. */
static paddr_t *place_of(struct shared *s, uint32_t index, bool *is_page)
{
	paddr_t *place = &s->root;

	*is_page = leaves_of(s) == 0;
	if (*place && leaves_of(s) > 1)
		place = (paddr_t *)arch_window(*place) + index / NODE_PLACES;
	if (*place && leaves_of(s) > 0) {
		place = (paddr_t *)arch_window(*place) + index % NODE_PLACES;
		*is_page = true;
	}
	return place;
}

/* Page INDEX with a new reference; where it or a node above it is missing, FRAME is put, and becomes 0.
   => false: FRAME was not enough. */
static bool page_reach(struct shared *s, uint32_t index, paddr_t *frame, paddr_t *pa)
{
	bool is_page = false;
	paddr_t *place;

	while (!is_page) {
		place = place_of(s, index, &is_page);
		if (!*place && !*frame)
			return false;
		if (!*place) {
			*place = *frame;
			*frame = 0;
			s->present += is_page;
		}
	}
	frame_ref(*place);
	*pa = *place;
	return true;
}

/* ---- as the object of mappings ---- */

static bool shared_find_page(struct mem_object *o, uint32_t index, bool write, paddr_t *pa)
{
	struct shared *s = shared_of(o);
	paddr_t none = 0;
	bool found;

	(void)write;
	if (index >= s->pages)
		return false;
	spin_lock(&s->lock);
	found = page_reach(s, index, &none, pa);
	spin_unlock(&s->lock);
	return found;
}

static bool shared_make_page(struct mem_object *o, uint32_t index, paddr_t *pa)
{
	struct shared *s = shared_of(o);
	paddr_t frame = 0;
	bool done = false;

	if (index >= s->pages)
		return false;
	do {
		if (!frame && frame_get_zeroed(FRAME_SHARED, false, &frame) != OK)
			return false;
		spin_lock(&s->lock);
		done = page_reach(s, index, &frame, pa);
		spin_unlock(&s->lock);
	} while (!done);
	if (frame)
		frame_put(frame); /* somebody was first */
	return true;
}

/* Asked when there is no memory: with what the current thread may have of the reserve. */
static enum status shared_get_page(struct mem_object *o, uint32_t index, bool write, paddr_t *pa)
{
	(void)write;
	if (index >= shared_of(o)->pages)
		return E_SIGBUS;
	if (!shared_make_page(o, index, pa))
		return E_NOMEM;
	frame_pin_keep();
	return OK;
}

static void shared_get(struct mem_object *o)
{
	__atomic_add_fetch(&shared_of(o)->refs, 1, __ATOMIC_RELAXED);
}

/* The node at *AT, and what its places hold.  Whatever is still in the tree at a pause has its reference. */
static void node_free(paddr_t *at)
{
	const paddr_t *place = arch_window(*at);

	for (unsigned i = 0; i < NODE_PLACES; i++)
		if (place[i])
			frame_put(place[i]);
	frame_put(*at);
	*at = 0;
	mm_pause_point();
}

static void tree_free(struct shared *s)
{
	if (!s->root)
		return;
	if (leaves_of(s) == 0) {
		frame_put(s->root);
		return;
	}
	if (leaves_of(s) > 1) {
		paddr_t *leaf = arch_window(s->root);

		for (unsigned i = 0; i < NODE_PLACES; i++)
			if (leaf[i])
				node_free(&leaf[i]);
	}
	node_free(&s->root);
}

static void shared_put(struct mem_object *o)
{
	struct shared *s = shared_of(o);

	if (__atomic_sub_fetch(&s->refs, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	DEBUG_ASSERT(list_is_empty(&o->maps));
	tree_free(s);
	spin_lock(&all_lock);
	list_remove(&s->link);
	commit_give(commitment(s));
	spin_unlock(&all_lock);
	kmem_free(shared_cache, s);
}

static const struct mem_object_ops shared_ops = {
	.find_page = shared_find_page,
	.get_page = shared_get_page,
	.make_page = shared_make_page,
	.get = shared_get,
	.put = shared_put,
};

bool object_is_shared(const struct mem_object *o)
{
	return o->ops == &shared_ops;
}

uint32_t shared_present(struct mem_object *o)
{
	return __atomic_load_n(&shared_of(o)->present, __ATOMIC_RELAXED);
}

/* ---- making ---- */

enum status shared_create(uint32_t pages, struct mem_object **out)
{
	struct shared *s = kmem_alloc(shared_cache);

	if (!s)
		return E_NOMEM;
	mem_object_init(&s->object, &shared_ops);
	spinlock_init(&s->lock, RANK_SHARED, "shared memory");
	s->refs = 1;
	s->pages = pages;
	s->present = 0;
	s->root = 0;
	if (!commit_take(commitment(s))) {
		kmem_free(shared_cache, s);
		return E_NOMEM;
	}
	spin_lock(&all_lock);
	list_add_tail(&all_shared, &s->link);
	spin_unlock(&all_lock);
	*out = &s->object;
	return OK;
}

void shared_init(void)
{
	shared_cache = kmem_cache_create("shared", sizeof(struct shared), KMEM_PLAIN);
}

/* ---- for the audit ---- */

static void count_node(paddr_t node, uint32_t by)
{
	const paddr_t *place = arch_window(node);

	for (unsigned i = 0; i < NODE_PLACES; i++)
		if (place[i])
			frame_of(place[i])->refs += by;
}

static void count_tree(const struct shared *s, uint32_t by)
{
	const paddr_t *leaf = arch_window(s->root);

	frame_of(s->root)->refs += by;
	if (leaves_of(s) == 0)
		return;
	count_node(s->root, by);
	for (unsigned i = 0; i < NODE_PLACES && leaves_of(s) > 1; i++)
		if (leaf[i])
			count_node(leaf[i], by);
}

void shared_count_references(uint32_t by)
{
	const struct shared *s;

	list_foreach_entry(s, &all_shared, link)
		if (s->root)
			count_tree(s, by);
}

uint32_t shared_committed(void)
{
	const struct shared *s;
	uint32_t n = 0;

	list_foreach_entry(s, &all_shared, link)
		n += commitment(s);
	return n;
}
