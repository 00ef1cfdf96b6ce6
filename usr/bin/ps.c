/* List the processes: number, parent, group, state, processor time, kilobytes promised and resident, name. */
#include <dormouse.h>
#include <err.h>

#include "tool.h"

enum { SPARE = 16 }; /* processes that may be born between two calls */

static int compare(const void *a, const void *b)
{
	return ((const struct abi_procinfo *)a)->pid - ((const struct abi_procinfo *)b)->pid;
}

static void print(const struct abi_procinfo *p)
{
	uint32_t ticks = p->utime + p->stime, s = ticks / 100;

	printf("%5d %5d %5d %c %4u:%02u.%02u %8u %8u %s\n", p->pid, p->ppid, p->pgid, p->state, s / 60, s % 60,
	       ticks % 100, p->promised / 1024, p->resident / 1024, p->name);
}

int main(int argc, char **argv)
{
	int n = getprocs(NULL, 0), room;
	struct abi_procinfo *list;

	(void)argv;
	if (argc > 1)
		usage("ps");
	if (n < 0)
		err(1, "getprocs");
	room = n + SPARE;
	list = calloc((size_t)room, sizeof *list);
	if (!list)
		err(1, NULL);
	n = getprocs(list, (size_t)room * sizeof *list);
	if (n < 0)
		err(1, "getprocs");
	n = n < room ? n : room;
	qsort(list, (size_t)n, sizeof *list, compare);
	puts("  PID  PPID  PGID S       TIME  PROM KB   RES KB NAME");
	for (int i = 0; i < n; i++)
		print(&list[i]);
	return finish(0);
}
