/* Print the free memory as one number, in bytes; -k -m in kilo- or megabytes; -t a table of what memory is used for,
   -s the slab caches. */
#include <dormouse.h>
#include <err.h>
#include <stdbool.h>
#include <unistd.h>

#include "tool.h"

/* All that kstat has to say, which a second call gets whole. */
static struct abi_kstat *stat_get(int *length)
{
	struct abi_kstat first, *all;
	int n = kstat(&first, sizeof first);

	if (n < 0)
		err(1, "kstat");
	n = n < (int)sizeof first ? (int)sizeof first : n;
	all = calloc(1, (size_t)n);
	if (!all)
		err(1, NULL);
	*length = kstat(all, (size_t)n);
	if (*length < 0)
		err(1, "kstat");
	*length = *length < n ? *length : n;
	return all;
}

static void print_table(const struct abi_kstat *s, unsigned int unit)
{
	const struct {
		const char *name;
		uint32_t bytes;
	} rows[] = {
		{"total", s->total},   {"free", s->free},     {"programs", s->anon}, {"page tables", s->tables},
		{"cached", s->cached}, {"  dirty", s->dirty}, {"slab", s->slab},     {"kernel", s->kernel},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		printf("%-12s %12u\n", rows[i].name, rows[i].bytes / unit);
	printf("%-12s %12u\n%-12s %12u\n", "processes", s->nprocs, "threads", s->nthreads);
	printf("%-12s %12u\n%-12s %12u\n", "open files", s->nfiles, "vnodes", s->nvnodes);
}

static void print_slabs(const struct abi_kstat *s, int length)
{
	const char *at = (const char *)s + s->size, *end = (const char *)s + length;
	const struct abi_kstat_cache *c;

	puts("CACHE                      SIZE     LIVE    PAGES");
	for (uint32_t i = 0; i < s->ncaches && end - at >= (int)sizeof *c; i++, at += sizeof *c) {
		c = (const struct abi_kstat_cache *)(const void *)at;
		printf("%-24.24s %6u %8u %8u\n", c->name, c->object_size, c->live, c->pages);
	}
}

int main(int argc, char **argv)
{
	bool table = false, slabs = false;
	unsigned int unit = 1;
	int c, length;
	long bytes;

	opterr = 0;
	while ((c = getopt(argc, argv, "kmts")) != -1) {
		if (c == '?')
			usage("free [-k | -m] [-t] [-s]");
		unit = c == 'k' ? 1u << 10 : c == 'm' ? 1u << 20 : unit;
		table |= c == 't';
		slabs |= c == 's';
	}
	if (table || slabs) {
		struct abi_kstat *s = stat_get(&length);

		if (table)
			print_table(s, unit);
		if (slabs)
			print_slabs(s, length);
		return finish(0);
	}
	bytes = freemem();
	if (bytes < 0)
		err(1, "freemem");
	printf("%lu\n", (unsigned long)bytes / unit);
	return finish(0);
}
