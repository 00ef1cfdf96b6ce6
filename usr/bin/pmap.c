/* The regions of processes: where they are, how large, what may be done there, and what they show.  -x: also how much of
   them is there, how much of that is the program's own bytes and not a file's or zeros, and how much nobody shares. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

#include "proc_read.h"
#include "proc_text.h"
#include "tool.h"

static const char how[] = "pmap [-x] PID...";
static const char help[] =
	"usage: pmap [-x] PID...\n"
	"List the regions of processes, in KiB.\n"
	"  -x  also what is there (RSS), what of it are bytes of the program's own (Dirty), and what of it no other\n"
	"      process shares (Private)\n";

enum { ENTRIES = 512, PAGE = 4096, KIB = 1024 };

struct sums {
	unsigned long size, present, dirty, private; /* pages */
};

/* The frame of zeros.  ~0: there is none to be found. */
static uint64_t zero_frame(void)
{
	static uint64_t flags[ENTRIES];
	uint64_t at = 0;
	int fd = open("/proc/kpageflags", O_RDONLY);
	long n;

	if (fd < 0)
		err(1, "/proc/kpageflags");
	while ((n = proc_entries(fd, at, flags, ENTRIES)) > 0) {
		for (long i = 0; i < n; i++, at++) {
			if (!(flags[i] & PAGEFLAG(PAGEFLAG_ZERO)))
				continue;
			close(fd);
			return at;
		}
	}
	if (n < 0)
		err(1, "/proc/kpageflags");
	close(fd);
	return ~(uint64_t)0;
}

/* A page that shows the zeros takes no memory: it does not count as being there, as in RSS of other tools. */
static void count_entry(struct sums *s, uint64_t entry, uint64_t zeros)
{
	if (!(entry & PAGEMAP_PRESENT) || (entry & PAGEMAP_FRAME) == zeros)
		return;
	s->present++;
	s->dirty += !(entry & PAGEMAP_FILE);
	s->private += (entry & PAGEMAP_EXCLUSIVE) != 0;
}

/* => false, errno: the pages of R are not to be had any more */
static bool count_pages(struct sums *s, const struct proc_region *r, int fd, uint64_t zeros)
{
	static uint64_t entries[ENTRIES];
	uint32_t end = r->end / PAGE;

	s->size = end - r->start / PAGE;
	for (uint32_t at = r->start / PAGE; at < end;) {
		long n = proc_entries(fd, at, entries, end - at < ENTRIES ? end - at : ENTRIES);

		if (n <= 0) {
			errno = n < 0 ? errno : ESRCH;
			return false;
		}
		for (long i = 0; i < n; i++, at++)
			count_entry(s, entries[i], zeros);
	}
	return true;
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
	total->dirty += s->dirty;
	total->private += s->private;
}

static unsigned long kib(unsigned long pages)
{
	return pages * (PAGE / KIB);
}

static bool list_extended(const char *maps, int fd)
{
	struct proc_region r;
	struct sums total = {0};
	uint64_t zeros = zero_frame();

	puts("Address    Kbytes      RSS    Dirty  Private Mode  Mapping");
	for (const char *at = maps; at && *at; at = proc_next_line(at)) {
		struct sums s = {0};

		if (!proc_region_parse(at, &r))
			continue;
		if (!count_pages(&s, &r, fd, zeros))
			return false;
		add(&total, &s);
		printf("%08lx %8lu %8lu %8lu %8lu %s %s\n", (unsigned long)r.start, kib(s.size), kib(s.present),
		       kib(s.dirty), kib(s.private), mode_text(&r), proc_region_name(&r));
	}
	printf("-------- -------- -------- -------- --------\ntotal kB %8lu %8lu %8lu %8lu\n", kib(total.size),
	       kib(total.present), kib(total.dirty), kib(total.private));
	return true;
}

static void list_plain(const char *maps)
{
	struct proc_region r;
	unsigned long pages = 0;

	for (const char *at = maps; at && *at; at = proc_next_line(at)) {
		if (!proc_region_parse(at, &r))
			continue;
		pages += (r.end - r.start) / PAGE;
		printf("%08lx %6luK %s %s\n", (unsigned long)r.start, kib((r.end - r.start) / PAGE), mode_text(&r),
		       proc_region_name(&r));
	}
	printf(" total   %6luK\n", kib(pages));
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
	int fd = -1;
	bool ok;

	if (end == text || *end || pid <= 0)
		usage(how);
	maps = proc_read_of((int)pid, "maps");
	if (maps && extended)
		fd = proc_open((int)pid, "pagemap");
	ok = maps && (!extended || fd >= 0) && list_head((int)pid);
	if (ok && extended)
		ok = list_extended(maps, fd);
	else if (ok)
		list_plain(maps);
	if (!ok)
		complain(text);
	if (fd >= 0)
		close(fd);
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
