// Bad pointers in every pointer argument of every system call, and good ones in awkward places.  The calls and the
// kinds of their arguments come from sys/syscalls.def (_gen_efault.py makes efault_table.h); what is written here by
// hand is only how each call is made to succeed.  A call with a pointer that has no such recipe fails the test.
// suite: lazy
// cpus: 1 4
// mem: 64 512
// expect: efault, [0-9]+ calls, [0-9]+ of them with [0-9]+ pointers
#include <abi/futex.h>
#include <abi/misc.h>
#include <abi/resource.h>
#include <abi/shm.h>
#include <abi/termios.h>
#include <abi/time.h>

#include <sched.h>
#include <sys/shm.h>

#include "check.h"

enum kind {
	KIND_VALUE,
	KIND_PATH,
	KIND_STRV,
	KIND_INBUF,
	KIND_OUTBUF,
	KIND_IN,
	KIND_OUT,
	KIND_INOUT,
	KIND_IN_WORD,
	KIND_IN_IOVEC,
	KIND_OUT_IOVEC,
};
struct argument {
	enum kind kind;
	bool null_allowed;
	uint32_t size; /* of what it points to */
};
struct call {
	uint32_t number;
	const char *name;
	int n;
	struct argument args[6];
};
#include "efault_table.h"

/* How a call is made to succeed. */
struct recipe {
	uint32_t number;
	void (*prepare)(uint32_t *a); /* fills in arguments */
	void (*undo)(void);           /* after a call that failed or succeeded */
	bool same;                    /* what it writes is the same every time */
	int unchecked;                /* an argument that the call need not look at, plus one */
};

enum { SYS_EXECVE = 11, SYS_FUTEX = 240, SYS_IOCTL = 54, TEXT = 64, UNMAPPED = 0x20000000, LONG_PATH = 5000 };
#define FILE_PATH "/tmp/efault.file"
#define OTHER_PATH "/tmp/efault.other"
#define DIR_PATH "/tmp/efault.dir"

static char text[TEXT + 1] = "The quick brown fox jumps over the lazy dog; 0123456789 abcdefgh";
static union {
	char bytes[16384];
	struct abi_iovec vector[2];
	struct abi_timespec time;
	struct abi_timespec64 time64;
	struct abi_user_desc desc;
	struct abi_rlimit limit;
	struct abi_rlimit64 limit64;
	struct abi_sigaction action;
	int number;
} object[4];
static int fd_file, fd_dir, fd_tty, fds[2];
static int tried, succeeded;

#define P(pointer) ((uint32_t)(uintptr_t)(pointer))

static void file_new(const char *path)
{
	int fd = TRY(open(path, O_RDWR | O_CREAT | O_TRUNC, 0644));

	CHECK_EQ(write(fd, text, TEXT), TEXT);
	close(fd);
}

/* Recipes. */

static void no_undo(void)
{
}

static void pipe_filled(void)
{
	TRY(pipe(fds));
	CHECK_EQ(write(fds[1], text, TEXT), TEXT);
}

/* Whatever the failed call was, the pipe's bytes are all there; after a success, none or some. */
static void pipe_drop(void)
{
	close(fds[0]);
	close(fds[1]);
}

static void do_read(uint32_t *a)
{
	pipe_filled();
	a[0] = (uint32_t)fds[0];
	a[1] = P(object[1].bytes);
	a[2] = TEXT;
}

static void do_write(uint32_t *a)
{
	pipe_filled();
	a[0] = (uint32_t)fds[1];
	a[1] = P(text);
	a[2] = TEXT;
}

static void do_readv(uint32_t *a)
{
	pipe_filled();
	object[0].vector[0] = (struct abi_iovec){P(object[1].bytes), 10};
	object[0].vector[1] = (struct abi_iovec){P(object[2].bytes), TEXT - 10};
	a[0] = (uint32_t)fds[0];
	a[1] = P(object[0].vector);
	a[2] = 2;
}

