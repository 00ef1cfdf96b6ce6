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
	HOG = 4 * MIB,       /* more than what a process may hold that draws on the reserve */
	PLAIN = 0x40000000,  /* memory that is there */
	PLAIN_PAGES = 16,
	SLOTS = PLAIN + TABLE, /* then regions that scenarios make, each with a table of its own */
	INODES = 32,         /* in a block of the inode table */
	LINES = 200,
	LINE = 160,
	FDS = 80,
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
	SMALL = 1,  /* may draw on the reserve */
	FORKS = 2,  /* the child returns too */
	ENDS = 4,   /* the runner, with status or signal `normal` */
	EXECS = 8,  /* on success the runner's status is the number of requests */
	BREAKS = 16, /* brk: a refusal is another result than what was asked for */
	AGAIN = 32  /* a refusal is EAGAIN: ENOMEM has another meaning */
};

struct expected {
	const char *call, *name;
	int points, refused, shorter, absorbed, killed;
};
struct known_call {
	int32_t number;
	const char *name;
};
#include "alloc_fail_table.h"

/* What became of a run. */
struct outcome {
	enum { FAULTY, REFUSED, SHORTER, FINE, KILLED } what;
	uint32_t count; /* of requests */
};

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
static __attribute__((noinline)) int32_t call_armed(const struct call *c, uint32_t k, uint32_t *count)
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
	                 : "=S"(result), "=a"(n), "+D"(c), "+c"(k)
	                 :
	                 : "ebx", "edx", "memory", "cc");
	*count = n;
	return result;
}

static __attribute__((noinline)) uint32_t touch_armed(const struct call *c, uint32_t k)
{
	uint32_t count;

	if (c->number == TOUCH_FPU)
		__asm__ volatile(ARM "fninit\n\t" DISARM : "=a"(count), "+c"(k) : : "ebx", "memory");
	else if (c->number == TOUCH_READ)
		__asm__ volatile(ARM "movb (%%edi), %%dl\n\t" DISARM
		                 : "=a"(count), "+c"(k)
		                 : "D"(c->a[0])
		                 : "ebx", "edx", "memory");
	else
		__asm__ volatile(ARM "movb $1, (%%edi)\n\t" DISARM
		                 : "=a"(count), "+c"(k)
		                 : "D"(c->a[0])
		                 : "ebx", "memory");
	return count;
}

static int32_t do_armed(const struct call *c, uint32_t k, uint32_t *count)
{
	if (c->number >= 0)
		return call_armed(c, k, count);
	*count = touch_armed(c, k);
	return 0;
}

/* ---- memory of a runner ---- */

static uint32_t plain_used, slots_used;
static int gate[2];

static void map_at(uint32_t at, uint32_t bytes)
{
	CHECK_EQ(P(mmap((void *)(uintptr_t)at, bytes, PROT_READ | PROT_WRITE,
	                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0)),
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

/* N pages that another process has too: up to 16 in a table of our own, more in one that is shared. */
static char *shared(uint32_t n)
{
	char *p = absent(n), byte;
	pid_t pid;

	for (uint32_t i = 0; i < n * PAGE; i++)
		p[i] = (char)(i / 7);
	TRY(pipe(gate));
	pid = TRY(fork());
	if (pid == 0) {
		close(gate[1]);
		close(REPORT_FD);
		CHECK_EQ(read(gate[0], &byte, 1), 0);
		_exit(0);
	}
	close(gate[0]);
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
			CHECK_EQ(stat(name, &st), 0);
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

		if (cloexec < 0)
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

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void state_take(struct state *s)
{
	s->n = 0;
	say_process(s);
	say_files(s);
	say_tree(s, DIR, 0);
	qsort(s->line, (size_t)s->n, LINE, by_text);
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
	int32_t result = do_armed(c, 0, &count);

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
		FAILED("refused with %d, not with ENOMEM", result);
	state_take(&state_after);
	state_compare();
	result = call_again(s, c);
	if (s->check)
		s->check(c, result);
}

static void runner(const struct scenario *s, struct call c, uint32_t k, char *hog)
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
	call_armed(&nothing, 0, &count);
	result = do_armed(&c, k, &o.count);
	if ((s->flags & FORKS) && result == 0)
		_exit(0);
	if (is_refusal(s, &c, result)) {
		if (o.count < k)
			FAILED("refused with %d though nothing failed", result);
		after_refusal(s, &c, result);
		o.what = REFUSED;
	} else {
		if (s->check)
			s->check(&c, result);
		if (result < c.full)
			o.what = SHORTER;
	}
	CHECK_EQ(write(REPORT_FD, &o, sizeof o), sizeof o);
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

static struct outcome run(const struct scenario *s, struct call *c, uint32_t k, char *hog)
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
		runner(s, *c, k, hog);
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

static void count_outcome(const struct scenario *s, uint32_t k, struct outcome o, struct expected *row)
{
	switch (o.what) {
	case FAULTY: complain(s, k, "the runner failed"); break;
	case REFUSED: row->refused++; break;
	case SHORTER: row->shorter++; break;
	case FINE: row->absorbed++; break;
	case KILLED: row->killed++; break;
	}
	if (o.what != FAULTY && o.count < k)
		complain(s, k, "only %u requests were made", o.count);
}

static void row_compare(const struct scenario *s, const struct expected *row)
{
	for (int i = 0; i < COUNT(expected); i++) {
		const struct expected *e = &expected[i];

		if (strcmp(e->call, s->call) != 0 || strcmp(e->name, s->name) != 0)
			continue;
		if (e->points != row->points || e->refused != row->refused || e->shorter != row->shorter ||
		    e->absorbed != row->absorbed || e->killed != row->killed)
			complain(s, 0, "docs/allocation-failures.md says %d points: %d refused, %d short, %d absorbed, %d killed",
			         e->points, e->refused, e->shorter, e->absorbed, e->killed);
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

static void scenario_run(const struct scenario *s, char *hog, bool compare)
{
	struct expected row = {.call = s->call, .name = s->name};
	struct call c = {.number = number_of(s->call)};
	struct outcome o;

	run(s, &c, NEVER, hog);
	ledger_take(&ledger_before);
	o = run(s, &c, NEVER, hog);
	row.points = (int)o.count;
	points_all += row.points;
	if (o.what != FINE)
		complain(s, 0, "it fails without a failure");
	for (uint32_t k = 1; o.what != FAULTY && k <= (uint32_t)row.points + 1 && k < POINTS_MAX; k++) {
		struct outcome at = run(s, &c, k, hog);

		ledger_take(&ledger_now);
		if (ledger_compare(&ledger_before, &ledger_now) != 0) {
			complain(s, k, "something is left behind");
			ledger_take(&ledger_before);
		}
		if (k <= (uint32_t)row.points)
			count_outcome(s, k, at, &row);
		else if (at.what != FINE || at.count != (uint32_t)row.points)
			complain(s, k, "%u requests were made, not %d", at.count, row.points);
	}
	printf("row|%s|%s|%d|%d|%d|%d|%d\n", row.call, row.name, row.points, row.refused, row.shorter, row.absorbed,
	       row.killed);
	fflush(stdout);
	if (compare)
		row_compare(s, &row);
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
