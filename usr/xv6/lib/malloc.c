/* The heap: one list of free pieces in the order of their addresses.  The first that is large enough is taken, and
   neighbours that are free are joined.  Memory comes from sbrk() in steps and is not given back. */
#include "calls.h"

struct piece {
	unsigned int size;  /* bytes, this header included */
	struct piece *next; /* of a free piece */
};

enum {
	ALIGN = 8,
	STEP = 32 * 1024, /* bytes that are asked for at least */
	REQUEST_MAX = 0x7f000000,
};

static struct piece *pieces;

/* Join A with the piece behind it, if they touch. */
static void join_next(struct piece *a)
{
	if (!a->next || (char *)a + a->size != (char *)a->next)
		return;
	a->size += a->next->size;
	a->next = a->next->next;
}

WEAK void free(void *p)
{
	struct piece *made = (struct piece *)p - 1, *before = 0;

	if (!p)
		return;
	for (struct piece *at = pieces; at && at < made; at = at->next)
		before = at;
	made->next = before ? before->next : pieces;
	if (before)
		before->next = made;
	else
		pieces = made;
	join_next(made);
	if (before)
		join_next(before);
}

/* => whether there is a piece of SIZE bytes more. */
static int grow(unsigned int size)
{
	unsigned int step = size < STEP ? STEP : size;
	char *from = sbrk((int)(step + ALIGN));
	struct piece *made;

	if (from == (char *)-1)
		return 0;
	made = (struct piece *)(((unsigned long)from + ALIGN - 1) & ~(unsigned long)(ALIGN - 1));
	made->size = step;
	free(made + 1);
	return 1;
}

/* Take SIZE bytes out of the free piece that *LINK points to. */
static void *take(struct piece **link, unsigned int size)
{
	struct piece *p = *link, *rest;

	if (p->size < size + sizeof *p + ALIGN) {
		*link = p->next;
		return p + 1;
	}
	rest = (struct piece *)((char *)p + size);
	rest->size = p->size - size;
	rest->next = p->next;
	*link = rest;
	p->size = size;
	return p + 1;
}

WEAK void *malloc(unsigned int n)
{
	unsigned int size = (n + ALIGN - 1) / ALIGN * ALIGN + (unsigned int)sizeof(struct piece);

	if (n > REQUEST_MAX)
		return 0;
	do
		for (struct piece **link = &pieces; *link; link = &(*link)->next)
			if ((*link)->size >= size)
				return take(link, size);
	while (grow(size));
	return 0;
}
