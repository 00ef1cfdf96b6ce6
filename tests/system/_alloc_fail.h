/* The engine of alloc_fail.c: run a scenario with its k-th request for memory failing, k = 1, 2, 3 ... until nothing
   fails any more, and compare.

   Each run is a process of its own, the runner: it prepares, writes down all it can see of its state, makes the call
   with the k-th request failing, looks again, and, if the call was refused, makes it once more.  The parent compares
   what the kernel holds with what it held before, and counts.  Between two runs the caches are dropped, and what the
   call may touch lies in regions of the runner's own, so that the number of requests does not depend on anything but
   the kernel.  The runner holds so much memory that it may not draw on the reserve, unless the scenario says so. */
#ifndef ALLOC_FAIL_H
#define ALLOC_FAIL_H

#include <abi/dirent.h>
#include <abi/misc.h>
#include <abi/signal.h>
#include <sys/ioctl.h>

#include "_selftest.h"
#include "check.h"

#define DIR "/tmp/inject"

enum {
	NEVER = 1 << 30,
	REPORT_FD = 3,
	HOG = 4 * MIB,      /* more than what a process may hold that draws on the reserve */
	PLAIN = 0x40000000, /* memory that is there */
	PLAIN_PAGES = 16,
	SLOTS = PLAIN + TABLE, /* then regions that scenarios make, each with a table of its own */
	INODES = 32,           /* in a block of the inode table */
	LINES = 200,
	LINE = 160,
	FDS = 80,
	SMALL_FDS = 32, /* descriptors before their table grows first */
	LOOK_FIRST = 20,
	LOOK_END = 26,
	POINTS_MAX = 250,
	/* Things a program does that are no system calls. */
	TOUCH_READ = -1,
	TOUCH_WRITE = -2,
	TOUCH_FPU = -3,
};

struct call {
	int32_t number;
	uint32_t a[6];
	int32_t full; /* a result that is less is a short count; 0: there are none */
};

struct scenario {
	const char *call, *name;
	void (*prepare)(struct call *c);
	/* After a success, of which a short count is one. */
	void (*check)(const struct call *c, int32_t result);
	unsigned flags;
	int normal; /* the result is this error */
};
enum {
	SMALL = 1,   /* may draw on the reserve */
	FORKS = 2,   /* the child returns too */
	ENDS = 4,    /* the runner, with status or signal `normal` */
	EXECS = 8,   /* on success the runner's status is the number of requests */
	BREAKS = 16, /* brk: a refusal is another result than what was asked for */
	DIRTY = 32,  /* with a file whose attributes are to be written */
	AGAIN = 64,  /* refuses with EAGAIN: its ENOMEM means something else */
};

/* What became of a run. */
enum what { REFUSED, SHORTER, FINE, KILLED, WHATS, FAULTY = WHATS };
struct outcome {
	enum what what;
	uint32_t count; /* of requests */
};

/* A row of docs/allocation-failures.md: of so many points, how many ended how, with one request failing [0], and with
   all from there on [1]. */
struct row {
	const char *call, *name;
	int points, ended[2][WHATS];
};
struct known_call {
	int32_t number;
	const char *name;
};
#include "alloc_fail_table.h"

#define P(pointer) ((uint32_t)(uintptr_t)(pointer))

/* ---- arming ---- */

#define ARM \
	"movl $0x404, %%eax\n\t" \
	"movl $10, %%ebx\n\t" \
	"int $0x80\n\t"
#define DISARM \
	"movl $0x404, %%eax\n\t" \
	"movl $10, %%ebx\n\t" \
	"xorl %%ecx, %%ecx\n\t" \
	"int $0x80\n\t"

/* Make call C with the K-th request failing.  From arming to disarming nothing is written: after a fork even the stack
   would be a page to copy. */
