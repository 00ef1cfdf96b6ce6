// Futexes: each error, exactly as many woken as were asked for and in their order, who meets whom, moving, and what
// happens to memory, files and other processes while somebody sleeps.  The kernel knows nothing of them afterwards.
// suite: shm
// cpus: 1 4
// kernels: debug release
#include "_futex.h"

enum { SLEEPERS = 6, SECOND = 1000000000, UNMAPPED = 0x20000000 };
#define FILE_PATH "/tmp/futex.file"

static uint32_t *word, *other, *at; /* in shared memory; at: where the next sleeper sleeps */
static int op = FUTEX_WAIT;
static uint32_t bits = FUTEX_BITSET_MATCH_ANY;

/* ---- sleepers ---- */

static void sleeper(void)
{
	_exit(TRAP(SYS_FUTEX, P(at), (uint32_t)op, *at, 0, 0, bits) == 0 ? 0 : 9);
}

/* A child that sleeps on AT, which is in shared memory. */
static pid_t sleeper_start(uint32_t *where)
{
	int32_t n = sleepers(where);
	pid_t pid;

	at = where;
	pid = child_start(sleeper);
	sleepers_wait(where, n + 1);
	return pid;
}

static void are_woken(const pid_t *pids, int n)
{
	for (int i = 0; i < n; i++)
		CHECK_EQ(child_wait(pids[i]), 0);
}

static void is_killed(pid_t pid)
{
	CHECK_EQ(kill(pid, SIGKILL), 0);
	CHECK_EQ(child_wait(pid), -SIGKILL);
}

/* ---- errors ---- */

static void bad_addresses(void)
{
	static const uint32_t bad[] = {0, UNMAPPED, KERNEL_BASE, 0xc0000000, 0xfffffffc};
	char *none = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (int i = 0; i < COUNT(bad); i++) {
		uint32_t *p = (uint32_t *)(uintptr_t)bad[i];

		CHECK_EQ(futex(p, FUTEX_WAIT, 0), -EFAULT);
		CHECK_EQ(futex(p, FUTEX_WAIT_PRIVATE, 0), -EFAULT);
		CHECK_EQ(futex(p, FUTEX_WAKE, 1), -EFAULT);
		CHECK_EQ(futex_move(p, 0, 1, word), -EFAULT);
		CHECK_EQ(futex_move(word, 0, 1, p), -EFAULT);
		/* whoever slept there would have had it mapped */
		CHECK_EQ(futex(p, FUTEX_WAKE_PRIVATE, 1), bad[i] < KERNEL_BASE ? 0 : -EFAULT);
	}
	CHECK_EQ(futex((uint32_t *)none, FUTEX_WAIT, 0), -EFAULT);
	CHECK_EQ(futex((uint32_t *)none, FUTEX_WAIT_PRIVATE, 0), -EFAULT);
	CHECK_EQ(futex((uint32_t *)none, FUTEX_WAKE, 1), -EFAULT);
	for (uint32_t by = 1; by < 4; by++) {
		uint32_t *p = (uint32_t *)((uintptr_t)word + by);

		CHECK_EQ(futex(p, FUTEX_WAIT, 0), -EINVAL);
		CHECK_EQ(futex(p, FUTEX_WAIT_PRIVATE, 0), -EINVAL);
		CHECK_EQ(futex(p, FUTEX_WAKE, 1), -EINVAL);
		CHECK_EQ(futex(p, FUTEX_WAKE_PRIVATE, 1), -EINVAL);
		CHECK_EQ(futex_move(p, 0, 1, word), -EINVAL);
		CHECK_EQ(futex_move(word, 0, 1, p), -EINVAL);
	}
	TRY(munmap(none, PAGE));
}

