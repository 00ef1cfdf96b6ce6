/* The memory map: a small sorted array of ranges.  Entries of the firmware may come in any order, overlap, repeat, be
   empty or wrap around; so first everything usable is added, then everything else is cut out.
   A tree or a bitmap was not taken: there are a dozen ranges, once. */
#include "memmap_priv.h"

/* One entry as the loader writes it; the next one is SIZE + 4 bytes further. */
struct multiboot_mmap {
	uint32_t size; /* of what follows */
	uint64_t base, length;
	uint32_t type;
} packed_struct;
#define MMAP_USABLE 1
#define MMAP_ENTRY_MIN 20 /* smallest meaningful SIZE */

static void range_delete(struct memmap *m, unsigned i)
{
	m->n--;
	for (; i < m->n; i++)
		m->r[i] = m->r[i + 1];
}

static unsigned smallest(const struct memmap *m)
{
	unsigned best = 0;

	for (unsigned i = 1; i < m->n; i++)
		if (m->r[i].end - m->r[i].start < m->r[best].end - m->r[best].start)
			best = i;
	return best;
}

/* R touches no other range. */
static void range_insert(struct memmap *m, struct boot_range r)
{
	unsigned i;

	if (m->n == BOOT_MAX_RANGES) {
		unsigned victim = smallest(m);

		if (m->r[victim].end - m->r[victim].start >= r.end - r.start)
			return;
		range_delete(m, victim);
	}
	for (i = m->n; i > 0 && m->r[i - 1].start > r.start; i--)
		m->r[i] = m->r[i - 1];
	m->r[i] = r;
	m->n++;
}

void memmap_add(struct memmap *m, uint64_t start, uint64_t end, uint64_t limit)
{
	struct boot_range r;

	if (end > limit)
		end = limit;
	if (start >= end || start > UINT32_MAX)
		return;
	r.start = (pfn_t)((start + PAGE_MASK) >> PAGE_SHIFT);
	r.end = (pfn_t)(end >> PAGE_SHIFT);
	if (r.start >= r.end)
		return;
	for (unsigned i = 0; i < m->n;) {
		if (m->r[i].start > r.end || m->r[i].end < r.start) {
			i++;
			continue;
		}
		if (m->r[i].start < r.start)
			r.start = m->r[i].start;
		if (m->r[i].end > r.end)
			r.end = m->r[i].end;
		range_delete(m, i);
	}
	range_insert(m, r);
}

void memmap_remove(struct memmap *m, uint64_t start, uint64_t end)
{
	pfn_t from, to;

	if (start >= end || start >= (uint64_t)UINT32_MAX + 1)
		return;
	from = (pfn_t)(start >> PAGE_SHIFT);
	to = end > UINT32_MAX ? (pfn_t)1 << (32 - PAGE_SHIFT) : (pfn_t)((end + PAGE_MASK) >> PAGE_SHIFT);
	for (unsigned i = 0; i < m->n;) {
		struct boot_range r = m->r[i];

		if (r.start >= to || r.end <= from) {
			i++;
			continue;
		}
		range_delete(m, i);
		if (r.start < from)
			range_insert(m, (struct boot_range){r.start, from});
		if (to < r.end)
			range_insert(m, (struct boot_range){to, r.end});
		i = 0; /* places have changed; each pass leaves fewer ranges to cut, so this ends */
	}
}

bool memmap_valid(const struct memmap *m)
{
	if (m->n > BOOT_MAX_RANGES)
		return false;
	for (unsigned i = 0; i < m->n; i++)
		if (m->r[i].start >= m->r[i].end || (i > 0 && m->r[i - 1].end >= m->r[i].start))
			return false;
	return true;
}

pfn_t memmap_end(const struct memmap *m)
{
	return m->n > 0 ? m->r[m->n - 1].end : 0;
}

/* Entry at *AT of SIZE bytes; *AT moves on.  => false: no further whole entry. */
static bool entry_next(const uint8_t *entries, uint32_t size, uint32_t *at, struct multiboot_mmap *out)
{
	if (size < sizeof *out || *at > size - sizeof *out)
		return false;
	__builtin_memcpy(out, entries + *at, sizeof *out);
	if (out->size < MMAP_ENTRY_MIN || out->size > UINT32_MAX - 4 - *at)
		return false;
	*at += out->size + 4;
	return true;
}

static uint64_t entry_end(const struct multiboot_mmap *e)
{
	return e->length > UINT64_MAX - e->base ? UINT64_MAX : e->base + e->length;
}

static uint64_t bytes_above(const struct multiboot_mmap *e, uint64_t limit)
{
	uint64_t start = e->base > limit ? e->base : limit, end = entry_end(e);

	return end > start ? end - start : 0;
}

uint64_t memmap_from_multiboot(struct memmap *m, const void *entries, uint32_t size, uint64_t limit)
{
	struct multiboot_mmap e;
	uint64_t above = 0;

	m->n = 0;
	for (uint32_t at = 0; entry_next(entries, size, &at, &e);)
		if (e.type == MMAP_USABLE) {
			memmap_add(m, e.base, entry_end(&e), limit);
			above += bytes_above(&e, limit);
		}
	for (uint32_t at = 0; entry_next(entries, size, &at, &e);)
		if (e.type != MMAP_USABLE)
			memmap_remove(m, e.base, entry_end(&e));
	return above;
}