static __attribute__((noinline)) int32_t call_armed(const struct call *c, uint32_t k, uint32_t all, uint32_t *count)
{
	int32_t result;
	uint32_t n;

	__asm__ volatile("pushl %%ebp\n\t" ARM "movl 0(%%edi), %%eax\n\t"
	                 "movl 4(%%edi), %%ebx\n\t"
	                 "movl 8(%%edi), %%ecx\n\t"
	                 "movl 12(%%edi), %%edx\n\t"
	                 "movl 16(%%edi), %%esi\n\t"
	                 "movl 24(%%edi), %%ebp\n\t"
	                 "movl 20(%%edi), %%edi\n\t"
	                 "int $0x80\n\t"
	                 "movl %%eax, %%esi\n\t" DISARM "popl %%ebp"
	                 : "=S"(result), "=a"(n), "+D"(c), "+c"(k), "+d"(all)
	                 :
	                 : "ebx", "memory", "cc");
	*count = n;
	return result;
}

static __attribute__((noinline)) uint32_t touch_armed(const struct call *c, uint32_t k, uint32_t all)
{
	uint32_t count;

	if (c->number == TOUCH_FPU)
		__asm__ volatile(ARM "fninit\n\t" DISARM : "=a"(count), "+c"(k) : "d"(all) : "ebx", "memory");
	else if (c->number == TOUCH_READ)
		__asm__ volatile(ARM "movb (%%edi), %%dl\n\t" DISARM
		                 : "=a"(count), "+c"(k), "+d"(all)
		                 : "D"(c->a[0])
		                 : "ebx", "memory");
	else
		__asm__ volatile(ARM "movb $1, (%%edi)\n\t" DISARM
		                 : "=a"(count), "+c"(k)
		                 : "D"(c->a[0]), "d"(all)
		                 : "ebx", "memory");
	return count;
}

static int32_t do_armed(const struct call *c, uint32_t k, uint32_t all, uint32_t *count)
{
	if (c->number >= 0)
		return call_armed(c, k, all, count);
	*count = touch_armed(c, k, all);
	return 0;
}

/* ---- memory of a runner ---- */

static uint32_t plain_used, slots_used;
static int gate[2];

static void map_at(uint32_t at, uint32_t bytes)
{
	CHECK_EQ(P(mmap((void *)(uintptr_t)at, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
	                -1, 0)),
	         at);
}

/* N bytes that are there. */
static void *plain(uint32_t n)
{
	void *p = (void *)(uintptr_t)(PLAIN + plain_used);

	plain_used += (n + 15) & ~15u;
	CHECK(plain_used <= PLAIN_PAGES * PAGE);
	return p;
}

static uint32_t text(const char *s)
{
	return P(strcpy(plain(strlen(s) + 1), s));
}

/* N pages that are promised; the table for them is not there either. */
static char *absent(uint32_t n)
{
	uint32_t at = SLOTS + TABLE * slots_used++;

	map_at(at, n * PAGE);
	return (char *)(uintptr_t)at;
}

/* All that is there belongs to another process too, until this one ends. */
static void share(void)
{
	char byte;

	TRY(pipe(gate));
	if (TRY(fork()) == 0) {
		close(gate[1]);
		close(REPORT_FD);
		CHECK_EQ(read(gate[0], &byte, 1), 0);
		_exit(0);
	}
	close(gate[0]);
}

/* N pages that are shared: up to 16 in a table of our own, more in one that is shared as well. */
static char *shared(uint32_t n)
{
	char *p = absent(n);

	for (uint32_t i = 0; i < n * PAGE; i++)
		p[i] = (char)(i / 7 | 1);
	share();
	return p;
}

static void plain_make(void)
{
	map_at(PLAIN, PLAIN_PAGES * PAGE);
	memset((void *)(uintptr_t)PLAIN, 0x5a, PLAIN_PAGES * PAGE);
}

/* A fork since has made it copy-on-write. */
static void plain_own(void)
{
	for (volatile char *p = (char *)(uintptr_t)PLAIN; P(p) < PLAIN + PLAIN_PAGES * PAGE; p += PAGE)
		*p = *p;
}

/* ---- what a process can see ---- */

struct state {
	int n;
	char line[LINES][LINE];
};
static struct state state_before, state_after;

