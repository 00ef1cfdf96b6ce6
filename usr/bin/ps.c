/* List the processes: number, parent, group, state, kibibytes promised (SIZE) and resident (RSS), processor time, name.
   From /proc, and where that is not mounted from getprocs(), which knows the same. */
#include <dormouse.h>
#include <err.h>
#include <stdbool.h>
#include <unistd.h>

#include "proc_read.h"
#include "proc_text.h"
#include "tool.h"

static const char help[] =
	"usage: ps\n"
	"List the processes: PID, parent (PPID), group (PGID), state (STAT: R runs, S sleeps, D waits for the disk, Z is a\n"
	"zombie), KiB promised (SIZE) and there (RSS), processor time, name.\n";

enum { SPARE = 16 /* processes that may be born between two calls */, PAGE_KIB = 4 };

struct line {
	int pid, ppid, pgid;
	char state;
	const char *name;
	unsigned long promised, resident; /* KiB */
	unsigned long ticks;
};

static void print(const struct line *l)
{
	unsigned long hz = (unsigned long)sysconf(_SC_CLK_TCK), s = l->ticks / hz;

	printf("%5d %5d %5d %c    %8lu %8lu %4lu:%02lu.%02lu %s\n", l->pid, l->ppid, l->pgid, l->state, l->promised,
	       l->resident, s / 60, s % 60, l->ticks % hz * 100 / hz, l->name);
}

/* A process that is gone by now is none to be listed. */
static void print_process(int pid)
{
	char *text = proc_read_of(pid, "stat"), *status = proc_read_of(pid, "status");
	struct proc_stat s;

	if (text && status && proc_stat_parse(text, &s)) {
		uint64_t promised = s.promised, resident = s.resident * PAGE_KIB * 1024;

		proc_number(status, "Promised", 0, &promised);
		proc_number(status, "Resident", 0, &resident);
		print(&(struct line){s.pid, s.ppid, s.pgid, s.state, s.name, (unsigned long)(promised / 1024),
		                     (unsigned long)(resident / 1024), (unsigned long)(s.utime + s.stime)});
	}
	free(text);
	free(status);
}

static int compare(const void *a, const void *b)
{
	return ((const struct abi_procinfo *)a)->pid - ((const struct abi_procinfo *)b)->pid;
}

static void print_by_call(void)
{
	int n = getprocs(NULL, 0), room = n + SPARE;
	struct abi_procinfo *list;

	if (n < 0)
		err(1, "getprocs");
	list = calloc((size_t)room, sizeof *list);
	if (!list)
		err(1, NULL);
	n = getprocs(list, (size_t)room * sizeof *list);
	if (n < 0)
		err(1, "getprocs");
	n = n < room ? n : room;
	qsort(list, (size_t)n, sizeof *list, compare);
	for (int i = 0; i < n; i++)
		print(&(struct line){list[i].pid, list[i].ppid, list[i].pgid, list[i].state, list[i].name,
		                     list[i].promised / 1024, list[i].resident / 1024, list[i].utime + list[i].stime});
	free(list);
}

int main(int argc, char **argv)
{
	size_t n;
	int *pid;

	help_if_asked(argc, argv, help);
	if (argc > 1)
		usage("ps");
	puts("  PID  PPID  PGID STAT     SIZE      RSS       TIME NAME");
	pid = proc_list(&n);
	for (size_t i = 0; pid && i < n; i++)
		print_process(pid[i]);
	if (!pid)
		print_by_call();
	free(pid);
	return finish(0);
}
