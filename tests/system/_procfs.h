/* Reading /proc, strictly: for procfs.c, procfs_pages.c and procfs_races.c. */
#ifndef PROCFS_H
#define PROCFS_H

#include <ctype.h>
#include <stdarg.h>

#include "check.h"

enum { ROOM = 64 * 1024 };

static char room[ROOM]; /* what was read last, with a NUL; touched before anything is counted */

/* All of the file, in steps of STEP bytes. => bytes */
static inline int slurp_steps(const char *path, int step)
{
	int fd = TRY(open(path, O_RDONLY)), n, all = 0;

	while ((n = TRY(read(fd, room + all, (size_t)(step < ROOM - 1 - all ? step : ROOM - 1 - all)))) > 0)
		all += n;
	room[all] = '\0';
	CHECK_EQ(close(fd), 0);
	return all;
}

static inline int slurp(const char *path)
{
	return slurp_steps(path, ROOM);
}

static inline void program_copy(const char *of, const char *to)
{
	int in = TRY(open(of, O_RDONLY)), out = TRY(open(to, O_WRONLY | O_CREAT | O_TRUNC, 0755)), n;

	while ((n = TRY(read(in, room, ROOM))) > 0)
		CHECK_EQ(write(out, room, (size_t)n), n);
	CHECK_EQ(close(in), 0);
	CHECK_EQ(close(out), 0);
}

static inline const char *proc_path(int pid, const char *name)
{
	static char path[4][64];
	static int turn;

	turn = (turn + 1) % 4;
	snprintf(path[turn], sizeof path[turn], "/proc/%d/%s", pid, name);
	return path[turn];
}

/* Where TEXT goes on behind WANT, with which it must begin. */
static inline const char *expect(const char *text, const char *want)
{
	size_t n = strlen(want);

	if (strncmp(text, want, n) != 0)
		FAILED("\"%.40s\" does not begin with \"%s\"", text, want);
	return text + n;
}

/* A decimal number at *TEXT, which moves on. */
static inline unsigned long long number(const char **text)
{
	const char *p = *text;
	unsigned long long n = 0;

	if (!isdigit((unsigned char)*p))
		FAILED("\"%.40s\" is no number", p);
	for (; isdigit((unsigned char)*p); p++)
		n = n * 10 + (unsigned)(*p - '0');
	*text = p;
	return n;
}

static inline long long signed_number(const char **text)
{
	bool minus = **text == '-';
	long long n;

	*text += minus;
	n = (long long)number(text);
	return minus ? -n : n;
}

static inline unsigned hex(const char **text, int digits)
{
	unsigned n = 0;

	for (int i = 0; i < digits; i++, ++*text) {
		if (!isxdigit((unsigned char)**text) || isupper((unsigned char)**text))
			FAILED("\"%.40s\" is no hexadecimal number of %d digits", *text, digits);
		n = n * 16 + (unsigned)(isdigit((unsigned char)**text) ? **text - '0' : **text - 'a' + 10);
	}
	return n;
}

/* The kB of line NAME of meminfo, in room. */
static inline long meminfo(const char *name)
{
	char label[40];
	const char *p;

	snprintf(label, sizeof label, "%s:", name);
	p = strncmp(room, label, strlen(label)) == 0 ? room : strstr(room, label);
	if (!p || (p != room && p[-1] != '\n'))
		FAILED("meminfo has no %s", name);
	for (p += strlen(label); *p == ' '; p++)
		continue;
	return (long)number(&p);
}

/* The value of NAME in vmstat, in room. */
static inline long vmstat(const char *name)
{
	char label[40];
	const char *p;

	snprintf(label, sizeof label, "\n%s ", name);
	p = strstr(room, label);
	if (!p)
		FAILED("vmstat has no %s", name);
	p += strlen(label);
	return (long)number(&p);
}

struct region {
	unsigned start, end, offset, major, minor;
	unsigned long long ino;
	char prot[5];
	char name[128];
};

/* One line of maps at *TEXT, which moves to the next. */
static inline struct region region_parse(const char **text)
{
	const char *p = *text, *line = *text;
	struct region r = {0};
	size_t len;

	r.start = hex(&p, 8);
	p = expect(p, "-");
	r.end = hex(&p, 8);
	p = expect(p, " ");
	memcpy(r.prot, p, 4);
	CHECK(strchr("r-", p[0]) && strchr("w-", p[1]) && strchr("x-", p[2]) && strchr("sp", p[3]));
	p = expect(p + 4, " ");
	r.offset = hex(&p, 8);
	p = expect(p, " ");
	r.major = hex(&p, 2);
	p = expect(p, ":");
	r.minor = hex(&p, 2);
	p = expect(p, " ");
	r.ino = number(&p);
	p = expect(p, " ");
	if (*p != '\n') {
		while (*p == ' ')
			p++;
		CHECK_EQ(p - line, 49);
		len = strcspn(p, "\n");
		CHECK(len > 0 && len < sizeof r.name);
		memcpy(r.name, p, len);
		p += len;
	}
	CHECK(r.start < r.end && r.start % PAGE == 0 && r.end % PAGE == 0 && r.end <= KERNEL_BASE);
	*text = expect(p, "\n");
	return r;
}

/* All of maps in room: in order, without overlap. => the bytes of all regions; *N how many. */
static inline unsigned maps_check(int *n)
{
	const char *p = room;
	unsigned before = 0, all = 0;

	for (*n = 0; *p; ++*n) {
		struct region r = region_parse(&p);

		CHECK(r.start >= before);
		before = r.end;
		all += r.end - r.start;
	}
	return all;
}

/* The region of ADDRESS, in room; all 0 if there is none. */
static inline struct region maps_find(unsigned address)
{
	const char *p = room;

	while (*p) {
		struct region r = region_parse(&p);

		if (address >= r.start && address < r.end)
			return r;
	}
	return (struct region){0};
}

#define FIELDS 52

struct stat_fields {
	char name[32];
	char state;
	long long field[FIELDS + 1]; /* by the numbers of proc(5) */
};

/* The line of /proc/PID/stat in room. */
static inline struct stat_fields stat_parse(void)
{
	struct stat_fields s = {{0}, 0, {0}};
	const char *p = room, *end = strrchr(room, ')');

	s.field[1] = signed_number(&p);
	p = expect(p, " (");
	CHECK(end && end > p && end - p < (long)sizeof s.name);
	memcpy(s.name, p, (size_t)(end - p));
	p = expect(end, ") ");
	s.state = *p++;
	CHECK(strchr("RSDZT", s.state) != NULL);
	for (int i = 4; i <= FIELDS; i++) {
		p = expect(p, " ");
		s.field[i] = signed_number(&p);
	}
	CHECK_STRING(p, "\n");
	return s;
}

#endif