static void do_writev(uint32_t *a)
{
	pipe_filled();
	object[0].vector[0] = (struct abi_iovec){P(text), 10};
	object[0].vector[1] = (struct abi_iovec){P(text + 10), TEXT - 10};
	a[0] = (uint32_t)fds[1];
	a[1] = P(object[0].vector);
	a[2] = 2;
}

static void do_path(uint32_t *a)
{
	file_new(FILE_PATH);
	a[0] = P(FILE_PATH);
	a[1] = 0;
}

static void do_openat(uint32_t *a)
{
	file_new(FILE_PATH);
	a[0] = (uint32_t)AT_FDCWD;
	a[1] = P(FILE_PATH);
}

static int32_t last_result;

static void close_result(void)
{
	if (last_result >= 3)
		close(last_result);
}

static void do_two_paths(uint32_t *a)
{
	file_new(FILE_PATH);
	unlink(OTHER_PATH);
	a[0] = P(FILE_PATH);
	a[1] = P(OTHER_PATH);
}

static void do_new_path(uint32_t *a)
{
	a[0] = P(DIR_PATH);
	a[1] = 0755;
}

static void remove_new(void)
{
	rmdir(DIR_PATH);
	unlink(DIR_PATH);
}

static void do_mknod(uint32_t *a)
{
	do_new_path(a);
	a[1] = S_IFREG | 0644;
}

static void do_rmdir(uint32_t *a)
{
	mkdir(DIR_PATH, 0755);
	a[0] = P(DIR_PATH);
}

static void do_chdir(uint32_t *a)
{
	a[0] = P("/tmp");
}

static void do_wait(uint32_t *a)
{
	pid_t pid = fork();

	CHECK(pid >= 0);
	if (pid == 0)
		_exit(3);
	a[0] = (uint32_t)pid;
	a[1] = P(object[1].bytes);
	a[3] = P(object[2].bytes);
}

static void wait_all(void)
{
	while (waitpid(-1, NULL, 0) > 0)
		continue;
}

static void do_execve(uint32_t *a)
{
	static char *const argv[] = {(char *)"true", (char *)"x", NULL}, *const envp[] = {(char *)"A=1", NULL};

	a[0] = P("/bin/true");
	a[1] = P(argv);
	a[2] = P(envp);
}

static void do_out_first(uint32_t *a)
{
	a[0] = P(object[1].bytes);
}

static void close_pipe(void)
{
	if (last_result == 0)
		for (int fd = 3; fd < 30; fd++)
			if (fd != fd_file && fd != fd_dir && fd != fd_tty)
				close(fd);
}

static int shm_id;

static void do_shmctl(uint32_t *a)
{
	a[0] = (uint32_t)shm_id;
	a[1] = IPC_STAT;
	a[2] = P(object[1].bytes);
}

static void do_llseek(uint32_t *a)
{
	a[0] = (uint32_t)fd_file;
	a[3] = P(object[1].bytes);
	a[4] = SEEK_END;
}

static void do_nanosleep(uint32_t *a)
{
	object[0].time = (struct abi_timespec){0, 1000};
	a[0] = P(&object[0].time);
	a[1] = P(object[1].bytes);
}

static void do_sigaction(uint32_t *a)
{
	object[0].action = (struct abi_sigaction){.handler = ABI_SIG_IGN};
	a[0] = SIGUSR1;
	a[1] = P(&object[0].action);
	a[2] = P(object[1].bytes);
	a[3] = 8;
}

static void do_sigprocmask(uint32_t *a)
{
	memset(object[0].bytes, 0, 8);
	a[0] = SIG_SETMASK;
	a[1] = P(object[0].bytes);
	a[2] = P(object[1].bytes);
	a[3] = 8;
}

static void do_buffer(uint32_t *a)
{
	a[0] = P(object[1].bytes);
	a[1] = sizeof object[1].bytes;
}

static void do_stat(uint32_t *a)
{
	a[0] = P("/README");
	a[1] = P(object[1].bytes);
}

