/* Regions of one address space (mm/vma.h): a red-black tree for search, a list for neighbours. A node's own gap is
   the free range between the region before it and itself, so it changes when a neighbour comes, goes or moves;
   whoever changes the list brings the summaries of the next region up to date: one of them later (stale), when the
   next search for a gap comes, or another one is out of date.  The heap's end moves often, a region comes and goes
   again, and the gap is what it was.  Meanwhile the summaries are right for the gaps that are noted. */
#include <mm/vma.h>

#include <lib/assert.h>

static struct vma *of_node(const struct rb_node *n)
{
	return n ? RB_ENTRY(n, struct vma, node) : NULL;
}

/* Bytes free directly below V. */
static uint32_t own_gap(const struct vma_set *s, const struct vma *v)
{
	const struct vma *prev = vma_prev(s, v);

	return v->start - (prev ? prev->end : 0);
}

/* The largest gap of the subtree of V, from what its children say. */
static uint32_t largest_gap_below(const struct vma *v)
{
	const struct vma *left = of_node(v->node.left), *right = of_node(v->node.right);
	uint32_t largest = v->gap;

	if (left && left->largest_gap > largest)
		largest = left->largest_gap;
	if (right && right->largest_gap > largest)
		largest = right->largest_gap;
	return largest;
}

static bool update_largest_gap(struct rb_node *n)
{
	struct vma *v = of_node(n);
	uint32_t largest = largest_gap_below(v);

	if (v->largest_gap == largest)
		return false;
	v->largest_gap = largest;
	return true;
}

/* Which of them are, the address space knows: those that are kept for what comes next. */
static bool vma_may_be_empty(const struct vma *v)
{
	return v->kind == VMA_HEAP || (v->kind == VMA_ANON && !v->object);
}

static void refresh_gap(struct vma_set *s, struct vma *v)
{
	if (!v)
		return;
	v->gap = own_gap(s, v);
	rb_update_path(&s->tree, &v->node);
}

/* The gap of V (which may be NULL) changes; what its ancestors know of it may wait. */
static void refresh_gap_later(struct vma_set *s, struct vma *v)
{
	if (s->stale == v || !v)
		return;
	refresh_gap(s, s->stale);
	s->stale = v;
}

static void refresh_stale(struct vma_set *s)
{
	struct vma *v = s->stale;

	s->stale = NULL;
	refresh_gap(s, v);
}

void vma_set_init(struct vma_set *s)
{
	*s = (struct vma_set){.tree = {.node = NULL, .update = update_largest_gap}};
	list_init(&s->order);
}

struct vma *vma_first(const struct vma_set *s)
{
	return LIST_FIRST_ENTRY(&s->order, struct vma, link);
}

struct vma *vma_last(const struct vma_set *s)
{
	return list_is_empty(&s->order) ? NULL : LIST_ENTRY(s->order.prev, struct vma, link);
}

struct vma *vma_next(const struct vma_set *s, const struct vma *v)
{
	return v->link.next == &s->order ? NULL : LIST_ENTRY(v->link.next, struct vma, link);
}

struct vma *vma_prev(const struct vma_set *s, const struct vma *v)
{
	return v->link.prev == &s->order ? NULL : LIST_ENTRY(v->link.prev, struct vma, link);
}

static bool contains(const struct vma *v, vaddr_t va)
{
	return v && va >= v->start && va < v->end;
}

/* vma_find_above, by the tree. */
static no_inline struct vma *search_above(const struct vma_set *s, vaddr_t va)
{
	struct vma *best = NULL;

	for (struct rb_node *n = s->tree.node; n;) {
		struct vma *v = of_node(n);

		if (va < v->end) {
			best = v;
			if (va >= v->start)
				break;
			n = n->left;
		} else {
			n = n->right;
		}
	}
	return best;
}

struct vma *vma_find_above(const struct vma_set *s, vaddr_t va)
{
	return contains(s->last_found, va) ? s->last_found : search_above(s, va);
}

struct vma *vma_find(struct vma_set *s, vaddr_t va)
{
	struct vma *v = s->last_found;

	if (likely(contains(v, va)))
		return v;
	v = search_above(s, va);
	if (!v || va < v->start)
		return NULL;
	s->last_found = v;
	return v;
}

void vma_insert(struct vma_set *s, struct vma *v)
{
	struct rb_node *parent = NULL, **link = &s->tree.node;
	struct vma *next = NULL;

	while (*link) {
		struct vma *p = of_node(*link);

		parent = *link;
		if (v->start < p->start) {
			next = p;
			link = &parent->left;
		} else {
			link = &parent->right;
		}
	}
	DEBUG_ASSERT(v->start < v->end && (!next || v->end <= next->start));
	list_insert_before(next ? &next->link : &s->order, &v->link);
	DEBUG_ASSERT(!vma_prev(s, v) || vma_prev(s, v)->end <= v->start);
	v->gap = own_gap(s, v);
	v->largest_gap = v->gap;
	rb_insert(&s->tree, parent, link, &v->node);
	refresh_gap_later(s, next);
	s->count++;
}

