// A file that becomes shorter while several processes map it: none of them sees a page beyond the end any more, neither
// shared nor private, and what they write never reaches another file.
// suite: mmap
// cpus: 1 4
// kernels: debug release
// fsck: yes
#include "check.h"

#define NAME "/tmp/cut"
enum { PAGES = 40, RW = PROT_READ | PROT_WRITE, WORKERS = 4, ROUNDS = 30, CROWD = 24, LONGER = (PAGES + 1) * PAGE };

static int fd;
static char *shared, *copies;
static int gate[2], ready[2];

static void make(void)
{
	static char buf[PAGE];

	fd = TRY(open(NAME, O_CREAT | O_TRUNC | O_RDWR, 0644));
	for (int i = 0; i < PAGES; i++) {
		memset(buf, 'A' + i, sizeof buf);
		CHECK_EQ(write(fd, buf, sizeof buf), PAGE);
	}
}

static void map_both(void)
{
	shared = mmap(NULL, PAGES * PAGE, RW, MAP_SHARED, fd, 0);
	copies = mmap(NULL, PAGES * PAGE, RW, MAP_PRIVATE, fd, 0);
	CHECK(shared != MAP_FAILED && copies != MAP_FAILED);
}

static void unmap_both(void)
{
	TRY(munmap(shared, PAGES * PAGE));
	TRY(munmap(copies, PAGES * PAGE));
}

static volatile char *touched;

static void read_there(void)
{
	(void)*touched;
}

static void write_there(void)
{
	*touched = 'w';
}

static void gone(char *at)
{
	touched = at;
	CHECK_END(read_there, -SIGBUS);
	CHECK_END(write_there, -SIGBUS);
}

/* Pages FROM on are gone, what is before is as it was. */
static void cut_at(int from)
{
	CHECK_EQ(shared[(from - 1) * PAGE], 'A' + from - 1);
	CHECK_EQ(copies[(from - 1) * PAGE], from - 1 >= 20 ? 'P' : 'A' + from - 1);
	gone(shared + from * PAGE);
	gone(copies + from * PAGE);
	gone(shared + (PAGES - 1) * PAGE);
	gone(copies + (PAGES - 1) * PAGE);
}

static void fill_copies(void)
{
	for (int i = 20; i < PAGES; i++)
		copies[i * PAGE] = 'P';
	for (int i = 0; i < PAGES; i++)
		CHECK_EQ(shared[i * PAGE], 'A' + i);
}

static void waiter(void)
{
	char byte;

	fill_copies();
	shared[30 * PAGE + 1] = 'd'; /* dirty */
	CHECK_EQ(write(ready[1], "r", 1), 1);
	CHECK_EQ(read(gate[0], &byte, 1), 1);
	CHECK_EQ(audit_fails(), 0);
	cut_at(25);
	/* Longer again: zeros, in both. */
	CHECK_EQ(write(ready[1], "r", 1), 1);
	CHECK_EQ(read(gate[0], &byte, 1), 1);
	for (int i = 25; i < PAGES; i++)
		CHECK(shared[i * PAGE + 1] == 0 && copies[i * PAGE] == 0);
	CHECK_EQ(copies[24 * PAGE], 'P');
}

static void all_ready(int n)
{
	char byte;

	for (int i = 0; i < n; i++)
		CHECK_EQ(read(ready[0], &byte, 1), 1);
}

static void let_go(int n)
{
	for (int i = 0; i < n; i++)
		CHECK_EQ(write(gate[1], "g", 1), 1);
}

/* BEFORE_FORK: the children share the leaf tables of their parent. */
static void several(bool before_fork)
{
	pid_t pid[WORKERS];

	make();
	TRY(pipe(gate));
	TRY(pipe(ready));
	map_both();
	if (before_fork)
		fill_copies();
	for (int i = 0; i < WORKERS; i++)
		pid[i] = child_start(waiter);
	all_ready(WORKERS);
	TRY(ftruncate(fd, 25 * PAGE));
	if (before_fork)
		cut_at(25);
	let_go(WORKERS);
	all_ready(WORKERS);
	TRY(ftruncate(fd, PAGES * PAGE));
	let_go(WORKERS);
	for (int i = 0; i < WORKERS; i++)
		CHECK_EQ(child_wait(pid[i]), 0);
	unmap_both();
	for (int i = 3; i < 12; i++)
		close(i);
}

/* In the middle of a page: the rest of it is zeros. */
static void middle(void)
{
	make();
	map_both();
	shared[3 * PAGE + 100] = 's';
	copies[3 * PAGE + 100] = 'p';
	TRY(ftruncate(fd, 3 * PAGE + 101));
	CHECK(shared[3 * PAGE + 100] == 's' && shared[3 * PAGE + 101] == 0 && shared[4 * PAGE - 1] == 0);
	CHECK_EQ(copies[3 * PAGE + 100], 'p');
	gone(shared + 4 * PAGE);
	gone(copies + 4 * PAGE);
	TRY(close(TRY(open(NAME, O_RDWR | O_TRUNC))));
	gone(shared);
	gone(copies + 3 * PAGE);
	unmap_both();
	TRY(close(fd));
}