static __attribute__((format(printf, 2, 3))) void say(struct state *s, const char *format, ...)
{
	va_list args;

	CHECK(s->n < LINES);
	va_start(args, format);
	vsnprintf(s->line[s->n++], LINE, format, args);
	va_end(args);
}

static uint32_t hash_of(const void *p, uint32_t n, uint32_t h)
{
	for (const unsigned char *b = p; n > 0; n--)
		h = (h ^ *b++) * 16777619u;
	return h;
}

static uint32_t hash_of_file(const char *path)
{
	static char buf[PAGE];
	int fd = TRY(open(path, O_RDONLY)), n;
	uint32_t h = 2166136261u;

	while ((n = TRY(read(fd, buf, sizeof buf))) > 0)
		h = hash_of(buf, (uint32_t)n, h);
	close(fd);
	return h;
}

static void say_tree(struct state *s, const char *path, int level)
{
	static char bufs[4][PAGE], names[4][256];
	char *buf = bufs[level], *name = names[level];
	int fd = TRY(open(path, O_RDONLY | O_DIRECTORY)), n;
	struct stat st;

	while ((n = TRY(TRAP(220, (uint32_t)fd, P(buf), PAGE))) > 0)
		for (int at = 0; at < n; at += ((struct abi_dirent64 *)(buf + at))->reclen) {
			const char *entry = ((struct abi_dirent64 *)(buf + at))->name;

			if (entry[0] == '.')
				continue;
			snprintf(name, 256, "%s/%s", path, entry);
			CHECK_EQ(lstat(name, &st), 0);
			say(s, "%s: inode %u mode %o links %u size %u content %x", name, (unsigned)st.st_ino,
			    (unsigned)st.st_mode, (unsigned)st.st_nlink, (unsigned)st.st_size,
			    S_ISREG(st.st_mode) ? hash_of_file(name) : 0);
			if (S_ISDIR(st.st_mode))
				say_tree(s, name, level + 1);
		}
	close(fd);
}

static void say_files(struct state *s)
{
	struct stat st;

	for (int fd = 0; fd < FDS; fd++) {
		int cloexec = fcntl(fd, F_GETFD), bytes = -1;

		if (cloexec < 0 || fd == REPORT_FD)
			continue;
		CHECK_EQ(fstat(fd, &st), 0);
		ioctl(fd, FIONREAD, &bytes);
		say(s, "fd %d: inode %u close-on-exec %d flags %o offset %d bytes %d size %u links %u", fd,
		    (unsigned)st.st_ino, cloexec, (unsigned)fcntl(fd, F_GETFL), (int)lseek(fd, 0, SEEK_CUR), bytes,
		    (unsigned)st.st_size, (unsigned)st.st_nlink);
	}
}

static void say_process(struct state *s)
{
	static struct abi_procinfo list[64];
	static char cwd[PATH_MAX];
	struct abi_sigaction action;
	uint32_t set[2];
	int n = getprocs(list, sizeof list);

	for (int i = 0; i < n; i++) {
		if (list[i].ppid == getpid())
			say(s, "child %d", list[i].pid);
		if (list[i].pid == getpid())
			say(s, "promised %u group %d session %d", list[i].promised, list[i].pgid, list[i].sid);
	}
	for (uint32_t sig = 1; sig <= 31; sig++) {
		CHECK_EQ(TRAP(174, sig, 0, P(&action), 8), 0);
		if (action.handler)
			say(s, "signal %u: %u", sig, action.handler);
	}
	CHECK_EQ(TRAP(175, SIG_BLOCK, 0, P(set), 8), 0);
	say(s, "blocked %x %x, break %x, in %s", set[0], set[1], (unsigned)TRAP(45, 0), getcwd(cwd, sizeof cwd));
}