static void do_fstat(uint32_t *a)
{
	a[0] = (uint32_t)fd_file;
	a[1] = P(object[1].bytes);
}

static void do_fstatat(uint32_t *a)
{
	a[0] = (uint32_t)AT_FDCWD;
	a[1] = P("/README");
	a[2] = P(object[1].bytes);
}

static void do_symlink(uint32_t *a)
{
	a[0] = P("/README");
	a[1] = P(DIR_PATH);
}

static void do_readlink(uint32_t *a)
{
	a[0] = P("/proc/self/exe");
	a[1] = P(object[1].bytes);
	a[2] = sizeof object[1].bytes;
}

static void do_readlinkat(uint32_t *a)
{
	a[0] = (uint32_t)AT_FDCWD;
	a[1] = P("/proc/self/exe");
	a[2] = P(object[1].bytes);
	a[3] = sizeof object[1].bytes;
}

static void do_getdents(uint32_t *a)
{
	lseek(fd_dir, 0, SEEK_SET);
	a[0] = (uint32_t)fd_dir;
	a[1] = P(object[1].bytes);
	a[2] = 1024;
}

static void do_set_thread_area(uint32_t *a)
{
	object[1].desc = (struct abi_user_desc){6, 0x1000, 0xfffff, 0x51};
	a[0] = P(&object[1].desc);
	for (object[1].desc.entry_number = 0; object[1].desc.entry_number < 64; object[1].desc.entry_number++)
		if (trap(243, a) == 0) /* the entry that this kernel has for it */
			return;
	FAILED("there is no entry for set_thread_area");
}

static void do_clock(uint32_t *a)
{
	a[0] = CLOCK_MONOTONIC;
	a[1] = P(object[1].bytes);
}

static void do_tty(uint32_t *a)
{
	a[0] = (uint32_t)fd_tty;
	a[2] = P(object[1].bytes);
}

static void do_tty_set(uint32_t *a)
{
	do_tty(a);
	CHECK_EQ(TRAP(SYS_IOCTL, (uint32_t)fd_tty, TCGETS, P(object[1].bytes)), 0);
}

static void do_group(uint32_t *a)
{
	do_tty(a);
	object[1].number = getpgrp();
}

static void do_limit(uint32_t *a)
{
	object[1].limit = (struct abi_rlimit){8u << 20, ABI_RLIM_INFINITY};
	a[0] = RLIMIT_STACK;
	a[1] = P(&object[1].limit);
}

static void do_prlimit(uint32_t *a)
{
	object[1].limit64 = (struct abi_rlimit64){8u << 20, ABI_RLIM64_INFINITY};
	a[0] = 0;
	a[1] = RLIMIT_STACK;
	a[2] = P(&object[1].limit64);
	a[3] = P(&object[2].limit64);
}

static void do_mincore(uint32_t *a)
{
	a[0] = P(object) & ~(uint32_t)(PAGE - 1);
	a[1] = 4 * PAGE;
	for (uint32_t at = 0; at < a[1]; at += PAGE) /* they are there, now and later */
		((volatile char *)(uintptr_t)a[0])[at] = ((volatile char *)(uintptr_t)a[0])[at];
	a[2] = P(object[1].bytes);
}

/* Somebody wakes who sleeps on the word, as soon as there is one. */
static uint32_t *word;
static pid_t waker;

static void wake_one(void)
{
	while (TRAP(SYS_FUTEX, P(word), FUTEX_WAKE, 1) != 1)
		sched_yield();
}

static void do_futex(uint32_t *a)
{
	object[0].time = (struct abi_timespec){1000, 0};
	waker = child_start(wake_one);
	a[0] = P(word);
	a[1] = FUTEX_WAIT;
	a[3] = P(&object[0].time);
}

static void do_futex_time64(uint32_t *a)
{
	do_futex(a);
	object[0].time64 = (struct abi_timespec64){1000, 0, 0};
}