void vma_remove(struct vma_set *s, struct vma *v)
{
	struct vma *next = vma_next(s, v);

	if (s->stale == v)
		s->stale = NULL;
	rb_remove(&s->tree, &v->node);
	list_remove(&v->link);
	refresh_gap_later(s, next);
	if (s->last_found == v)
		s->last_found = NULL;
	s->count--;
}

void vma_move_start(struct vma_set *s, struct vma *v, vaddr_t start)
{
	DEBUG_ASSERT(start < v->end || (start == v->end && vma_may_be_empty(v)));
	DEBUG_ASSERT(!vma_prev(s, v) || vma_prev(s, v)->end <= start);
	v->start = start;
	refresh_gap_later(s, v);
}

void vma_resize(struct vma_set *s, struct vma *v, vaddr_t start, vaddr_t end)
{
	DEBUG_ASSERT(start < end || (start == end && vma_may_be_empty(v)));
	DEBUG_ASSERT(!vma_prev(s, v) || vma_prev(s, v)->end <= start);
	DEBUG_ASSERT(!vma_next(s, v) || vma_next(s, v)->start >= end);
	if (v->start != start) {
		v->start = start;
		refresh_gap_later(s, v);
	}
	if (v->end != end) {
		v->end = end;
		refresh_gap_later(s, vma_next(s, v));
	}
}

void vma_split(struct vma_set *s, struct vma *v, vaddr_t at, struct vma *upper)
{
	DEBUG_ASSERT(v->start < at && at < v->end && page_aligned(at));
	*upper = *v;
	upper->start = at;
	list_init(&upper->object_link);
	if (upper->object)
		upper->object_page += (at - v->start) >> PAGE_SHIFT;
	vma_resize(s, v, v->start, at);
	vma_insert(s, upper);
}

/* The part of V's gap that lies in [LOW, HIGH), if it has SIZE bytes. => where they may start, 0: it has not. */
static vaddr_t fit_in_gap(const struct vma *v, uint32_t size, vaddr_t low, vaddr_t high)
{
	vaddr_t from = v->start - v->gap, to = v->start;

	if (from < low)
		from = low;
	if (to > high)
		to = high;
	return to > from && to - from >= size ? to - size : 0;
}

/* Does a gap below N have SIZE bytes? */
static bool has_gap(const struct rb_node *n, uint32_t size)
{
	return n && of_node(n)->largest_gap >= size;
}

/* Highest first.  A subtree is entered only if one of its gaps is large enough; only those that LOW or HIGH cuts can
   disappoint, and those lie on two paths. */
static vaddr_t find_gap_below(const struct rb_node *n, uint32_t size, vaddr_t low, vaddr_t high)
{
	while (has_gap(n, size)) {
		const struct vma *v = of_node(n);
		vaddr_t at = 0;

		if (has_gap(n->right, size) && v->end < high)
			at = find_gap_below(n->right, size, low, high);
		if (!at && v->gap >= size)
			at = fit_in_gap(v, size, low, high);
		if (at || v->start <= low)
			return at;
		n = n->left;
	}
	return 0;
}

vaddr_t vma_find_gap(struct vma_set *s, uint32_t size, vaddr_t low, vaddr_t high)
{
	const struct vma *last = vma_last(s);
	vaddr_t from = low;

	refresh_stale(s);
	if (last && last->end > from)
		from = last->end;
	if (high > from && high - from >= size)
		return high - size;
	return find_gap_below(s->tree.node, size, low, high);
}

bool vma_set_valid(struct vma_set *s)
{
	struct rb_root tree; /* without the callback, which would put right what it finds */
	const struct rb_node *n;
	const struct vma *prev = NULL;
	uint32_t count = 0;

	refresh_stale(s);
	tree = (struct rb_root){.node = s->tree.node};
	n = rb_first(&tree);
	if (!rb_valid(&tree))
		return false;
	list_foreach(it, &s->order) {
		const struct vma *v = LIST_ENTRY(it, struct vma, link);

		bool empty = vma_may_be_empty(v) && v->start == v->end;

		if (of_node(n) != v || (v->start >= v->end && !empty) || !page_aligned(v->start) ||
		    !page_aligned(v->end))
			return false;
		if (v->gap != v->start - (prev ? prev->end : 0) || (prev && prev->end > v->start))
			return false;
		if (v->largest_gap != largest_gap_below(v) || it->next->prev != it)
			return false;
		prev = v;
		n = rb_next(n);
		count++;
	}
	return !n && count == s->count;
}