/* The lines of a file of /proc. */
static void say_lines(struct state *s, const char *what, const char *path)
{
	static char text[2 * PAGE];
	int fd = TRY(open(path, O_RDONLY)), n = 0, got;

	while ((got = TRY(read(fd, text + n, sizeof text - 1 - (size_t)n))) > 0)
		n += got;
	close(fd);
	text[n] = '\0';
	for (char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		*end = '\0';
		say(s, "%s %s", what, line);
	}
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* To look takes some descriptors: where a scenario has filled the table, they are made free for it. */
static bool descriptors_full;

static void descriptors_fill(void)
{
	while (dup(0) < SMALL_FDS - 1)
		continue;
	descriptors_full = true;
}

static void state_take(struct state *s)
{
	for (int fd = LOOK_FIRST; fd < LOOK_END && descriptors_full; fd++)
		close(fd);
	s->n = 0;
	say_process(s);
	say_lines(s, "region", "/proc/self/maps"); /* with their rights */
	say_lines(s, "segment", "/proc/sysvipc/shm");
	say_files(s);
	say_tree(s, DIR, 0);
	qsort(s->line, (size_t)s->n, LINE, by_text);
	for (int fd = LOOK_FIRST; fd < LOOK_END && descriptors_full; fd++)
		CHECK_EQ(dup2(0, fd), fd);
}

static void state_compare(void)
{
	for (int i = 0; i < state_before.n || i < state_after.n; i++) {
		const char *was = i < state_before.n ? state_before.line[i] : "nothing";
		const char *is = i < state_after.n ? state_after.line[i] : "nothing";

		if (strcmp(was, is) != 0)
			FAILED("refused, but \"%s\" became \"%s\"", was, is);
	}
}

/* ---- one run ---- */

static int dirty_fd;

/* The caches were dropped, and what was dirty was written: now the file of DIRTY_FD is dirty again. */
static void dirty_again(void)
{
	char byte;

	CHECK_EQ(read(dirty_fd, &byte, 1), 1);
	CHECK_EQ(lseek(dirty_fd, 0, SEEK_SET), 0);
	CHECK_EQ(write(dirty_fd, &byte, 1), 1);
	CHECK_EQ(lseek(dirty_fd, 0, SEEK_SET), 0);
}

static bool is_error(int32_t result)
{
	return (uint32_t)result > -4096u;
}

static bool is_refusal(const struct scenario *s, const struct call *c, int32_t result)
{
	if (s->flags & BREAKS)
		return (uint32_t)result != c->a[0];
	return is_error(result) && result != s->normal;
}

static int32_t call_again(const struct scenario *s, const struct call *c)
{
	uint32_t count;
	int32_t result = do_armed(c, 0, 0, &count);

	if ((s->flags & FORKS) && result == 0)
		_exit(0);
	if (is_refusal(s, c, result))
		FAILED("refused with %d though nothing failed", result);
	return result;
}

/* The call was refused, and RESULT says why. */
static void after_refusal(const struct scenario *s, const struct call *c, int32_t result)
{
	if (!(s->flags & BREAKS) && result != (s->flags & AGAIN ? -EAGAIN : -ENOMEM))
		FAILED("refused with %d", result);
	CHECK_EQ(selftest(SELFTEST_AUDIT), 0);
	state_take(&state_after);
	state_compare();
	result = call_again(s, c);
	if (s->check)
		s->check(c, result);
}

static void runner(const struct scenario *s, struct call c, uint32_t k, bool all, char *hog)
{
	struct call nothing = {.number = 20};
	struct outcome o = {.what = FINE};
	uint32_t count;
	int32_t result;

	CHECK_EQ(chdir(DIR), 0);
	if (s->flags & SMALL)
		CHECK_EQ(munmap(hog, HOG), 0);
	plain_make();
	s->prepare(&c);
	plain_own();
	state_take(&state_before); /* and what this needs is there from now on */
	state_take(&state_before);
	CHECK_EQ(selftest(SELFTEST_DROP_CACHES), 0);
	if (s->flags & DIRTY)
		dirty_again();
	call_armed(&nothing, 0, 0, &count);
	result = do_armed(&c, k, all, &o.count);
	if ((s->flags & FORKS) && result == 0)
		_exit(0);
	if (is_refusal(s, &c, result))
		o.what = REFUSED;
	else if (result >= 0 && result < c.full)
		o.what = SHORTER;
	CHECK_EQ(write(REPORT_FD, &o, sizeof o), sizeof o);
	if (o.what == REFUSED && o.count < k)
		FAILED("refused with %d though nothing failed", result);
	if (o.what == REFUSED)
		after_refusal(s, &c, result);
	else if (s->check)
		s->check(&c, result);
	_exit(0);
}

/* ---- the parent ---- */

static void remove_tree(const char *path)
{
	static char buf[PAGE];
	char name[256];
	int fd = TRY(open(path, O_RDONLY | O_DIRECTORY)), n;

	while ((n = TRY(TRAP(220, (uint32_t)fd, P(buf), PAGE))) > 0) {
		bool again = false;

		for (int at = 0; at < n && !again; at += ((struct abi_dirent64 *)(buf + at))->reclen) {
			const char *entry = ((struct abi_dirent64 *)(buf + at))->name;

			if (entry[0] == '.')
				continue;
			snprintf(name, sizeof name, "%s/%s", path, entry);
			if (unlink(name) == 0)
				continue;
			CHECK_EQ(errno, EISDIR);
			remove_tree(name); /* uses the buffer */
			CHECK_EQ(rmdir(name), 0);
			again = true;
		}
		if (again)
			CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	}
	close(fd);
}

/* What the end of the runner says, of which nothing was heard. */
static struct outcome outcome_of_end(const struct scenario *s, int end)
{
	struct outcome o = {.what = FAULTY};

	if (end == -SIGKILL && s->normal != -SIGKILL)
		o.what = KILLED;
	else if ((s->flags & EXECS) ? end >= 0 && end < POINTS_MAX : (s->flags & ENDS) && end == s->normal)
		o.what = FINE;
	o.count = s->flags & EXECS && o.what == FINE ? (uint32_t)end : (uint32_t)selftest(SELFTEST_ENDED_ALLOCS);
	return o;
}

static struct outcome run(const struct scenario *s, struct call *c, uint32_t k, bool all, char *hog)
{
	struct outcome o;
	int ends[2], processes = getprocs(NULL, 0), end;
	ssize_t got;
	pid_t pid;

	TRY(pipe(ends));
	pid = TRY(fork());
	if (pid == 0) {
		close(ends[0]);
		TRY(dup2(ends[1], REPORT_FD));
		if (ends[1] != REPORT_FD)
			close(ends[1]);
		runner(s, *c, k, all, hog);
	}
	close(ends[1]);
	got = read(ends[0], &o, sizeof o);
	close(ends[0]);
	end = child_wait(pid);
	if (got == 0)
		o = outcome_of_end(s, end);
	else if (got != sizeof o || end != 0)
		o.what = FAULTY;
	orphans_wait(processes);
	remove_tree(DIR);
	return o;
}

/* ---- a scenario with all its points ---- */

static struct ledger ledger_before, ledger_now;
static int failures, points_all;

static __attribute__((format(printf, 3, 4))) void complain(const struct scenario *s, uint32_t k, const char *format,
                                                           ...)
{
	char why[200];
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof why, format, args);
	va_end(args);
	printf("FAILED %s, %s, request %u: %s\n", s->call, s->name, k, why);
	fflush(stdout);
	failures++;
}