static void waker_end(void)
{
	kill(waker, SIGKILL);
	child_wait(waker);
}

static const struct recipe recipes[] = {
	{SYS_FUTEX, do_futex, waker_end, true, 0},
	{422, do_futex_time64, waker_end, true, 0},
	{218, do_mincore, no_undo, true, 0},
	{3, do_read, pipe_drop, true, 0},
	{4, do_write, pipe_drop, true, 0},
	{5, do_path, close_result, true, 0},
	{7, do_wait, wait_all, false, 0},
	{9, do_two_paths, no_undo, true, 0},
	{10, do_path, no_undo, true, 0},
	{11, do_execve, no_undo, true, 0},
	{12, do_chdir, no_undo, true, 0},
	{13, do_out_first, no_undo, false, 0},
	{14, do_mknod, remove_new, true, 0},
	{33, do_path, no_undo, true, 0},
	{38, do_two_paths, no_undo, true, 0},
	{39, do_new_path, remove_new, true, 0},
	{40, do_rmdir, remove_new, true, 0},
	{42, do_out_first, close_pipe, false, 0},
	{43, do_out_first, no_undo, false, 0},
	{75, do_limit, no_undo, true, 0},
	{76, do_limit, no_undo, true, 0},
	{191, do_limit, no_undo, true, 0},
	{340, do_prlimit, no_undo, true, 0},
	{114, do_wait, wait_all, false, 0},
	{116, do_out_first, no_undo, false, 0},
	{122, do_out_first, no_undo, true, 0},
	{140, do_llseek, no_undo, true, 0},
	{145, do_readv, pipe_drop, true, 0},
	{146, do_writev, pipe_drop, true, 0},
	{162, do_nanosleep, no_undo, false, 2}, /* the rest of the time is written only when a handler interrupted it */
	{174, do_sigaction, no_undo, false, 0},
	{175, do_sigprocmask, no_undo, true, 0},
	{183, do_buffer, no_undo, true, 0},
	{195, do_stat, no_undo, false, 0},
	{196, do_stat, no_undo, false, 0},
	{197, do_fstat, no_undo, false, 0},
	{220, do_getdents, no_undo, true, 0},
	{243, do_set_thread_area, no_undo, true, 0},
	{83, do_symlink, remove_new, true, 0},
	{85, do_readlink, no_undo, true, 0},
	{305, do_readlinkat, no_undo, true, 0},
	{265, do_clock, no_undo, false, 0},
	{295, do_openat, close_result, true, 0},
	{300, do_fstatat, no_undo, false, 0},
	{396, do_shmctl, no_undo, true, 0},
	{403, do_clock, no_undo, false, 0},
	{0x401, do_buffer, no_undo, false, 0},
	{0x402, do_buffer, no_undo, false, 0},
	{0x403, do_buffer, no_undo, false, 0},
};

/* Requests to the terminal have their pointer in an argument that syscalls.def calls a number. */
static const struct {
	struct call call;
	uint32_t request;
	struct recipe recipe;
} requests[] = {
	{{SYS_IOCTL, "ioctl TCGETS", 3, {{0}, {0}, {KIND_OUT, 0, 36}}}, TCGETS, {0, do_tty, no_undo, true, 0}},
	{{SYS_IOCTL, "ioctl TCSETS", 3, {{0}, {0}, {KIND_IN, 0, 36}}}, TCSETS, {0, do_tty_set, no_undo, true, 0}},
	{{SYS_IOCTL, "ioctl TCSETSF", 3, {{0}, {0}, {KIND_IN, 0, 36}}}, TCSETSF, {0, do_tty_set, no_undo, true, 0}},
	{{SYS_IOCTL, "ioctl TIOCGWINSZ", 3, {{0}, {0}, {KIND_OUT, 0, 8}}}, TIOCGWINSZ, {0, do_tty, no_undo, true, 0}},
	{{SYS_IOCTL, "ioctl TIOCGPGRP", 3, {{0}, {0}, {KIND_OUT, 0, 4}}}, TIOCGPGRP, {0, do_tty, no_undo, true, 0}},
	{{SYS_IOCTL, "ioctl TIOCSPGRP", 3, {{0}, {0}, {KIND_IN, 0, 4}}}, TIOCSPGRP, {0, do_group, no_undo, true, 0}},
};

