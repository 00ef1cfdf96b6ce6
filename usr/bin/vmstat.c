/* What memory and the processors do, a line for each interval.  Without arguments one line: what was since the start.
   Faults are counted by kind as the kernel decides them (docs/page-fault.md). */
#include <err.h>
#include <stdbool.h>
#include <time.h>
#include <unistd.h>

#include "proc_read.h"
#include "proc_text.h"
#include "tool.h"

static const char how[] = "vmstat [SECONDS [COUNT]]";
static const char help[] =
	"usage: vmstat [SECONDS [COUNT]]\n"
	"A line for what happened since the start of the machine or, every SECONDS, COUNT times, since the line before.\n"
	"  r b                   processes that run or could; that wait for the disk\n"
	"  free cache dirt slab tabl\n"
	"                        memory in KiB: free, cached, of that not yet on disk, kernel objects, page tables\n"
	"  zero                  pages filled with zeros: the first write to a promise\n"
	"  zpag                  reads of a promise that were shown the page of zeros\n"
	"  copy take             writes to a shared page that copied it; that took it over from the last other owner\n"
	"  splt                  page tables copied, because they were shared after a fork\n"
	"  file                  pages shown from a file\n"
	"  oth                   stack growth, refused, out of memory, and nothing left to do\n"
	"  us sy id              percent of processor time: programs, kernel, idle\n";

enum { HEADER_EVERY = 20, KIB_PER_PAGE = 4 };

/* Kinds of faults in the order of their columns; those of the last column are added up. */
enum { FAULT_COLUMNS = 7, OTHER_COLUMN = FAULT_COLUMNS - 1 };
static const struct {
	const char *name;
	unsigned int column;
} faults[] = {
	{"fault_zero_fill", 0},   {"fault_zero_page", 1},     {"fault_cow_copy", 2},
	{"fault_cow_takeover", 3}, {"fault_table_split", 4},  {"fault_file", 5},
	{"fault_stack", OTHER_COLUMN},   {"fault_spurious", OTHER_COLUMN}, {"fault_refused", OTHER_COLUMN},
	{"fault_out_of_memory", OTHER_COLUMN},
};

enum { CPU_USER, CPU_NICE, CPU_SYSTEM, CPU_IDLE, CPU_TIMES };

/* What grows. */
struct counts {
	uint64_t fault[FAULT_COLUMNS];
	uint64_t cpu[CPU_TIMES];
};

struct now {
	struct counts counts;
	uint64_t running, blocked;
	uint64_t free, cached, dirty, slab, tables; /* KiB */
};

static char *text_of(const char *path)
{
	char *text = proc_read(path);

	if (!text)
		err(1, "%s", path);
	return text;
}

static void now_take(struct now *n)
{
	char *memory = text_of("/proc/meminfo"), *faulted = text_of("/proc/vmstat"), *stat = text_of("/proc/stat");

	*n = (struct now){
		.running = proc_value(stat, "procs_running"),
		.blocked = proc_value(stat, "procs_blocked"),
		.free = proc_value(memory, "MemFree"),
		.cached = proc_value(memory, "Cached"),
		.dirty = proc_value(memory, "Dirty"),
		.slab = proc_value(memory, "Slab"),
		.tables = proc_value(memory, "PageTables"),
	};
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
		n->counts.fault[faults[i].column] += proc_value(faulted, faults[i].name);
	for (unsigned int i = 0; i < CPU_TIMES; i++)
		proc_number(stat, "cpu", i, &n->counts.cpu[i]);
	free(memory);
	free(faulted);
	free(stat);
}

static void print_header(void)
{
	puts(" r  b   free  cache dirt  slab tabl zero zpag copy take splt file  oth us sy id");
}

static uint64_t percent(uint64_t part, uint64_t all)
{
	return all ? (part * 100 + all / 2) / all : 0;
}

static void print_line(const struct now *n, const struct counts *since)
{
	uint64_t cpu[CPU_TIMES], all = 0;

	for (int i = 0; i < CPU_TIMES; i++) {
		cpu[i] = n->counts.cpu[i] - since->cpu[i];
		all += cpu[i];
	}
	printf("%2llu %2llu %6llu %6llu %4llu %5llu %4llu", (unsigned long long)n->running, (unsigned long long)n->blocked,
	       (unsigned long long)n->free, (unsigned long long)n->cached, (unsigned long long)n->dirty,
	       (unsigned long long)n->slab, (unsigned long long)n->tables);
	for (int i = 0; i < FAULT_COLUMNS; i++)
		printf(" %4llu", (unsigned long long)(n->counts.fault[i] - since->fault[i]));
	printf(" %2llu %2llu %2llu\n", (unsigned long long)percent(cpu[CPU_USER] + cpu[CPU_NICE], all),
	       (unsigned long long)percent(cpu[CPU_SYSTEM], all), (unsigned long long)percent(cpu[CPU_IDLE], all));
}

static struct timespec seconds_parse(const char *text)
{
	char *end;
	double n = strtod(text, &end);
	struct timespec t;

	if (end == text || *end || !(n > 0 && n <= 1e9))
		usage(how);
	t.tv_sec = (time_t)n;
	t.tv_nsec = (long)((n - (double)t.tv_sec) * 1e9);
	return t;
}

static unsigned long count_parse(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (end == text || *end || n <= 0)
		usage(how);
	return (unsigned long)n;
}

/* LINES of them, 0: for ever.  The first is of the first interval, not since the start. */
static int watch(struct timespec interval, unsigned long lines)
{
	struct now now;
	struct counts since;

	now_take(&now);
	for (unsigned long i = 0; lines == 0 || i < lines; i++) {
		since = now.counts;
		if (i % HEADER_EVERY == 0)
			print_header();
		if (nanosleep(&interval, NULL) < 0)
			err(1, "nanosleep");
		now_take(&now);
		print_line(&now, &since);
		if (finish(0) != 0)
			return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct counts start = {{0}, {0}};
	struct now now;

	help_if_asked(argc, argv, help);
	if (argc > 3)
		usage(how);
	if (argc > 1)
		return watch(seconds_parse(argv[1]), argc > 2 ? count_parse(argv[2]) : 0);
	now_take(&now);
	print_header();
	print_line(&now, &start);
	return finish(0);
}