static bool row_equal(const struct row *a, const struct row *b)
{
	return a->points == b->points && memcmp(a->ended, b->ended, sizeof a->ended) == 0;
}

static void row_print(const struct row *r)
{
	printf("row|%s|%s|%d", r->call, r->name, r->points);
	for (int all = 0; all < 2; all++)
		for (int i = 0; i < WHATS; i++)
			printf("|%d", r->ended[all][i]);
	printf("\n");
	fflush(stdout);
}

static void row_compare(const struct scenario *s, const struct row *row)
{
	for (int i = 0; i < COUNT(expected); i++) {
		if (strcmp(expected[i].call, s->call) != 0 || strcmp(expected[i].name, s->name) != 0)
			continue;
		if (!row_equal(&expected[i], row)) {
			complain(s, 0, "found, and what docs/allocation-failures.md says:");
			row_print(row);
			row_print(&expected[i]);
		}
		return;
	}
	complain(s, 0, "it is not in docs/allocation-failures.md");
}

static int32_t number_of(const char *name)
{
	static const struct known_call other[] = {
		{TOUCH_READ, "(read of memory)"}, {TOUCH_WRITE, "(write to memory)"}, {TOUCH_FPU, "(floating point)"}};

	for (int i = 0; i < COUNT(calls); i++)
		if (strcmp(calls[i].name, name) == 0)
			return calls[i].number;
	for (int i = 0; i < COUNT(other); i++)
		if (strcmp(other[i].name, name) == 0)
			return other[i].number;
	FAILED("there is no call %s", name);
}

