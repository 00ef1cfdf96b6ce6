/* Reading the files of /proc. Text is made in pieces of less than a page, each from one look at what it shows and
   never with a lock held over a copy to the user.  The node keeps the piece that was read last, with the cursor at
   which the next begins: who reads on gets the next record, whatever came and went before it, and who reads in small
   steps gets parts of one look.  A read at the beginning is a new look.  A read elsewhere begins at the beginning and
   goes forward, as there is no other way to find a place in a text that is not there.  Making all of the text at the
   first read was not taken: a process may have ten thousand regions. */
#include "procfs_priv.h"

#include <kern/sched.h>
#include <kern/signal.h>
#include <kern/usercopy.h>
#include <mm/kmalloc.h>

#define WORD_BYTES 8u
#define WORDS_AT_ONCE (PAGE_SIZE / WORD_BYTES)

void piece_drop(struct piece *p)
{
	kfree(p);
}

static void piece_put(struct proc_node *n, struct piece *p)
{
	bool last;

	if (!p)
		return;
	spin_lock(&n->lock);
	last = --p->refs == 0;
	spin_unlock(&n->lock);
	if (last)
		kfree(p);
}

/* A reference to the piece that was read last, if going on from it leads to OFFSET. */
static struct piece *piece_kept(struct proc_node *n, uint64_t offset)
{
	struct piece *p = NULL;

	spin_lock(&n->lock);
	if (n->piece && offset > 0 && offset >= n->piece->at) {
		p = n->piece;
		p->refs++;
	}
	spin_unlock(&n->lock);
	return p;
}

static void piece_keep(struct proc_node *n, struct piece *p)
{
	struct piece *old;

	spin_lock(&n->lock);
	old = n->piece;
	n->piece = p;
	p->refs++;
	spin_unlock(&n->lock);
	piece_put(n, old);
}

/* What begins at CURSOR, which is AT in the file. */
static enum status piece_make(struct proc_node *n, uint64_t at, uint64_t cursor, struct piece **out)
{
	struct piece *p = kmalloc(PAGE_SIZE);
	struct text t = {.size = PIECE_BYTES};
	enum status st = OK;

	if (!p)
		return E_NOMEM;
	*p = (struct piece){.refs = 1, .at = at, .next = cursor};
	t.buf = p->text;
	if (cursor != CURSOR_END)
		st = n->entry->fill(n, &p->next, &t);
	if (st != OK) {
		kfree(p);
		return st;
	}
	p->len = t.len;
	if (t.len == 0)
		p->next = CURSOR_END;
	*out = p;
	return OK;
}

/* A reference to the piece that has OFFSET, or, beyond the end, to the last. */
static enum status piece_find(struct proc_node *n, uint64_t offset, struct piece **out)
{
	struct piece *p = piece_kept(n, offset), *next;
	enum status st = p ? OK : piece_make(n, 0, 0, &p);

	while (st == OK && offset >= p->at + p->len && p->next != CURSOR_END) {
		st = piece_make(n, p->at + p->len, p->next, &next);
		piece_put(n, p);
		p = st == OK ? next : NULL;
		sched_point();
	}
	if (st != OK)
		return st;
	piece_keep(n, p);
	*out = p;
	return OK;
}

/* Copy LEN bytes; what is missing of the user's memory is asked for, to know why it is. => bytes, or why none. */
static int32_t hand_out(user_ptr_t to, const void *from, uint32_t len)
{
	enum status st = OK;
	uint32_t copied;

	do {
		copied = copy_to_user_some(to, from, len);
		if (unlikely(copied == 0 && len > 0))
			st = user_fault_in(to, true);
	} while (copied == 0 && len > 0 && st == OK);
	return st == OK ? (int32_t)copied : (int32_t)st;
}

/* Of the piece at OFFSET. => bytes, 0 at the end of the file. */
static int32_t text_read_some(struct proc_node *n, uint64_t offset, user_ptr_t to, uint32_t count)
{
	struct piece *p;
	enum status st = piece_find(n, offset, &p);
	uint32_t left;
	int32_t got;

	if (st != OK)
		return st;
	left = offset >= p->at + p->len ? 0 : (uint32_t)(p->at + p->len - offset);
	got = hand_out(to, p->text + (p->len - left), left < count ? left : count);
	piece_put(n, p);
	return got;
}

/* Of an array of words: whole ones. */
static int32_t words_read_some(struct proc_node *n, uint64_t offset, user_ptr_t to, uint32_t count)
{
	uint32_t want = count / WORD_BYTES < WORDS_AT_ONCE ? count / WORD_BYTES : WORDS_AT_ONCE;
	uint64_t *words;
	int32_t got;

	if (offset % WORD_BYTES != 0 || count % WORD_BYTES != 0)
		return E_INVAL;
	words = kmalloc(PAGE_SIZE);
	if (!words)
		return E_NOMEM;
	got = n->entry->words(n, offset / WORD_BYTES, words, want);
	if (got > 0)
		got = hand_out(to, words, (uint32_t)got * WORD_BYTES);
	kfree(words);
	return got;
}

int32_t node_read(struct vnode *vn, uint64_t offset, user_ptr_t to, uint32_t n)
{
	struct proc_node *node = node_of(vn);
	uint32_t done = 0;
	int32_t got = 0;

	if (node->who.pid && !proc_exists(&node->who))
		return E_SRCH;
	while (done < n) {
		user_ptr_t at = user_ptr_add(to, done);

		if (node->entry->words)
			got = words_read_some(node, offset + done, at, n - done);
		else
			got = text_read_some(node, offset + done, at, n - done);
		if (got <= 0)
			break;
		done += (uint32_t)got;
		if (signal_pending())
			break;
		sched_point();
	}
	return done > 0 ? (int32_t)done : got;
}