static void bad_operations(void)
{
	static const int none[] = {FUTEX_FD,         FUTEX_WAKE_OP,         FUTEX_LOCK_PI,        FUTEX_UNLOCK_PI,
	                           FUTEX_TRYLOCK_PI, FUTEX_WAIT_REQUEUE_PI, FUTEX_CMP_REQUEUE_PI, FUTEX_LOCK_PI2};
	static const int later[] = {14, 64, 512, 0x7fffff7f, -1};

	for (int i = 0; i < COUNT(none); i++)
		CHECK_EQ(futex(word, none[i], 0), -ENOSYS);
	for (int i = 0; i < COUNT(later); i++)
		CHECK_EQ(futex(word, later[i], 0), -ENOSYS);
	CHECK_EQ(futex(word, FUTEX_WAIT | FUTEX_CLOCK_REALTIME, 1), -ENOSYS);
	CHECK_EQ(futex(word, FUTEX_WAKE | FUTEX_CLOCK_REALTIME, 1), -ENOSYS);
	CHECK_EQ(TRAP(SYS_FUTEX, P(word), FUTEX_WAIT_BITSET, 0, 0, 0, 0), -EINVAL);
	CHECK_EQ(TRAP(SYS_FUTEX, P(word), FUTEX_WAKE_BITSET, 1, 0, 0, 0), -EINVAL);
	CHECK_EQ(futex_move(word, (uint32_t)-1, 1, other), -EINVAL);
	CHECK_EQ(futex_move(word, 1, (uint32_t)-1, other), -EINVAL);
	CHECK_EQ(TRAP(SYS_FUTEX, P(word), FUTEX_CMP_REQUEUE, 1, 1, P(other), 1), -EAGAIN);
	CHECK_EQ(TRAP(SYS_FUTEX, P(word), FUTEX_CMP_REQUEUE, 1, 1, P(other), 0), 0);
	CHECK_EQ(futex(word, FUTEX_WAKE, 1), 0);
	CHECK_EQ(futex(word, FUTEX_WAIT, 1), -EAGAIN);
	CHECK_EQ(futex(word, FUTEX_WAIT_PRIVATE, 1), -EAGAIN);
	CHECK_EQ(futex(word, FUTEX_WAIT_BITSET, 1), -EAGAIN);
}

static int32_t wait64(uint32_t value, int64_t sec, int32_t nsec)
{
	const struct abi_timespec64 t = {sec, nsec, 0xdeadbeef};

	return TRAP(SYS_FUTEX_TIME64, P(word), FUTEX_WAIT, value, P(&t), 0, 0);
}

static void bad_times(void)
{
	CHECK_EQ(futex_until(word, FUTEX_WAIT, 0, -1, 0), -EINVAL);
	CHECK_EQ(futex_until(word, FUTEX_WAIT, 0, 0, -1), -EINVAL);
	CHECK_EQ(futex_until(word, FUTEX_WAIT, 0, 0, SECOND), -EINVAL);
	CHECK_EQ(futex_until(word, FUTEX_WAIT_BITSET, 0, -1, 0), -EINVAL);
	CHECK_EQ(TRAP(SYS_FUTEX, P(word), FUTEX_WAIT, 0, UNMAPPED), -EFAULT);
	CHECK_EQ(TRAP(SYS_FUTEX, P(word), FUTEX_WAIT, 0, KERNEL_BASE), -EFAULT);
	CHECK_EQ(TRAP(SYS_FUTEX_TIME64, P(word), FUTEX_WAIT, 0, UNMAPPED), -EFAULT);
	CHECK_EQ(wait64(0, -1, 0), -EINVAL);
	CHECK_EQ(wait64(0, 0, SECOND), -EINVAL);
	/* more than there are nanoseconds */
	CHECK_EQ(wait64(1, INT64_MAX, SECOND - 1), -EAGAIN);
	CHECK_EQ(futex_until(word, FUTEX_WAIT, 1, INT32_MAX, SECOND - 1), -EAGAIN);
}

/* ---- time ---- */

static struct timespec now_by(clockid_t clock)
{
	struct timespec t;

	TRY(clock_gettime(clock, &t));
	return t;
}

/* 30 ms from now by CLOCK: asleep at least so long. */
static void sleeps_until(clockid_t clock, int flag)
{
	struct timespec end = now_by(clock), now;

	end.tv_nsec += 30000000;
	if (end.tv_nsec >= SECOND) {
		end.tv_sec++;
		end.tv_nsec -= SECOND;
	}
	CHECK_EQ(futex_until(word, FUTEX_WAIT_BITSET | flag, 0, end.tv_sec, end.tv_nsec), -ETIMEDOUT);
	now = now_by(clock);
	CHECK(now.tv_sec > end.tv_sec || (now.tv_sec == end.tv_sec && now.tv_nsec >= end.tv_nsec));
	CHECK_EQ(futex_until(word, FUTEX_WAIT_BITSET | flag, 0, end.tv_sec, end.tv_nsec), -ETIMEDOUT);
	CHECK_EQ(futex_until(word, FUTEX_WAIT_BITSET | flag, 1, end.tv_sec, end.tv_nsec), -EAGAIN);
}