/* Bytes of a page that was cut off are nobody's: another file that gets the block has its own. */
static void scribbler(void)
{
	for (;;)
		for (int i = 0; i < PAGES; i++)
			shared[i * PAGE + 8] = copies[i * PAGE + 8] = 'S';
}

static void storm(void)
{
	pid_t pid[WORKERS];
	static char buf[PAGE], was[PAGE];
	int other;

	make();
	map_both();
	memset(buf, 'o', sizeof buf);
	for (int round = 0; round < test_rounds(ROUNDS); round++) {
		for (int i = 0; i < WORKERS; i++)
			pid[i] = child_start(scribbler);
		sleep_ms(round % 5);
		TRY(ftruncate(fd, round % 7 * PAGE + round % 3));
		other = TRY(open(NAME "2", O_CREAT | O_TRUNC | O_RDWR, 0644));
		for (int i = 0; i < PAGES; i++)
			CHECK_EQ(write(other, buf, sizeof buf), PAGE);
		TRY(fsync(other));
		for (int i = 0; i < WORKERS; i++)
			CHECK_EQ(child_wait(pid[i]), -SIGBUS);
		CHECK_EQ(lseek(other, 0, SEEK_SET), 0);
		for (int i = 0; i < PAGES; i++) {
			CHECK_EQ(read(other, was, sizeof was), PAGE);
			CHECK(memcmp(was, buf, PAGE) == 0);
		}
		TRY(close(other));
		TRY(unlink(NAME "2"));
		TRY(ftruncate(fd, PAGES * PAGE));
	}
	unmap_both();
	TRY(close(fd));
}

/* Longer again at once, by somebody who did not wait for who made it shorter: a private copy that is made then is of
   the new page, and stays.  Many mappings make the way long. */
static void waits(void)
{
	char byte;

	CHECK_EQ(read(gate[0], &byte, 1), 1);
}

static void makes_empty(void)
{
	TRY(ftruncate(fd, 0));
}

static off_t size_now(void)
{
	struct stat st;

	CHECK_EQ(fstat(fd, &st), 0);
	return st.st_size;
}

static void makes_long(void)
{
	while (size_now() != 0)
		continue;
	TRY(ftruncate(fd, LONGER));
}

static void writes_copy(void)
{
	while (size_now() != LONGER)
		continue;
	for (int i = 0; i < PAGES; i++)
		copies[i * PAGE] = 'n';
	CHECK_EQ(write(ready[1], "r", 1), 1);
	waits();
	for (int i = 0; i < PAGES; i++)
		CHECK_EQ(copies[i * PAGE], 'n');
}

static void longer_again(void)
{
	pid_t crowd[CROWD], cutter, grower, writer;

	for (int round = 0; round < 4; round++) {
		make();
		map_both();
		TRY(pipe(gate));
		TRY(pipe(ready));
		for (int i = 0; i < CROWD; i++) {
			fill_copies(); /* tables are shared, and those of the crowd are split */
			crowd[i] = child_start(waits);
		}
		writer = child_start(writes_copy);
		grower = child_start(makes_long);
		cutter = child_start(makes_empty);
		CHECK_EQ(child_wait(cutter), 0);
		CHECK_EQ(child_wait(grower), 0);
		all_ready(1);
		let_go(CROWD + 1);
		for (int i = 0; i < CROWD; i++)
			CHECK_EQ(child_wait(crowd[i]), 0);
		CHECK_EQ(child_wait(writer), 0);
		unmap_both();
		for (int i = 3; i < 12; i++)
			close(i);
	}
}

/* Requests for memory that it takes to make the file shorter. */
static int requests_to_cut(void)
{
	selftest_with(SELFTEST_FAIL_ALLOC, 0x7fffffff, 0, 0);
	TRY(ftruncate(fd, 25 * PAGE));
	return selftest_with(SELFTEST_FAIL_ALLOC, 0, 0, 0);
}

/* Mappings add none to them, though tables that are shared lose entries: nobody can be ended for want of memory. */
static void mappings_need_no_memory(void)
{
	pid_t pid[WORKERS];
	int alone;

	make();
	alone = requests_to_cut();
	TRY(close(fd));
	make();
	TRY(pipe(gate));
	TRY(pipe(ready));
	map_both();
	fill_copies();
	for (int i = 0; i < WORKERS; i++)
		pid[i] = child_start(waits);
	CHECK_EQ(requests_to_cut(), alone);
	CHECK_EQ(audit_fails(), 0);
	cut_at(25);
	let_go(WORKERS);
	for (int i = 0; i < WORKERS; i++)
		CHECK_EQ(child_wait(pid[i]), 0);
	CHECK_EQ(audit_fails(), 0);
	cut_at(25);
	unmap_both();
	for (int i = 3; i < 12; i++)
		close(i);
}

static void body(void)
{
	several(false);
	several(true);
	middle();
	storm();
	longer_again();
	mappings_need_no_memory();
	TRY(unlink(NAME));
	CHECK_EQ(audit_fails(), 0);
}

int main(void)
{
	return test_run(body);
}
