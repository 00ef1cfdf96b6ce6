/* The regions of processes: where they are, how large, what may be done there, and what they show.  -x: also how much
   of them is there, how much of that others see, too, how much are bytes that are nowhere else, and how much nobody
   shares. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

#include "proc_read.h"
#include "proc_text.h"
#include "tool.h"

static const char how[] = "pmap [-x] PID...";
static const char help[] = "usage: pmap [-x] PID...\n"
			   "List the regions of processes, in KiB.\n"
			   "  -x  also what is there (RSS), what of it others see, too (Shared), what of it is on no "
			   "disk (Dirty), and what\n"
			   "      of it nobody else sees (Private)\n";

enum { KIB = 1024 };

struct sums {
	unsigned long size, present, shared, dirty, private; /* KiB */
};

/* What stands in smaps below the line AT of a region. */
static struct sums sums_parse(const char *at)
{
	unsigned long clean = (unsigned long)proc_value(at, "Private_Clean");
	unsigned long dirty = (unsigned long)proc_value(at, "Private_Dirty");
	unsigned long shared_dirty = (unsigned long)proc_value(at, "Shared_Dirty");

	return (struct sums){
		.size = (unsigned long)proc_value(at, "Size"),
		.present = (unsigned long)proc_value(at, "Rss"),
		.shared = (unsigned long)proc_value(at, "Shared_Clean") + shared_dirty,
		.dirty = dirty + shared_dirty,
		.private = clean + dirty,
	};
}

/* As the neighbours of this program on other systems print it: rw-p is rw---, r--s is r--s-. */
static const char *mode_text(const struct proc_region *r)
{
	static char text[6];

	snprintf(text, sizeof text, "%.3s%c-", r->mode, r->mode[3] == 's' ? 's' : '-');
	return text;
}

static void add(struct sums *total, const struct sums *s)
{
	total->size += s->size;
	total->present += s->present;
	total->shared += s->shared;
	total->dirty += s->dirty;
	total->private += s->private;
}

static void list_extended(const char *smaps)
{
	struct proc_region r;
	struct sums total = {0};

	puts("Address    Kbytes      RSS   Shared    Dirty  Private Mode  Mapping");
	for (const char *at = smaps; at && *at; at = proc_next_line(at)) {
		struct sums s;

		if (!proc_region_parse(at, &r))
			continue;
		s = sums_parse(at);
		add(&total, &s);
		printf("%08lx %8lu %8lu %8lu %8lu %8lu %s %s\n", (unsigned long)r.start, s.size, s.present, s.shared,
		       s.dirty, s.private, mode_text(&r), proc_region_name(&r));
	}
	printf("-------- -------- -------- -------- -------- --------\ntotal kB %8lu %8lu %8lu %8lu %8lu\n", total.size,
	       total.present, total.shared, total.dirty, total.private);
}

static void list_plain(const char *maps)
{
	struct proc_region r;
	unsigned long all = 0;

	for (const char *at = maps; at && *at; at = proc_next_line(at)) {
		if (!proc_region_parse(at, &r))
			continue;
		all += (r.end - r.start) / KIB;
		printf("%08lx %6luK %s %s\n", (unsigned long)r.start, (unsigned long)(r.end - r.start) / KIB,
		       mode_text(&r), proc_region_name(&r));
	}
	printf(" total   %6luK\n", all);
}

/* PID and command line; of a process without one its name, in brackets. */
static bool list_head(int pid)
{
	char *line = proc_read_of(pid, "cmdline"), *stat = proc_read_of(pid, "stat");
	struct proc_stat s;
	bool ok = line && stat && proc_stat_parse(stat, &s);
	size_t length;

	if (ok && *line) {
		printf("%d:  ", pid);
		for (const char *word = line; *word; word += length + 1) {
			length = strlen(word);
			printf(" %s", word);
		}
		putchar('\n');
	} else if (ok) {
		printf("%d:   [%s]\n", pid, s.name);
	}
	free(line);
	free(stat);
	return ok;
}

static int complain(const char *text)
{
	int why = errno;

	if (access("/proc/stat", F_OK) < 0)
		warn("/proc/stat"); /* nothing is mounted there */
	else if (why == ENOENT || why == ESRCH)
		warnx("%s: no such process", text);
	else
		warnx("%s: %s", text, strerror(why));
	return 1;
}

/* => 0, or 1 if it could not be listed, which was said */
static int list(const char *text, bool extended)
{
	char *end, *maps;
	long pid = strtol(text, &end, 10);
	bool ok;

	if (end == text || *end || pid <= 0)
		usage(how);
	maps = proc_read_of((int)pid, extended ? "smaps" : "maps");
	ok = maps && list_head((int)pid);
	if (ok && extended)
		list_extended(maps);
	else if (ok)
		list_plain(maps);
	else
		complain(text);
	free(maps);
	return ok ? 0 : 1;
}

int main(int argc, char **argv)
{
	bool extended = false;
	int c, status = 0;

	help_if_asked(argc, argv, help);
	opterr = 0;
	while ((c = getopt(argc, argv, "x")) != -1) {
		if (c != 'x')
			usage(how);
		extended = true;
	}
	if (optind == argc)
		usage(how);
	for (int i = optind; i < argc; i++)
		status |= list(argv[i], extended);
	return finish(status);
}
