// What the audit is there to find of shared memory with a name is found: counts of references, of regions, of
// attachments, of what is kept for them; and a name that stays when nobody is left.
// suite: shm
// cpus: 1 4
// kernels: debug release
// log: audit: shared memory 25 counts [0-9]+ references, found 2
// log: audit: shared memory 25 is shown by 1 regions, counted 2
// log: audit: shared memory 25 can be found and nobody uses it
// log: audit: the page of id 25 is shown by 1 regions of a space, counted 3
// log: audit: the page of id 25 is shown by 1 regions of a space, counted 4294967295
// log: audit: [0-9]+ bytes are kept for the ids that a space has open, counted [0-9]+
// log: audit: shared memory 25 is shown by 2 regions, counted 3
// log: audit: shared memory 25 is shown by 2 regions, counted 1
// log: audit: frame [0-9]+ \(shared\) counts 3 references, found 2
#include "_shm.h"

/* As sys/audit.c and kern/shm.h have them. */
enum { PAGE_REFS, DAMAGE_SHM = 100, REFS = DAMAGE_SHM, REGIONS, ATTACHED, BYTES, DAMAGES, ID = 25 };

static void damage(int what, unsigned at, int by)
{
	CHECK_EQ(selftest_with(SELFTEST_DAMAGE, (unsigned)what, at, (unsigned)by), 0);
}

static void is_found(int what, unsigned at, int by)
{
	int result;

	damage(what, at, by);
	result = selftest(SELFTEST_AUDIT);
	damage(what, at, -by);
	if (result != -EUCLEAN)
		FAILED("damage %d by %d: the audit ends with %d", what, by, result);
	CHECK_EQ(selftest(SELFTEST_AUDIT), 0);
}

static void body(void)
{
	char *p = open_id(ID), byte;
	int fds[2], id;
	pid_t child;

	CHECK_EQ(selftest(SELFTEST_AUDIT), 0);
	is_found(REFS, ID, -1);
	is_found(REGIONS, ID, 1);
	is_found(REGIONS, ID, -1);
	is_found(ATTACHED, ID, 2);
	is_found(ATTACHED, ID, -2);
	is_found(BYTES, ID, 1);
	TRY(pipe(fds));
	child = TRY(fork());
	if (child == 0) {
		close(fds[1]);
		_exit((int)read(fds[0], &byte, 1));
	}
	close(fds[0]);
	is_found(REGIONS, ID, 1);
	is_found(REGIONS, ID, -1);
	close(fds[1]);
	CHECK_EQ(child_wait(child), 0);
	*p = 1;
	is_found(PAGE_REFS, (unsigned)(uintptr_t)p, 1); /* the segment's and the mapping's, and one too many */
	CHECK_EQ(selftest_with(SELFTEST_DAMAGE, DAMAGES, ID, 1), -EINVAL);
	CHECK_EQ(selftest_with(SELFTEST_DAMAGE, REFS, ID + 1, 1), -EINVAL);
	id = segment(IPC_PRIVATE, PAGE, 0600);
	attach(id, 0)[0] = 1;
	CHECK_EQ(selftest(SELFTEST_AUDIT), 0);
	TRY(shmctl(id, IPC_RMID, NULL));
	CHECK_EQ(selftest(SELFTEST_AUDIT), 0);
	CHECK_EQ(closeshmem(ID), 0);
}

int main(void)
{
	return test_run(body);
}
