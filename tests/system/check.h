/* What the system tests share.  A test is a body that runs in a child, twice: the first run may make what first use
   makes (slab caches, directory blocks), the second must leave free memory and every slab cache exactly as it found
   them. A claim that fails prints where, and ends its process with status 1; a body that hears of it ends so too. A
   program that compares at its own end cannot see what its own end gives back; so the parent compares. */
#ifndef CHECK_H
#define CHECK_H

#include "_selftest.h"

#include <dormouse.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	PAGE = 4096,
	TABLE = 4 << 20, /* bytes that one leaf table maps */
	MIB = 1 << 20,
	GIB = 1 << 30,
	CHECK_CACHES = 96,
	CHECK_FAILED = 1,
};
#define KERNEL_BASE 0x80000000u
#define FAILED(...) check_failed(__FILE__, __LINE__, __VA_ARGS__)
#define CHECK(claim) ((claim) ? (void)0 : check_failed(__FILE__, __LINE__, "not true: %s (errno %d)", #claim, errno))
#define CHECK_EQ(got, want) check_equal(__FILE__, __LINE__, #got, (long long)(got), (long long)(want))
/* A call that fails with ERROR. */
#define CHECK_ERR(call, error) (errno = 0, check_error(__FILE__, __LINE__, #call, (long long)(intptr_t)(call), error))
/* The result of a call that succeeds. */
#define TRY(call) ((int)check_success(__FILE__, __LINE__, #call, (long long)(call)))
#define CHECK_STRING(got, want) \
	(strcmp(got, want) == 0 ? (void)0 : check_failed(__FILE__, __LINE__, "\"%s\" is not \"%s\"", got, want))
/* How a child ends that does DEED: its exit status, or minus the signal. */
#define CHECK_END(deed, want) check_equal(__FILE__, __LINE__, "the end of " #deed, child_end(deed), want)
#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static inline __attribute__((format(printf, 3, 4), noreturn)) void check_failed(const char *file, int line,
                                                                                const char *what, ...)
{
	char text[300];
	va_list args;
	const char *name = strrchr(file, '/');

	va_start(args, what);
	vsnprintf(text, sizeof text, what, args);
	va_end(args);
	dprintf(STDERR_FILENO, "%s:%d: %s\n", name ? name + 1 : file, line, text);
	_exit(CHECK_FAILED);
}

static inline void check_equal(const char *file, int line, const char *what, long long got, long long want)
{
	if (got != want)
		check_failed(file, line, "%s is %lld (%#llx), not %lld (%#llx) (errno %d)", what, got, got, want, want,
		             errno);
}

static inline void check_error(const char *file, int line, const char *what, long long got, int error)
{
	if (got != -1)
		check_failed(file, line, "%s gives %lld, should fail with %d", what, got, error);
	if (errno != error)
		check_failed(file, line, "%s fails with %d (%s), not %d", what, errno, strerror(errno), error);
}

static inline long long check_success(const char *file, int line, const char *what, long long got)
{
	if (got < 0)
		check_failed(file, line, "%s fails with %d (%s)", what, errno, strerror(errno));
	return got;
}

/* The bare trap: a negative result is -errno. */
static inline int32_t trap(uint32_t number, const uint32_t args[6])
{
	int32_t result;

	__asm__ volatile("pushl %%ebp\n\t"
	                 "movl 0(%%edi), %%ebx\n\t"
	                 "movl 4(%%edi), %%ecx\n\t"
	                 "movl 8(%%edi), %%edx\n\t"
	                 "movl 12(%%edi), %%esi\n\t"
	                 "movl 20(%%edi), %%ebp\n\t"
	                 "movl 16(%%edi), %%edi\n\t"
	                 "int $0x80\n\t"
	                 "popl %%ebp"
	                 : "=a"(result), "+D"(args)
	                 : "0"(number)
	                 : "ebx", "ecx", "edx", "esi", "memory", "cc");
	return result;
}

#define TRAP(number, ...) trap(number, (const uint32_t[6]){__VA_ARGS__})

/* Children. */

static inline pid_t child_start(void (*deed)(void))
{
	pid_t pid = fork();

	if (pid < 0)
		FAILED("fork fails with %d", errno);
	if (pid == 0) {
		deed();
		_exit(0);
	}
	return pid;
}

/* The exit status, or minus the signal, of child PID. */
static inline int child_wait(pid_t pid)
{
	int status = 0;
	pid_t got;

	do
		got = waitpid(pid, &status, 0);
	while (got < 0 && errno == EINTR);
	if (got != pid)
		FAILED("waitpid(%d) gives %d, errno %d", pid, got, errno);
	if ((status & ~0xff7f) != 0 || (WIFSIGNALED(status) && status >> 8 != 0))
		FAILED("wait status %#x", status);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static inline int child_end(void (*deed)(void))
{
	return child_wait(child_start(deed));
}

static inline void sleep_ms(int ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000};

	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		continue;
}

/* Until init has buried what became its children, so that no more than N processes are left. */
static inline void orphans_wait(int n)
{
	for (int tries = 0; getprocs(NULL, 0) > n; tries++) {
		if (tries == 1000)
			FAILED("there are still %d processes, not %d", getprocs(NULL, 0), n);
		sleep_ms(10);
	}
}

