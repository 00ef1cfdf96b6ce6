/* Print the free memory as one number, in bytes; -k -m in kilo- or megabytes.  -t prints a table as other systems have it,
   from /proc/meminfo; -v what each part of memory is used for and -s the slab caches, as the kernel itself counts. */
#include <dormouse.h>
#include <err.h>
#include <stdbool.h>
#include <unistd.h>

#include "proc_read.h"
#include "proc_text.h"
#include "tool.h"

static const char how[] = "free [-b | -k | -m] [-t] [-v] [-s]";
static const char help[] =
	"usage: free [-b | -k | -m] [-t] [-v] [-s]\n"
	"Print the free memory as one number, counting what can be given back on demand.\n"
	"  -b  in bytes (if nothing else is said)\n"
	"  -k  in kibibytes\n"
	"  -m  in mebibytes\n"
	"  -t  a table: total, used, free, shared, cached and available memory\n"
	"  -v  another: what each part of memory is used for\n"
	"  -s  another: the slab caches\n";

/* What /proc/meminfo counts in KiB. */
static unsigned long long in_unit(uint64_t kib, unsigned int unit)
{
	return kib * 1024 / unit;
}

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

/* Memory used is what is neither free nor given back on demand. */
static void print_table(unsigned int unit)
{
	static const char *const cached[] = {"Buffers", "Cached", "SReclaimable"};
	char *text = proc_read("/proc/meminfo");
	uint64_t total, unused, used, cache = 0;

	if (!text)
		err(1, "/proc/meminfo");
	total = proc_value(text, "MemTotal");
	unused = proc_value(text, "MemFree");
	for (size_t i = 0; i < sizeof cached / sizeof cached[0]; i++)
		cache += proc_value(text, cached[i]);
	used = total > unused + cache ? total - unused - cache : 0;
	printf("%-6s %11s %11s %11s %11s %11s %11s\n", "", "total", "used", "free", "shared", "buff/cache", "available");
	printf("%-6s %11llu %11llu %11llu %11llu %11llu %11llu\n", "Mem:", in_unit(total, unit), in_unit(used, unit),
	       in_unit(unused, unit), in_unit(proc_value(text, "Shmem"), unit), in_unit(cache, unit),
	       in_unit(proc_value(text, "MemAvailable"), unit));
	printf("%-6s %11llu %11llu %11llu\n", "Total:", in_unit(total, unit), in_unit(used, unit), in_unit(unused, unit));
	free(text);
}

static void print_uses(const struct abi_kstat *s, unsigned int unit)
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

static void print_details(bool uses, bool slabs, unsigned int unit)
{
	int length;
	struct abi_kstat *s = stat_get(&length);

	if (uses)
		print_uses(s, unit);
	if (slabs)
		print_slabs(s, length);
	free(s);
}

static void print_number(unsigned int unit)
{
	long bytes = freemem();

	if (bytes < 0)
		err(1, "freemem");
	printf("%lu\n", (unsigned long)bytes / unit);
}

int main(int argc, char **argv)
{
	bool table = false, uses = false, slabs = false;
	unsigned int unit = 1;
	int c;

	help_if_asked(argc, argv, help);
	opterr = 0;
	while ((c = getopt(argc, argv, "bkmtvs")) != -1) {
		switch (c) {
		case 'b': unit = 1; break;
		case 'k': unit = 1u << 10; break;
		case 'm': unit = 1u << 20; break;
		case 't': table = true; break;
		case 'v': uses = true; break;
		case 's': slabs = true; break;
		default: usage(how);
		}
	}
	if (optind < argc)
		usage(how);
	if (table)
		print_table(unit);
	if (uses || slabs)
		print_details(uses, slabs, unit);
	if (!table && !uses && !slabs)
		print_number(unit);
	return finish(0);
}
