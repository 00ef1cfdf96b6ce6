// Eight processes sleep on a few words, in anonymous memory and in a file, wake, move and lose their mappings, in
// random order; every wake-up that a waker counted is one that a sleeper had.  Then processes are killed at random
// moments of that.  Last, a token goes round: who misses it, misses it for ever.  `futex_storm SEED ROUNDS` repeats
// a run, or makes a long one.
// suite: shm
// cpus: 4 8
// kernels: debug release
// reject: futex_storm.c:[0-9]+:
// reject: audit:
// timeout: 120
#include "_futex.h"

enum { WORKERS = 8, WORDS = 6, STEPS = 150, ROUNDS = 3, KILLS = 40, LAPS = 100, DISTANCE = PAGE / 4 / 3 };
#define FILE_PATH "/tmp/futex_storm.file"

static int rounds = ROUNDS;

/* Counted by all. */
static struct {
	uint32_t wakers_say, sleepers_say; /* wake-ups, and those that ended a sleep */
	uint32_t working;
} * totals;

static int file;
static uint32_t *memory, *filed; /* two pages of words each */

/* Half of the words lie in the file, some in a second page. */
static uint32_t *word_at(uint32_t i)
{
	uint32_t *base = i % 2 ? memory : filed;

	return base + i / 2 * DISTANCE * 2;
}

static uint32_t *any_word(void)
{
	return word_at(random_below(WORDS));
}

static void count(uint32_t *total, int32_t n)
{
	__atomic_fetch_add(total, (uint32_t)n, __ATOMIC_SEQ_CST);
}

static void wake(uint32_t *word, uint32_t n)
{
	int32_t woken = futex(word, FUTEX_WAKE, n);

	CHECK(woken >= 0);
	count(&totals->wakers_say, woken);
}

/* Sometimes for ever: until somebody comes, at the latest when all are to stop. */
static void sleep_somewhere(void)
{
	uint32_t *word = any_word(), value = *(volatile uint32_t *)word + (random_below(8) == 0);
	int32_t result = random_below(2) ? futex(word, FUTEX_WAIT, value)
	                                 : futex_until(word, FUTEX_WAIT, value, 0, (int32_t)random_below(3) * 5000000);

	if (result == 0)
		count(&totals->sleepers_say, 1);
	else
		CHECK(result == -EAGAIN || result == -ETIMEDOUT);
}

static void change_and_wake(void)
{
	uint32_t *word = any_word();

	if (random_below(2))
		__atomic_fetch_add(word, 1, __ATOMIC_SEQ_CST);
	wake(word, 1 + random_below(3));
}

static void move_some(void)
{
	uint32_t *from = any_word();
	int32_t result = random_below(2) ? futex_move(from, 0, random_below(4), any_word())
	                                 : TRAP(SYS_FUTEX, P(from), FUTEX_CMP_REQUEUE, 0, random_below(4),
	                                        P(any_word()), *(volatile uint32_t *)from);

	CHECK(result >= 0 || result == -EAGAIN);
}

/* The pages go, or the whole mapping; what they show stays. */
static void lose_memory(void)
{
	if (random_below(2)) {
		TRY(madvise(memory, 2 * PAGE, MADV_DONTNEED));
		TRY(madvise(filed, 2 * PAGE, MADV_DONTNEED));
	} else {
		TRY(munmap(filed, 2 * PAGE));
		filed = mmap(NULL, 2 * PAGE, RW, MAP_SHARED, file, 0);
		CHECK(filed != MAP_FAILED);
	}
}

static uint32_t seed; /* drawn by the parent, so that the seed of all repeats the steps of each */

static void worker(void)
{
	random_state = seed;
	for (int i = 0; i < STEPS; i++) {
		uint32_t what = random_below(20);

		if (what < 9)
			sleep_somewhere();
		else if (what < 15)
			change_and_wake();
		else if (what < 18)
			move_some();
		else if (what < 19)
			lose_memory();
		else
			sched_yield();
	}
	count(&totals->working, -1);
}