static uint32_t request_now;

/* The arguments of CALL as its recipe has them. */
static void arguments_make(const struct recipe *r, uint32_t *a)
{
	memset(a, 0, 6 * sizeof a[0]);
	for (int i = 1; i < COUNT(object); i++)
		memset(object[i].bytes, 0xa5, sizeof object[i].bytes);
	a[1] = request_now;
	r->prepare(a);
}

static int fd_lowest(void)
{
	int fd = TRY(dup(0));

	close(fd);
	return fd;
}

/* Make CALL with argument AT replaced by BAD: it must fail with ERROR, or, if SHORT_OK, do less than that many bytes.
   */
static void bad_try(const struct call *c, const struct recipe *r, int at, uint32_t bad, int error, int short_ok)
{
	uint32_t a[6];
	int32_t result;
	int fd;

	arguments_make(r, a);
	a[at] = bad;
	fd = fd_lowest();
	result = last_result = trap(c->number, a);
	if (result != -error && !(short_ok && result > 0 && result < short_ok))
		FAILED("%s with argument %d of %#x gives %d, not %d", c->name, at, bad, result, -error);
	if (result < 0 && fd_lowest() != fd)
		FAILED("%s with argument %d of %#x leaves a descriptor behind", c->name, at, bad);
	if (result < 0 && r->undo == pipe_drop) {
		CHECK_EQ(read(fds[0], object[1].bytes, sizeof object[1].bytes), TEXT); /* nothing lost, nothing added */
		CHECK(memcmp(object[1].bytes, text, TEXT) == 0);
	}
	r->undo();
	tried++;
}

/* Memory to be wrong with: a page that may be written and one after it that is not there, one that may only be read,
   one that may not even be read. */
static char *edge, *read_only, *forbidden;

static void places_make(void)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS;

	edge = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, flags, -1, 0);
	read_only = mmap(NULL, PAGE, PROT_READ, flags, -1, 0);
	forbidden = mmap(NULL, PAGE, PROT_NONE, flags, -1, 0);
	CHECK(edge != MAP_FAILED && read_only != MAP_FAILED && forbidden != MAP_FAILED);
	CHECK(munmap(edge + 2 * PAGE, 2 * PAGE) == 0);
	memset(edge, 'e', 2 * PAGE);
	edge += PAGE; /* one whole page up to the hole */
}

static void bad_everywhere(const struct call *c, const struct recipe *r, int at)
{
	static const uint32_t never[] = {UNMAPPED,   KERNEL_BASE, 0x80100000, 0xc0000000,
	                                 0xfec00000, 0xfffff000,  0xfffffff0, 0xffffffff};
	const struct argument *arg = &c->args[at];

	if (!arg->null_allowed)
		bad_try(c, r, at, 0, EFAULT, 0);
	for (int i = 0; i < COUNT(never); i++)
		bad_try(c, r, at, never[i], arg->kind == KIND_IN_WORD && never[i] % 4 ? EINVAL : EFAULT, 0);
	bad_try(c, r, at, P(forbidden), EFAULT, 0);
	bad_try(c, r, at, P(edge + PAGE), EFAULT, 0);
	if (arg->kind == KIND_OUT || arg->kind == KIND_OUTBUF || arg->kind == KIND_INOUT) {
		bad_try(c, r, at, P(read_only), EFAULT, 0);
		bad_try(c, r, at, P(bad_everywhere), EFAULT, 0);
	}
}

