/* Kernel memory lent to programs (kern/lent.h): a tree by address for each process, with a small record beside each
   piece, so that a wrong address is refused by looking only at what the process has, and the end needs no memory.  The
   bound is on the pages that kmalloc has and not on the bytes that a process asked for: who frees all but one object of
   each page holds the page.  It is not split between processes: a share for each would be too small for one or too much
   for many.  Who holds much of it is the first to end when memory runs out (kern/oom.c). */
#include <kern/lent.h>

#include <kern/sched.h>
#include <lib/assert.h>
#include <mm/frame.h>
#include <mm/kmalloc.h>

#define FREED_AT_ONCE 64u /* objects between two points where others may run */

struct lent_piece {
	struct rb_node node;
	void *p;
	uint32_t size; /* bytes */
};

/* The place of the piece that begins at P, or where it would go, with *PARENT. */
static struct rb_node **find_place(struct rb_root *root, const void *p, struct rb_node **parent)
{
	struct rb_node **link = &root->node;

	*parent = NULL;
	while (*link) {
		const struct lent_piece *l = RB_ENTRY(*link, struct lent_piece, node);

		if (l->p == p)
			break;
		*parent = *link;
		link = (uintptr_t)p < (uintptr_t)l->p ? &(*link)->left : &(*link)->right;
	}
	return link;
}

enum status lent_alloc(uint32_t size, void **out)
{
	struct proc *self = current_proc();
	struct rb_node *parent, **link;
	struct lent_piece *l;

	if (size == 0 || size > KMALLOC_MAX)
		return E_INVAL;
	if (kmalloc_pages() >= frame_count_total() / LENT_SHARE)
		return E_NOMEM;
	l = kmalloc(sizeof *l);
	if (!l)
		return E_NOMEM;
	*l = (struct lent_piece){.p = kmalloc(size), .size = size};
	if (!l->p) {
		kfree(l);
		return E_NOMEM;
	}
	link = find_place(&self->lent, l->p, &parent);
	KASSERT(!*link); /* or kmalloc gave it twice */
	rb_insert(&self->lent, parent, link, &l->node);
	self->lent_bytes += size;
	*out = l->p;
	return OK;
}

static void piece_free(struct proc *p, struct lent_piece *l)
{
	rb_remove(&p->lent, &l->node);
	p->lent_bytes -= l->size;
	kfree(l->p);
	kfree(l);
}

enum status lent_free(const void *p)
{
	struct proc *self = current_proc();
	struct rb_node *parent, **link = find_place(&self->lent, p, &parent);

	if (!*link)
		return E_INVAL;
	piece_free(self, RB_ENTRY(*link, struct lent_piece, node));
	return OK;
}

void lent_free_all(struct proc *p)
{
	for (uint32_t n = 1; p->lent.node; n++) {
		piece_free(p, RB_ENTRY(p->lent.node, struct lent_piece, node));
		if (n % FREED_AT_ONCE == 0)
			sched_point();
	}
}
