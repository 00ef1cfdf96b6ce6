/* Collecting a snapshot.  First the flags and counts of all frames, then the page tables of all processes, which say whose
   the anonymous frames are.  A process that ends meanwhile is left out. */
#include "snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "proc_read.h"

enum { ENTRIES = 2048, PAGE = 4096 };

static uint64_t entries[ENTRIES], counts[ENTRIES];

static void spaces_free(struct snapshot *s)
{
	for (size_t i = 0; i < s->nspaces; i++) {
		for (size_t r = 0; r < s->space[i].nregions; r++)
			free(s->space[i].region[r].page);
		free(s->space[i].region);
	}
	free(s->space);
	s->space = NULL;
	s->nspaces = 0;
}

void snapshot_free(struct snapshot *s)
{
	spaces_free(s);
	free(s->frame);
	*s = (struct snapshot){0};
}

/* ---- frames ---- */

/* How many frames there are: entries of the file of counts.  It says no length, so it is read; once. */
static long frames_count(int fd)
{
	long n, all = 0;

	while ((n = proc_entries(fd, (uint64_t)all, counts, ENTRIES)) > 0)
		all += n;
	return n < 0 ? -1 : all;
}

static bool frames_room(struct snapshot *s, int fd)
{
	long n;

	if (s->frame)
		return true;
	n = frames_count(fd);
	if (n < 0)
		return false;
	s->frame = malloc((size_t)n + 1);
	s->nframes = s->frame ? (size_t)n : 0;
	return s->frame != NULL;
}

static bool frames_read(struct snapshot *s, int flags_fd, int counts_fd)
{
	for (size_t at = 0; at < s->nframes;) {
		size_t part = s->nframes - at < ENTRIES ? s->nframes - at : ENTRIES;
		long n = proc_entries(flags_fd, at, entries, part);

		if (n <= 0 || proc_entries(counts_fd, at, counts, (size_t)n) != n) {
			errno = n < 0 ? errno : EIO;
			return false;
		}
		for (long i = 0; i < n; i++)
			s->frame[at++] = (uint8_t)snapshot_frame_class(entries[i], counts[i]);
	}
	return true;
}

static bool frames_take(struct snapshot *s, const char **what)
{
	int flags_fd = open(*what = "/proc/kpageflags", O_RDONLY), counts_fd;
	bool ok;
	int saved;

	if (flags_fd < 0)
		return false;
	counts_fd = open(*what = "/proc/kpagecount", O_RDONLY);
	ok = counts_fd >= 0 && frames_room(s, counts_fd) && frames_read(s, flags_fd, counts_fd);
	saved = errno;
	close(flags_fd);
	if (counts_fd >= 0)
		close(counts_fd);
	errno = saved;
	return ok;
}

/* ---- processes ---- */

static int owner_place(const struct snapshot *s, int pid)
{
	for (int i = 0; i < OWNERS_MAX; i++)
		if (s->owner[i] == pid)
			return i;
	return -1;
}

/* A page of region R is ENTRY: its class, and, when it is the process's own, that of its frame. */
static void page_take(struct snapshot *s, struct snapshot_region *r, size_t page, uint64_t entry, int owner)
{
	uint64_t pfn = entry & PAGEMAP_FRAME;
	enum frame_class then = FRAME_OTHER;

	if (!(entry & PAGEMAP_PRESENT))
		return; /* PAGE_ABSENT is 0, as is what calloc() gives: absent pages take no memory here either */
	if (pfn < s->nframes) {
		then = (enum frame_class)s->frame[pfn];
		if (owner >= 0 && !(entry & PAGEMAP_FILE))
			s->frame[pfn] = (uint8_t)snapshot_owned_class(then, (unsigned int)owner);
	}
	r->page[page] = (uint8_t)snapshot_page_class(entry, then, r->map.mode);
}

static bool region_take(struct snapshot *s, struct snapshot_region *r, int fd, int owner)
{
	size_t first = r->map.start / PAGE;

	r->npages = (r->map.end - r->map.start) / PAGE;
	r->page = calloc(r->npages + 1, 1);
	if (!r->page)
		return false;
	for (size_t at = 0; at < r->npages;) {
		size_t part = r->npages - at < ENTRIES ? r->npages - at : ENTRIES;
		long n = proc_entries(fd, first + at, entries, part);

		if (n <= 0) {
			errno = n < 0 ? errno : ESRCH; /* its memory is gone */
			return false;
		}
		for (long i = 0; i < n; i++)
			page_take(s, r, at++, entries[i], owner);
	}
	return true;
}

static size_t lines_count(const char *text)
{
	size_t n = 0;

	for (const char *at = text; at && *at; at = proc_next_line(at))
		n++;
	return n;
}

/* The regions that MAPS, the text of that file, names. */
static bool regions_take(struct snapshot *s, struct snapshot_space *p, const char *maps, int fd)
{
	int owner = owner_place(s, p->pid);

	p->region = calloc(lines_count(maps) + 1, sizeof *p->region);
	if (!p->region)
		return false;
	for (const char *at = maps; at && *at; at = proc_next_line(at)) {
		struct snapshot_region *r = &p->region[p->nregions];

		if (!proc_region_parse(at, &r->map))
			continue;
		p->nregions++;
		if (!region_take(s, r, fd, owner))
			return false;
	}
	return true;
}

/* What /proc/PID/stat says of it. */
static bool space_name(struct snapshot_space *p)
{
	char *text = proc_read_of(p->pid, "stat");
	struct proc_stat stat;
	bool ok = text && proc_stat_parse(text, &stat);

	if (ok) {
		strlcpy(p->name, stat.name, sizeof p->name);
		p->promised = stat.promised;
		p->resident = stat.resident * PAGE;
	}
	free(text);
	return ok;
}

/* => false, errno: it was not there any more, or (ENOMEM) its pages cannot be held. */
static bool space_take(struct snapshot *s, struct snapshot_space *p)
{
	char *maps;
	int fd, saved;
	bool ok;

	errno = 0;
	maps = space_name(p) ? proc_read_of(p->pid, "maps") : NULL;
	fd = maps ? proc_open(p->pid, "pagemap") : -1;
	ok = fd >= 0 && regions_take(s, p, maps, fd);
	saved = errno;
	if (fd >= 0)
		close(fd);
	free(maps);
	errno = saved;
	return ok;
}

static bool spaces_take(struct snapshot *s, const int *pid, size_t n)
{
	s->space = calloc(n, sizeof *s->space);
	if (!s->space)
		return false;
	for (size_t i = 0; i < n; i++) {
		struct snapshot_space *p = &s->space[s->nspaces++];

		p->pid = pid[i];
		if (space_take(s, p))
			continue;
		if (errno == ENOMEM)
			return false;
		for (size_t r = 0; r < p->nregions; r++)
			free(p->region[r].page);
		free(p->region);
		*p = (struct snapshot_space){0};
		s->nspaces--;
	}
	return true;
}

bool snapshot_take(struct snapshot *s, const char **what)
{
	size_t n = 0;
	int *pid;
	bool ok;

	spaces_free(s);
	memset(s->count, 0, sizeof s->count);
	if (!frames_take(s, what))
		return false;
	pid = proc_list(&n);
	*what = "/proc";
	if (!pid)
		return false;
	snapshot_owners(s->owner, pid, n);
	ok = spaces_take(s, pid, n);
	free(pid);
	for (size_t i = 0; ok && i < s->nframes; i++)
		s->count[s->frame[i]]++;
	return ok;
}