/* The object begins in a good page and ends in the hole: by one byte, and all but one byte. */
static void bad_straddling(const struct call *c, const struct recipe *r, int at, uint32_t size, bool short_ok)
{
	if (size < 2)
		return;
	memset(edge, 0, PAGE);
	bad_try(c, r, at, P(edge + PAGE - size + 1), EFAULT, short_ok ? (int)size : 0);
	bad_try(c, r, at, P(edge + PAGE - 1), EFAULT, short_ok ? 2 : 0);
}

static void bad_path(const struct call *c, const struct recipe *r, int at)
{
	static char long_path[LONG_PATH + 1];

	memset(edge, 'a', PAGE);
	bad_try(c, r, at, P(edge), ENAMETOOLONG, 0); /* PATH_MAX bytes without an end: what follows does not matter */
	bad_try(c, r, at, P(edge + 1), EFAULT, 0);
	bad_try(c, r, at, P(edge + PAGE - 100), EFAULT, 0);
	bad_try(c, r, at, P(edge + PAGE - 1), EFAULT, 0);
	for (int i = 0; i < LONG_PATH; i++)
		long_path[i] = i % 2 ? '.' : '/';
	bad_try(c, r, at, P(long_path), ENAMETOOLONG, 0);
	memset(long_path, 'a', LONG_PATH);
	bad_try(c, r, at, P(long_path), ENAMETOOLONG, 0);
}

static void bad_strings(const struct call *c, const struct recipe *r, int at)
{
	uint32_t *v = (uint32_t *)(edge + PAGE) - 2;
	static const uint32_t bad[] = {4, UNMAPPED, KERNEL_BASE, 0xfffffffc};

	v[0] = v[1] = P("x"); /* the vector has no end before the hole */
	bad_try(c, r, at, P(v), EFAULT, 0);
	bad_try(c, r, at, P(edge + PAGE - 2), EFAULT, 0);
	for (int i = 0; i < COUNT(bad); i++) {
		v[0] = bad[i];
		v[1] = 0;
		bad_try(c, r, at, P(v), EFAULT, 0);
	}
	memset(edge, 's', PAGE / 2);
	v = (uint32_t *)edge + PAGE / 8 + 4;
	v[0] = P(edge + PAGE - 4);
	v[1] = 0;
	memcpy(edge + PAGE - 4, "tail", 4); /* a string that runs into the hole */
	bad_try(c, r, at, P(v), EFAULT, 0);
}

/* The second of two buffers is bad: what the first took may be reported, nothing more. */
static void bad_vector(const struct call *c, const struct recipe *r, int at, bool output)
{
	static const uint32_t bad[] = {0, UNMAPPED, KERNEL_BASE, 0xfffffff0};
	struct abi_iovec *v = (struct abi_iovec *)edge;

	for (int i = 0; i < COUNT(bad) + output; i++) {
		v[0] = v[1] = (struct abi_iovec){i < COUNT(bad) ? bad[i] : P(read_only), TEXT / 2};
		bad_try(c, r, at, P(v), EFAULT, 0);
		v[0].base = P(text);
		v[0].len = 10;
		bad_try(c, r, at, P(v), EFAULT, 11);
	}
	v[0] = (struct abi_iovec){P(text), 0xfffffff0};
	bad_try(c, r, at, P(v), EINVAL, 0);
	v[0].len = v[1].len = 0x7fffffff;
	bad_try(c, r, at, P(v), EINVAL, 0);
	bad_straddling(c, r, at, 2 * sizeof *v, false);
}

/* A word that is there, but does not begin where words begin. */
static void bad_word(const struct call *c, const struct recipe *r, int at)
{
	for (uint32_t by = 1; by < 4; by++) {
		bad_try(c, r, at, P(edge) + by, EINVAL, 0);
		bad_try(c, r, at, P(edge + PAGE) - by, EINVAL, 0);
	}
}