/* Until child PID is in STATE (see struct abi_procinfo). */
static inline void child_is(pid_t pid, char state)
{
	static struct abi_procinfo list[128];

	for (int tries = 0; tries < 5000; tries++) {
		int n = getprocs(list, sizeof list);

		for (int i = 0; i < n && i < COUNT(list); i++)
			if (list[i].pid == pid && list[i].state == state)
				return;
		sleep_ms(2);
	}
	FAILED("process %d does not come to state %c", pid, state);
}

static inline long long now_us(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_MONOTONIC, &t) < 0)
		FAILED("clock_gettime fails with %d", errno);
	return t.tv_sec * 1000000ll + t.tv_nsec / 1000;
}

/* Random numbers that a seed repeats. */
static uint32_t random_state;

static inline uint32_t random_next(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state;
}

static inline uint32_t random_below(uint32_t n)
{
	return random_next() % n;
}

/* The seed: the first argument, or the time; it is printed, so that a failed run can be had again. */
static inline void random_start(int argc, char **argv)
{
	uint32_t seed = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 0) : (uint32_t)now_us() * 2654435761u;

	random_state = seed ? seed : 1;
	printf("seed %u\n", random_state);
	fflush(stdout);
}

/* Bookkeeping: what the kernel holds. */
struct ledger {
	long free; /* bytes */
	struct abi_kstat now;
	struct abi_kstat_cache caches[CHECK_CACHES];
};

static inline void ledger_take(struct ledger *l)
{
	static struct {
		struct abi_kstat now;
		struct abi_kstat_cache caches[CHECK_CACHES];
	} raw;
	int n;

	sync();
	l->free = freemem();
	n = kstat(&raw, sizeof raw);
	if (n < (int)sizeof raw.now || n > (int)sizeof raw || raw.now.size != sizeof raw.now ||
	    n != (int)(sizeof raw.now + raw.now.ncaches * sizeof raw.caches[0]))
		FAILED("kstat gives %d, errno %d, record of %u bytes, %u caches", n, errno, raw.now.size,
		       raw.now.ncaches);
	l->now = raw.now;
	memcpy(l->caches, raw.caches, sizeof raw.caches);
}

/* Bytes of programs' own pages. */
static inline uint32_t anon_bytes(void)
{
	static struct {
		struct abi_kstat now;
		struct abi_kstat_cache caches[CHECK_CACHES];
	} raw;

	CHECK(kstat(&raw, sizeof raw) >= (int)sizeof raw.now);
	return raw.now.anon;
}

static inline int ledger_differs(const char *what, long long before, long long after)
{
	if (before == after)
		return 0;
	dprintf(STDERR_FILENO, "left behind: %s was %lld, is %lld\n", what, before, after);
	return 1;
}

/* Live objects of cache I.  The structs of cached pages come and go with memory pressure, as the pages do: beyond one
   for each cached page there must be none. */
static inline long long ledger_live(const struct ledger *l, uint32_t i)
{
	bool of_pages = strcmp(l->caches[i].name, "page") == 0;

	return (long long)l->caches[i].live - (of_pages ? l->now.cached / PAGE : 0);
}

/* What differs is printed; the number of differences. */
static inline int ledger_compare(const struct ledger *a, const struct ledger *b)
{
	int bad = ledger_differs("free memory", a->free, b->free);

	bad += ledger_differs("bytes of page tables", a->now.tables, b->now.tables);
	bad += ledger_differs("bytes of programs", a->now.anon, b->now.anon);
	bad += ledger_differs("dirty bytes", a->now.dirty, b->now.dirty);
	bad += ledger_differs("processes", a->now.nprocs, b->now.nprocs);
	bad += ledger_differs("threads", a->now.nthreads, b->now.nthreads);
	bad += ledger_differs("open files", a->now.nfiles, b->now.nfiles);
	bad += ledger_differs("slab caches", a->now.ncaches, b->now.ncaches);
	for (uint32_t i = 0; i < a->now.ncaches && i < b->now.ncaches; i++)
		bad += ledger_differs(a->caches[i].name, ledger_live(a, i), ledger_live(b, i));
	return bad;
}

/* Every count of the kernel's memory agrees with what it counts; what does not, the kernel's log says. */
static inline int audit_fails(void)
{
	int result = selftest(SELFTEST_AUDIT);

	if (result != 0)
		dprintf(STDERR_FILENO, "the audit ends with %d: see the kernel's log\n", result);
	return result != 0;
}

/* The first run only makes what first use makes.  Where many rounds of the same take long, a quarter of ALL does for
   it, the second has all of them. */
static bool check_rehearsal;

static inline int test_rounds(int all)
{
	return check_rehearsal ? (all + 3) / 4 : all;
}

/* Run BODY twice, each time in a child; the second run leaves nothing behind, and the audit finds nothing.  The exit
   status of the test. */
static inline int test_run(void (*body)(void))
{
	static struct ledger before, after;
	int end;

	memset(&before, 1, sizeof before); /* all pages of both are there from now on */
	memset(&after, 1, sizeof after);
	check_rehearsal = true;
	end = child_end(body);
	check_rehearsal = false;
	ledger_take(&before); /* and compared with itself: what this needs is there from now on, too */
	ledger_compare(&before, &before);
	ledger_take(&before);
	if (end == 0)
		end = child_end(body);
	ledger_take(&after);
	if (end != 0) {
		dprintf(STDERR_FILENO, "the test's body ended with %d\n", end);
		return CHECK_FAILED;
	}
	if (ledger_compare(&before, &after) != 0)
		end = CHECK_FAILED;
	if (audit_fails())
		end = CHECK_FAILED;
	return end;
}

#endif