/* Nothing of a file system was lost: it says so in the log. */
static char log_text[65536];

static void log_check(const struct scenario *s, uint32_t k)
{
	static int seen;
	int n = klog(log_text, sizeof log_text - 1), found = 0;

	log_text[n] = '\0';
	for (const char *p = log_text; (p = strstr(p, "dmfs: ")) != NULL; p++)
		found++;
	if (found > seen)
		complain(s, k, "the log speaks of damage");
	seen = found;
}

/* One run with the K-th request failing, and what there is to say after it. */
static struct outcome point(const struct scenario *s, struct call *c, uint32_t k, bool all, char *hog)
{
	struct outcome o = run(s, c, k, all, hog);

	ledger_take(&ledger_now);
	if (ledger_compare(&ledger_before, &ledger_now) != 0) {
		complain(s, k, "something is left behind");
		ledger_take(&ledger_before);
	}
	log_check(s, k);
	return o;
}

static void points(const struct scenario *s, struct call *c, bool all, struct row *row, enum what *alone, char *hog)
{
	uint32_t last = (uint32_t)row->points;

	/* The new program may draw on the reserve; without that it would wait for another process to end. */
	while (all && (s->flags & EXECS) && last > 0 && alone[last] != REFUSED)
		last--;
	for (uint32_t k = 1; k <= last; k++) {
		struct outcome o = point(s, c, k, all, hog);

		alone[k] = o.what;

		if (o.what == FAULTY || o.count < k)
			complain(s, k, "the runner failed, after %u requests", o.count);
		else
			row->ended[all][o.what]++;
	}
}

static void scenario_run(const struct scenario *s, char *hog, bool compare)
{
	struct row row = {.call = s->call, .name = s->name};
	struct call c = {.number = number_of(s->call)};
	enum what alone[POINTS_MAX];
	struct outcome o;

	run(s, &c, NEVER, false, hog);
	ledger_take(&ledger_before);
	o = point(s, &c, NEVER, false, hog);
	row.points = o.what == FINE && o.count < POINTS_MAX ? (int)o.count : 0;
	points_all += row.points;
	points(s, &c, false, &row, alone, hog);
	if (!(s->flags & SMALL)) /* that would wait for another process to end */
		points(s, &c, true, &row, alone, hog);
	o = point(s, &c, (uint32_t)row.points + 1, !(s->flags & (SMALL | EXECS)), hog);
	if (o.what != FINE || o.count != (uint32_t)row.points)
		complain(s, o.count, "%d requests were made before", row.points);
	if (compare)
		row_compare(s, &row);
	else
		row_print(&row);
}

/* DIR is the first inode of a block of the inode table, so that what is made in it lies there too. */
static void directory_make(void)
{
	struct stat st = {.st_ino = 0};
	char name[64];

	CHECK_EQ(mkdir("/tmp/inject.fill", 0755), 0);
	for (int i = 0; st.st_ino % INODES != INODES - 1; i++) {
		snprintf(name, sizeof name, "/tmp/inject.fill/%d", i);
		close(TRY(open(name, O_RDWR | O_CREAT, 0644)));
		CHECK_EQ(stat(name, &st), 0);
	}
	CHECK_EQ(mkdir(DIR, 0755), 0);
	CHECK_EQ(stat(DIR, &st), 0);
	CHECK_EQ(st.st_ino % INODES, 0);
}

#endif