static void times_pass(void)
{
	long long start = now_us();

	CHECK_EQ(futex_until(word, FUTEX_WAIT, 0, 0, 30000000), -ETIMEDOUT);
	CHECK(now_us() - start >= 30000);
	start = now_us();
	CHECK_EQ(wait64(0, 0, 30000000), -ETIMEDOUT);
	CHECK(now_us() - start >= 30000);
	CHECK_EQ(futex_until(word, FUTEX_WAIT, 0, 0, 0), -ETIMEDOUT);
	CHECK_EQ(futex_until(word, FUTEX_WAIT_PRIVATE, 0, 0, 1), -ETIMEDOUT);
	CHECK_EQ(futex_until(word, FUTEX_WAIT_BITSET, 0, 0, 0), -ETIMEDOUT);
	CHECK_EQ(futex_until(word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, 1, 0), -ETIMEDOUT);
	sleeps_until(CLOCK_MONOTONIC, 0);
	sleeps_until(CLOCK_REALTIME, FUTEX_CLOCK_REALTIME);
	CHECK_EQ(sleepers(word), 0);
}

/* ---- memory of every kind ---- */

static void try_both(uint32_t *p)
{
	CHECK_EQ(futex_until(p, FUTEX_WAIT, 0, 0, 0), -ETIMEDOUT);
	CHECK_EQ(futex(p, FUTEX_WAIT, 1), -EAGAIN);
	CHECK_EQ(futex_until(p, FUTEX_WAIT_PRIVATE, 0, 0, 0), -ETIMEDOUT);
	CHECK_EQ(futex(p, FUTEX_WAIT_PRIVATE, 1), -EAGAIN);
	CHECK_EQ(TRAP(SYS_FUTEX, P(p), FUTEX_CMP_REQUEUE, 1, 1, P(word), 1), -EAGAIN);
}

/* Pages that were never touched, each operation first. */
static void untouched(int prot, int flags, int fd)
{
	for (int which = 0; which < 5; which++) {
		char *p = mmap(NULL, 2 * PAGE, prot, flags, fd, 0);
		uint32_t *w = (uint32_t *)(p + 2 * PAGE - 4);

		CHECK(p != MAP_FAILED);
		if (which == 1)
			CHECK_EQ(futex(w, FUTEX_WAIT, 1), -EAGAIN);
		if (which == 2)
			CHECK_EQ(futex_until(w, FUTEX_WAIT_PRIVATE, 0, 0, 0), -ETIMEDOUT);
		if (which == 3)
			CHECK_EQ(futex(w, FUTEX_WAKE, 1), 0);
		if (which == 4)
			CHECK_EQ(TRAP(SYS_FUTEX, P(w), FUTEX_CMP_REQUEUE, 1, 1, P(word), 0), 0);
		try_both(w);
		TRY(munmap(p, 2 * PAGE));
	}
}

static void copied(void)
{
	try_both(at);
	*at = 1; /* a page of its own from now on */
	CHECK_EQ(futex(at, FUTEX_WAIT, 0), -EAGAIN);
	CHECK_EQ(futex_until(at, FUTEX_WAIT, 1, 0, 0), -ETIMEDOUT);
}

static int file_new(uint32_t pages)
{
	int fd = TRY(open(FILE_PATH, O_CREAT | O_TRUNC | O_RDWR, 0644));

	TRY(ftruncate(fd, pages * PAGE));
	return fd;
}

