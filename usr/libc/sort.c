/* Sorting and searching.  Heap sort: in place, no recursion, n log n on any input.  Quicksort was not taken: its usual
   case is faster, its worst one (an input made for it) is quadratic, and guarding it takes both algorithms. */
#include <stdlib.h>

#include <stdint.h>

struct heap {
	char *base;
	size_t n, size;
	int (*cmp)(const void *, const void *);
};

static void swap_elements(char *a, char *b, size_t size)
{
	for (; size >= sizeof(uint32_t); size -= sizeof(uint32_t)) {
		uint32_t t = *(uint32_t *)(void *)a;

		*(uint32_t *)(void *)a = *(uint32_t *)(void *)b;
		*(uint32_t *)(void *)b = t;
		a += sizeof t;
		b += sizeof t;
	}
	for (; size > 0; size--) {
		char t = *a;

		*a++ = *b;
		*b++ = t;
	}
}

/* Let the element at ROOT sink until no child is larger. */
static void heap_sink(const struct heap *h, size_t root)
{
	for (;;) {
		size_t child = 2 * root + 1;
		char *parent = h->base + root * h->size, *larger = h->base + child * h->size;

		if (child >= h->n)
			return;
		if (child + 1 < h->n && h->cmp(larger, larger + h->size) < 0) {
			larger += h->size;
			child++;
		}
		if (h->cmp(parent, larger) >= 0)
			return;
		swap_elements(parent, larger, h->size);
		root = child;
	}
}

void qsort(void *base, size_t n, size_t size, int (*cmp)(const void *, const void *))
{
	struct heap h = {base, n, size, cmp};

	if (n < 2 || size == 0)
		return;
	for (size_t i = n / 2; i-- > 0;)
		heap_sink(&h, i);
	while (--h.n > 0) {
		swap_elements(h.base, h.base + h.n * size, size);
		heap_sink(&h, 0);
	}
}

void *bsearch(const void *key, const void *base, size_t n, size_t size, int (*cmp)(const void *, const void *))
{
	const char *low = base;

	while (n > 0) {
		const char *middle = low + n / 2 * size;
		int order = cmp(key, middle);

		if (order == 0)
			return (void *)middle;
		if (order > 0) {
			low = middle + size;
			n--;
		}
		n /= 2;
	}
	return NULL;
}