static void bad_argument(const struct call *c, const struct recipe *r, int at)
{
	uint32_t a[6];

	bad_everywhere(c, r, at);
	switch (c->args[at].kind) {
	case KIND_VALUE: break;
	case KIND_PATH: bad_path(c, r, at); break;
	case KIND_STRV: bad_strings(c, r, at); break;
	case KIND_IN_IOVEC: bad_vector(c, r, at, false); break;
	case KIND_OUT_IOVEC: bad_vector(c, r, at, true); break;
	case KIND_IN:
	case KIND_OUT:
	case KIND_INOUT: bad_straddling(c, r, at, c->args[at].size, false); break;
	case KIND_IN_WORD: bad_word(c, r, at); break;
	case KIND_INBUF:
	case KIND_OUTBUF:
		arguments_make(r, a);
		last_result = -1;
		r->undo();
		bad_straddling(c, r, at, a[at + 1] < PAGE ? a[at + 1] : PAGE, true);
		break;
	}
}

/* Success. */

static int32_t call_make(const struct call *c, uint32_t *a)
{
	int status;
	pid_t pid;

	if (c->number != SYS_EXECVE)
		return trap(c->number, a);
	pid = fork();
	if (pid == 0)
		_exit(trap(c->number, a) == 0 ? 1 : 2);
	return waitpid(pid, &status, 0) == pid && status == 0 ? 0 : -1;
}

/* Bytes behind argument AT that may lie anywhere; 0 if it is no pointer to such. */
static uint32_t movable(const struct call *c, const uint32_t *a, int at)
{
	switch (c->args[at].kind) {
	case KIND_VALUE:
	case KIND_IN_WORD: /* somebody else knows where it is */
	case KIND_STRV: return 0;
	case KIND_PATH: return strlen((const char *)(uintptr_t)a[at]) + 1;
	case KIND_INBUF:
	case KIND_OUTBUF: return a[at + 1] < 2048 ? a[at + 1] : 2048;
	case KIND_IN:
	case KIND_OUT:
	case KIND_INOUT: return c->args[at].size;
	case KIND_IN_IOVEC:
	case KIND_OUT_IOVEC: return c->args[at].size * 2;
	}
	return 0;
}

static bool is_output(enum kind kind)
{
	return kind == KIND_OUT || kind == KIND_OUTBUF;
}

static char *area; /* a page boundary for each argument: two pages each */