static pid_t worker_start(void)
{
	seed = random_next() | 1;
	count(&totals->working, 1);
	return child_start(worker);
}

/* Until all have done their steps nobody sleeps for ever. */
static void stir(void)
{
	for (uint32_t i = 0; i < WORDS; i++)
		wake(word_at(i), INT_MAX);
	if (random_below(16) == 0)
		CHECK_EQ(audit_fails(), 0);
	sched_yield();
}

static void nobody_sleeps(void)
{
	for (uint32_t i = 0; i < WORDS; i++)
		CHECK_EQ(sleepers(word_at(i)), 0);
}

static void round_of_work(void)
{
	pid_t pids[WORKERS];

	for (int i = 0; i < WORKERS; i++)
		pids[i] = worker_start();
	while (__atomic_load_n(&totals->working, __ATOMIC_SEQ_CST) > 0)
		stir();
	for (int i = 0; i < WORKERS; i++)
		CHECK_EQ(child_wait(pids[i]), 0);
	nobody_sleeps();
	CHECK_EQ(totals->wakers_say, totals->sleepers_say);
	CHECK(totals->sleepers_say > 0);
}

/* A worker ends by the signal, or had ended before. */
static void worker_kill(pid_t pid)
{
	int end;

	CHECK_EQ(kill(pid, random_below(2) ? SIGKILL : SIGTERM), 0);
	end = child_wait(pid);
	CHECK(end == 0 || end == -SIGKILL || end == -SIGTERM);
}

static void round_of_kills(void)
{
	pid_t pids[WORKERS];

	for (int i = 0; i < WORKERS; i++)
		pids[i] = worker_start();
	for (int i = 0; i < KILLS; i++) {
		uint32_t who = random_below(WORKERS);

		if (random_below(2))
			change_and_wake();
		move_some();
		worker_kill(pids[who]);
		pids[who] = worker_start();
	}
	for (int i = 0; i < WORKERS; i++)
		worker_kill(pids[i]);
	nobody_sleeps();
}

/* The token is the number of whose turn it is, and all sleep on the same word. */
static int number;

static void runner(void)
{
	uint32_t *token = memory;

	for (int lap = 0; lap < LAPS; lap++) {
		uint32_t turn = (uint32_t)(lap * WORKERS + number), now;

		while ((now = __atomic_load_n(token, __ATOMIC_SEQ_CST)) != turn) {
			int32_t result = futex(token, FUTEX_WAIT, now);

			CHECK(result == 0 || result == -EAGAIN);
		}
		__atomic_store_n(token, turn + 1, __ATOMIC_SEQ_CST);
		CHECK(futex(token, FUTEX_WAKE, INT_MAX) >= 0);
	}
}

static void token_goes_round(void)
{
	pid_t pids[WORKERS];

	*memory = 0;
	for (number = 0; number < WORKERS; number++)
		pids[number] = child_start(runner);
	for (int i = 0; i < WORKERS; i++)
		CHECK_EQ(child_wait(pids[i]), 0);
	CHECK_EQ(*memory, LAPS * WORKERS);
}

static void body(void)
{
	totals = shared_new(PAGE);
	memory = shared_new(2 * PAGE);
	file = TRY(open(FILE_PATH, O_CREAT | O_TRUNC | O_RDWR, 0644));
	TRY(ftruncate(file, 2 * PAGE));
	filed = mmap(NULL, 2 * PAGE, RW, MAP_SHARED, file, 0);
	CHECK(filed != MAP_FAILED);
	for (int i = 0; i < rounds; i++)
		round_of_work();
	for (int i = 0; i < rounds / 3; i++)
		round_of_kills();
	token_goes_round();
	CHECK_EQ(unlink(FILE_PATH), 0);
}

int main(int argc, char **argv)
{
	if (argc > 2)
		rounds = atoi(argv[2]);
	random_start(argc, argv);
	return test_run(body);
}