static void kinds_of_memory(void)
{
	static uint32_t in_data;
	int fd = file_new(2);

	untouched(RW, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	untouched(PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	untouched(RW, MAP_SHARED | MAP_ANONYMOUS, -1);
	untouched(RW, MAP_SHARED, fd);
	untouched(PROT_READ, MAP_SHARED, fd);
	untouched(RW, MAP_PRIVATE, fd);
	at = &in_data;
	CHECK_END(copied, 0);
	CHECK_EQ(in_data, 0);
	close(fd);
}

/* ---- how many, in which order, with which bits ---- */

static void counts(void)
{
	pid_t pids[SLEEPERS];

	for (int i = 0; i < SLEEPERS; i++)
		pids[i] = sleeper_start(word);
	CHECK_EQ(futex(word + 1, FUTEX_WAKE, INT_MAX), 0);
	CHECK_EQ(futex(other, FUTEX_WAKE, INT_MAX), 0);
	CHECK_EQ(futex(word, FUTEX_WAKE_PRIVATE, INT_MAX), 0);
	CHECK_EQ(futex(word, FUTEX_WAKE, 2), 2);
	are_woken(pids, 2); /* who came first */
	CHECK_EQ(sleepers(word), SLEEPERS - 2);
	CHECK_EQ(futex(word, FUTEX_WAKE, 0), 1); /* as Linux has it */
	are_woken(pids + 2, 1);
	CHECK_EQ(sleepers(word), SLEEPERS - 3);
	CHECK_EQ(futex(word, FUTEX_WAKE, INT_MAX), SLEEPERS - 3);
	are_woken(pids + 3, SLEEPERS - 3);
	CHECK_EQ(futex(word, FUTEX_WAKE, INT_MAX), 0);
}

static int32_t wake_bits(uint32_t which)
{
	return TRAP(SYS_FUTEX, P(word), FUTEX_WAKE_BITSET, INT_MAX, 0, 0, which);
}

static void bitsets(void)
{
	pid_t pids[3];

	op = FUTEX_WAIT_BITSET;
	for (int i = 0; i < 3; i++) {
		bits = 1u << i;
		pids[i] = sleeper_start(word);
	}
	op = FUTEX_WAIT;
	bits = FUTEX_BITSET_MATCH_ANY;
	CHECK_EQ(wake_bits(8), 0);
	CHECK_EQ(wake_bits(2), 1);
	are_woken(pids + 1, 1);
	CHECK_EQ(wake_bits(3), 1);
	are_woken(pids, 1);
	CHECK_EQ(futex(word, FUTEX_WAKE, 5), 1); /* all bits */
	are_woken(pids + 2, 1);
	pids[0] = sleeper_start(word); /* for all */
	CHECK_EQ(wake_bits(0x80000000), 1);
	are_woken(pids, 1);
}

/* ---- who meets whom ---- */

static pid_t hidden_sleeper(uint32_t *where, int how)
{
	pid_t pid;

	at = where;
	op = how;
	pid = child_start(sleeper);
	op = FUTEX_WAIT;
	child_is(pid, 'S');
	return pid;
}

/* The same address in two processes is two words, and where memory is shared the flag says that they are. */
static void strangers(void)
{
	static uint32_t mine;
	pid_t pids[4];

	mine = 0;
	pids[0] = hidden_sleeper(&mine, FUTEX_WAIT_PRIVATE);
	pids[1] = hidden_sleeper(&mine, FUTEX_WAIT_PRIVATE);
	pids[2] = hidden_sleeper(&mine, FUTEX_WAIT);
	pids[3] = hidden_sleeper(word, FUTEX_WAIT_PRIVATE);
	CHECK_EQ(futex(&mine, FUTEX_WAKE_PRIVATE, INT_MAX), 0);
	CHECK_EQ(futex(&mine, FUTEX_WAKE, INT_MAX), 0);
	CHECK_EQ(futex(word, FUTEX_WAKE_PRIVATE, INT_MAX), 0);
	CHECK_EQ(futex(word, FUTEX_WAKE, INT_MAX), 0);
	for (int i = 0; i < 4; i++) {
		child_is(pids[i], 'S');
		is_killed(pids[i]);
	}
}

static uint32_t *map_file(int fd, int flags, uint32_t page)
{
	char *p = mmap(NULL, PAGE, RW, flags, fd, (off_t)page * PAGE);

	CHECK(p != MAP_FAILED);
	return (uint32_t *)p;
}

/* A page of a file is one, wherever and by whoever it is mapped; a private copy is another. */
static void by_file(void)
{
	int fd = file_new(3);
	uint32_t *whole = mmap(NULL, 3 * PAGE, RW, MAP_SHARED, fd, 0), *again = map_file(fd, MAP_SHARED, 1);
	uint32_t *copy = map_file(fd, MAP_PRIVATE, 1);
	pid_t pid;

	CHECK(whole != MAP_FAILED);
	pid = sleeper_start(whole + PAGE / 4 + 5);
	CHECK_EQ(futex(whole + 5, FUTEX_WAKE, 1), 0);
	CHECK_EQ(futex(whole + 2 * PAGE / 4 + 5, FUTEX_WAKE, 1), 0);
	CHECK_EQ(futex(copy + 5, FUTEX_WAKE, 1), 0);
	CHECK_EQ(futex(again + 4, FUTEX_WAKE, 1), 0);
	CHECK_EQ(futex(again + 5, FUTEX_WAKE, 1), 1);
	CHECK_EQ(child_wait(pid), 0);
	pid = hidden_sleeper(copy + 5, FUTEX_WAIT);
	CHECK_EQ(futex(again + 5, FUTEX_WAKE, 1), 0);
	CHECK_EQ(futex(copy + 5, FUTEX_WAKE, 1), 0); /* the child's is its own */
	is_killed(pid);
	TRY(munmap(whole, 3 * PAGE));
	TRY(munmap(again, PAGE));
	TRY(munmap(copy, PAGE));
	close(fd);
}

static void by_moved_memory(void)
{
	uint32_t *p = shared_new(4 * PAGE), *q;
	pid_t pid = sleeper_start(p + 3 * PAGE / 4 + 1);

	q = mremap(p, 4 * PAGE, 400 * PAGE, MREMAP_MAYMOVE);
	CHECK(q != MAP_FAILED);
	q = mremap(q + 2 * PAGE / 4, 398 * PAGE, 398 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, (char *)0x50000000);
	CHECK(q == (uint32_t *)0x50000000);
	CHECK_EQ(futex(q + PAGE / 4 + 1, FUTEX_WAKE, 1), 1);
	CHECK_EQ(child_wait(pid), 0);
	TRY(munmap(q, 398 * PAGE));
}

/* ---- moving ---- */

static void moves(void)
{
	pid_t pids[5];

	for (int i = 0; i < 5; i++)
		pids[i] = sleeper_start(word);
	CHECK_EQ(TRAP(SYS_FUTEX, P(word), FUTEX_CMP_REQUEUE, 1, 2, P(other), 7), -EAGAIN);
	CHECK_EQ(sleepers(word), 5);
	CHECK_EQ(TRAP(SYS_FUTEX, P(word), FUTEX_CMP_REQUEUE, 1, 2, P(other), 0), 3);
	are_woken(pids, 1);
	CHECK_EQ(sleepers(word), 2);
	CHECK_EQ(sleepers(other), 2);
	CHECK_EQ(futex_move(other, 0, 1, word), 1); /* to the end of those */
	CHECK_EQ(futex(word, FUTEX_WAKE, 2), 2);
	are_woken(pids + 3, 2);
	CHECK_EQ(futex_move(other, 5, 5, word), 1);
	are_woken(pids + 2, 1);
	CHECK_EQ(futex_move(word, 0, 0, other), 0);
	is_killed(pids[1]);
	CHECK_EQ(sleepers(word), 0);
}

/* From anonymous memory to a file that only the sleeper's futex holds afterwards, and back. */
static void moves_between_objects(void)
{
	int fd = file_new(1);
	uint32_t *filed = map_file(fd, MAP_SHARED, 0);
	pid_t first = sleeper_start(word), second = sleeper_start(word);

	close(fd);
	CHECK_EQ(futex_move(word, 0, 2, filed), 2);
	CHECK_EQ(futex_move(filed, 0, 1, other), 1);
	TRY(unlink(FILE_PATH));
	CHECK_EQ(sleepers(filed), 1);
	TRY(munmap(filed, PAGE));
	is_killed(second);
	CHECK_EQ(futex(other, FUTEX_WAKE, 5), 1);
	CHECK_EQ(child_wait(first), 0);
}

/* ---- signals ---- */

static void deaf_sleeper(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	TRY(sigprocmask(SIG_BLOCK, &set, NULL));
	signal(SIGINT, SIG_IGN);
	sleeper();
}

static void signals(void)
{
	static const int fatal[] = {SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGKILL};
	pid_t pid;

	for (int i = 0; i < COUNT(fatal); i++) {
		pid = sleeper_start(word);
		CHECK_EQ(kill(pid, fatal[i]), 0);
		CHECK_EQ(child_wait(pid), -fatal[i]);
		CHECK_EQ(sleepers(word), 0);
	}
	at = word;
	pid = child_start(deaf_sleeper);
	sleepers_wait(word, 1);
	CHECK_EQ(kill(pid, SIGTERM), 0);
	CHECK_EQ(kill(pid, SIGINT), 0);
	CHECK_EQ(kill(pid, SIGCHLD), 0);
	CHECK_EQ(sleepers(word), 1);
	CHECK_EQ(futex(word, FUTEX_WAKE, 1), 1);
	CHECK_EQ(child_wait(pid), 0);
}

/* ---- while somebody sleeps ---- */

static int gate[2];

/* Wakes when told to; what it finds is its exit status. */
static void late_waker(void)
{
	char byte;

	CHECK_EQ(read(gate[0], &byte, 1), 1);
	_exit(futex(at, FUTEX_WAKE, INT_MAX));
}

static void leave_by_exec(void)
{
	execl("/bin/true", "true", (char *)NULL);
	_exit(1);
}

static void nothing(void)
{
}

/* All but the sleeper and the waker lose the memory, by every way there is. */
static void others_leave(void)
{
	uint32_t *p = shared_new(PAGE);
	pid_t asleep = sleeper_start(p), waker;

	TRY(pipe(gate));
	waker = child_start(late_waker);
	CHECK_END(leave_by_exec, 0);
	CHECK_END(nothing, 0);
	TRY(munmap(p, PAGE));
	CHECK_EQ(audit_fails(), 0);
	CHECK_EQ(write(gate[1], "x", 1), 1);
	CHECK_EQ(child_wait(waker), 1);
	CHECK_EQ(child_wait(asleep), 0);
	close(gate[0]);
	close(gate[1]);
}

/* The sleeper alone has it, and ends. */
static void nobody_is_left(void)
{
	uint32_t *p = shared_new(PAGE);
	pid_t asleep = sleeper_start(p);

	TRY(munmap(p, PAGE));
	child_is(asleep, 'S');
	is_killed(asleep);
}

/* A sleeper's page goes; its place in the file stays. */
static void file_is_cut(void)
{
	int fd = file_new(2);
	uint32_t *p = map_file(fd, MAP_SHARED, 1);
	pid_t asleep = sleeper_start(p + 3);

	TRY(ftruncate(fd, 0));
	CHECK_EQ(audit_fails(), 0);
	CHECK_EQ(futex(p + 3, FUTEX_WAIT, 0), -EFAULT);
	CHECK_EQ(futex(p + 3, FUTEX_WAKE, 5), 1);
	CHECK_EQ(child_wait(asleep), 0);
	close(fd);
	TRY(munmap(p, PAGE));
}

static void discarded(void)
{
	pid_t asleep = sleeper_start(word);

	TRY(madvise(word, PAGE, MADV_DONTNEED));
	TRY(mprotect(word, PAGE, PROT_READ));
	CHECK_EQ(futex(word, FUTEX_WAKE, 5), 1);
	TRY(mprotect(word, PAGE, RW));
	CHECK_EQ(child_wait(asleep), 0);
}

static void errors(void)
{
	bad_addresses();
	bad_operations();
	bad_times();
	times_pass();
	kinds_of_memory();
}

static void body(void)
{
	word = shared_new(PAGE);
	other = shared_new(PAGE);
	errors();
	counts();
	bitsets();
	strangers();
	by_file();
	by_moved_memory();
	moves();
	moves_between_objects();
	signals();
	others_leave();
	nobody_is_left();
	file_is_cut();
	discarded();
	CHECK_EQ(unlink(FILE_PATH), 0);
}

int main(void)
{
	return test_run(body);
}