static void area_new(void)
{
	if (area)
		CHECK(munmap(area, 12 * PAGE) == 0);
	area = mmap(NULL, 12 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(area != MAP_FAILED);
}

/* Move the objects of A across page boundaries of the area: inputs are copied there, outputs find what is there (in
   memory that is only promised: nothing). */
static void arguments_move(const struct call *c, uint32_t *a)
{
	for (int at = 0; at < c->n; at++) {
		uint32_t size = movable(c, a, at);
		char *to = area + 2 * PAGE * at + PAGE - size / 2;

		if (size == 0)
			continue;
		if (!is_output(c->args[at].kind))
			memcpy(to, (void *)(uintptr_t)a[at], size);
		a[at] = P(to);
		if (c->args[at].kind == KIND_OUTBUF)
			a[at + 1] = size;
	}
}

/* What the call wrote behind argument AT equals what it wrote with plain memory. */
static void outputs_compare(const struct call *c, const uint32_t *plain, const uint32_t *moved)
{
	for (int at = 0; at < c->n; at++)
		if (is_output(c->args[at].kind) &&
		    memcmp((void *)(uintptr_t)plain[at], (void *)(uintptr_t)moved[at], 4) != 0)
			FAILED("%s writes something else behind argument %d across pages", c->name, at);
}

static void call_succeeds(const struct call *c, const struct recipe *r, bool shared)
{
	uint32_t plain[6], a[6];
	int gate[2];
	char byte;
	pid_t pid = 0;

	area_new();
	if (shared) {
		memset(area, 0x77, 12 * PAGE);
		TRY(pipe(gate));
		pid = fork();
		CHECK(pid >= 0);
		if (pid == 0) { /* shares the area until the call is over, and must not see it */
			close(gate[1]);
			CHECK(read(gate[0], &byte, 1) == 0);
			for (int i = 0; i < 12 * PAGE; i++)
				CHECK(area[i] == 0x77);
			_exit(0);
		}
		close(gate[0]);
	}
	arguments_make(r, a);
	memcpy(plain, a, sizeof a);
	arguments_move(c, a);
	last_result = call_make(c, a);
	if (last_result < 0)
		FAILED("%s gives %d with good arguments%s", c->name, last_result, shared ? " in shared memory" : "");
	if (r->undo != wait_all)
		r->undo();
	if (shared) {
		close(gate[1]);
		CHECK_EQ(child_wait(pid), 0);
	}
	if (r->undo == wait_all)
		r->undo();
	if (r->same && r->undo != pipe_drop) {
		uint32_t again[6];

		arguments_make(r, again);
		last_result = call_make(c, again);
		CHECK(last_result >= 0);
		outputs_compare(c, again, a);
		r->undo();
	}
	succeeded++;
}

static int call_test(const struct call *c, const struct recipe *r)
{
	int pointers = 0;

	for (int at = 0; at < c->n; at++) {
		if (c->args[at].kind == KIND_VALUE)
			continue;
		pointers++;
		if (r->unchecked != at + 1)
			bad_argument(c, r, at);
	}
	call_succeeds(c, r, false);
	call_succeeds(c, r, true);
	return pointers;
}

static const struct recipe *recipe_find(const struct call *c)
{
	for (int i = 0; i < COUNT(recipes); i++)
		if (recipes[i].number == c->number)
			return &recipes[i];
	return NULL;
}

static bool has_pointers(const struct call *c)
{
	for (int at = 0; at < c->n; at++)
		if (c->args[at].kind != KIND_VALUE)
			return true;
	return false;
}

/* Numbers that are no calls, and a path that is as long as a path may be. */
static void limits(void)
{
	static const uint32_t none[] = {0, 17, 500, 0x3ff, 0x4ff, 0x7fffffff, 0x80000000, 0xffffffff};
	static char path[PATH_MAX];
	struct stat st;

	for (int i = 0; i < COUNT(none); i++)
		CHECK_EQ(TRAP(none[i], 0), -ENOSYS);
	memset(path, '/', PATH_MAX - 1);
	memcpy(path + PATH_MAX - 7, "README", 6);
	CHECK_EQ(stat(path, &st), 0);
}

static void body(void)
{
	int with = 0, pointers = 0;

	places_make();
	word = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(word != MAP_FAILED);
	file_new(FILE_PATH);
	fd_file = TRY(open("/README", O_RDONLY));
	fd_dir = TRY(open("/bin", O_RDONLY | O_DIRECTORY));
	fd_tty = TRY(open("/dev/tty", O_RDWR));
	shm_id = TRY(shmget(IPC_PRIVATE, 1, 0600));
	for (int i = 0; i < COUNT(calls); i++) {
		const struct recipe *r = recipe_find(&calls[i]);

		if (!has_pointers(&calls[i]))
			continue;
		if (!r)
			FAILED("%s has a pointer argument and no recipe here", calls[i].name);
		pointers += call_test(&calls[i], r);
		with++;
	}
	for (int i = 0; i < COUNT(requests); i++) {
		request_now = requests[i].request;
		pointers += call_test(&requests[i].call, &requests[i].recipe);
		with++;
	}
	request_now = 0;
	limits();
	TRY(shmctl(shm_id, IPC_RMID, NULL));
	unlink(FILE_PATH);
	unlink(OTHER_PATH);
	printf("efault, %d calls, %d of them with %d pointers (requests to the terminal counted as calls): %d bad ones "
	       "were "
	       "refused, %d times good ones were taken\n",
	       COUNT(calls) + COUNT(requests), with, pointers, tried, succeeded);
	fflush(stdout);
}

int main(void)
{
	return test_run(body);
}
