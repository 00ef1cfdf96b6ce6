// Shared memory until there is no more: ids without number, segments up to their limit; refusals change nothing, the
// others live, and all of it comes back.
// suite: shm
// cpus: 1 4
// mem: 32
// kernels: debug
// timeout: 180
#include "_shm.h"

enum { FEW = 3000, STEP = 1000, SMALL = 100 * PAGE /* who has more than 1/64 of memory ends itself */ };

static int fds[2];

/* => how many ids could be opened */
static int open_all(void)
{
	int id = 1;

	errno = 0;
	while (openshmem(id) != NOT_OPENED)
		id++;
	CHECK_EQ(errno, ENOMEM);
	CHECK_ERR(closeshmem(id), EINVAL);
	return id - 1;
}

static void opens_all_and_closes(void)
{
	int n = open_all();

	CHECK(n > 10 * FEW);
	for (int id = 1; id <= n / 2; id++)
		CHECK_EQ(closeshmem(id), 0);
	CHECK_EQ(open_id(1)[0], 0);
	for (int id = n / 2 + 1; id <= n; id += STEP) {
		*open_id(id) = 1;
		CHECK_EQ(closeshmem(id), 0);
	}
	CHECK_ERR(closeshmem(n / 2), EINVAL);
}

static void opens_all_and_waits(void)
{
	char byte = 'f';

	open_all();
	for (int i = 1; i <= 250; i++) /* so that the pipe has its page */
		CHECK_EQ(closeshmem(i), 0);
	CHECK_EQ(write(fds[1], &byte, 1), 1);
	for (;;)
		sleep(1);
}

/* Has little, and needs some memory while another has taken all of it for ids. */
static void needs_some(void)
{
	char *p = mmap(NULL, SMALL, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	memset(p, 1, SMALL);
}

static void the_greedy_one_ends(void)
{
	pid_t pid;
	char byte;

	TRY(pipe(fds));
	pid = child_start(opens_all_and_waits);
	CHECK_EQ(read(fds[0], &byte, 1), 1);
	CHECK_END(needs_some, 0);
	CHECK_EQ(child_wait(pid), -SIGKILL);
	close(fds[0]);
	close(fds[1]);
}

static void sees_them(void)
{
	for (int id = 1; id <= FEW; id++) {
		char *p = open_id(id);

		CHECK_EQ(*(int *)(void *)p, id);
		CHECK_EQ(closeshmem(id), 0);
		CHECK_EQ(closeshmem(id), 0);
		CHECK_ERR(closeshmem(id), EINVAL);
	}
}

/* All with content, and all of them inherited. */
static void thousands(void)
{
	for (int id = 1; id <= FEW; id++)
		*(int *)(void *)open_id(id) = id;
	CHECK_END(sees_them, 0);
	CHECK_EQ(audit_fails(), 0);
	for (int id = 1; id <= FEW; id++)
		CHECK_EQ(closeshmem(id), 0);
}

static uint32_t pages_allowed(void)
{
	struct shminfo limits;

	TRY(shmctl(0, IPC_INFO, (void *)&limits));
	return limits.shmall;
}

static void as_many_segments_as_may_be(void)
{
	uint32_t n = 0, allowed = pages_allowed();
	int id, first = segment(IPC_PRIVATE, 1, 0600);
	struct shm_info info;

	for (n = 1; shmget(IPC_PRIVATE, 1, 0600) >= 0; n++)
		continue;
	CHECK_EQ(errno, ENOSPC);
	CHECK_EQ(n, allowed);
	TRY(shmctl(0, SHM_INFO, (void *)&info));
	CHECK(info.used_ids == (int)n && info.shm_tot == n && info.shm_rss == 0);
	TRY(shmctl(first, IPC_RMID, NULL));
	id = segment(IPC_PRIVATE, PAGE, 0600);
	CHECK_ERR(shmget(IPC_PRIVATE, 1, 0600), ENOSPC);
	TRY(shmctl(id, IPC_RMID, NULL));
	for (uint32_t i = 1; i < n; i++)
		TRY(shmctl(first + (int)i, IPC_RMID, NULL));
}

static int id;

static void fills(void)
{
	char *p = attach(id, 0);
	uint32_t bytes = pages_allowed() * PAGE;

	for (uint32_t i = 0; i < bytes; i += PAGE)
		p[i] = 1;
}

/* Three quarters of memory belong to nobody who could be ended: the others have what is left. */
static void nobodys_memory(void)
{
	id = segment(IPC_PRIVATE, pages_allowed() * PAGE, 0600);
	CHECK_END(fills, 0);
	CHECK_EQ(child_end(needs_some), 0);
	CHECK_EQ(status_of(id).shm_nattch, 0);
	TRY(shmctl(id, IPC_RMID, NULL));
}

static void body(void)
{
	thousands();
	as_many_segments_as_may_be();
	nobodys_memory();
	CHECK_END(opens_all_and_closes, 0);
	the_greedy_one_ends();
}

int main(void)
{
	return test_run(body);
}
