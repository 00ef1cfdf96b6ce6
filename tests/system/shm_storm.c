// Many processes on all CPUs that open, attach, unmap, remove, fork and are killed, all with the same few ids and
// keys: no page is seen by two names, what somebody holds stays what it is, and nothing is left in the end.
// suite: shm
// cpus: 1 4
// kernels: debug release
// timeout: 120
/* The first argument is the seed, the second the number of operations of each process. */
#include "_shm.h"

enum { WORKERS = 8, IDS = 4, KEYS = 3, PAGES = 3, HELD = 6, OPERATIONS = 1500, RW = PROT_READ | PROT_WRITE };

static uint32_t operations = OPERATIONS;
static int self; /* the worker's number */

/* ---- openshmem ---- */

static struct {
	char *at;
	int opens;
	char mine; /* what this worker wrote into its own byte */
} page[IDS + 1];

/* Each page says its id; each worker has a byte of its own there. */
static void page_open(int id)
{
	char *p = open_id(id);

	if (page[id].opens > 0)
		CHECK(p == page[id].at && p[1 + self] == page[id].mine);
	CHECK(p[0] == 0 || p[0] == id);
	p[0] = (char)id;
	page[id].mine = p[1 + self] = (char)random_next();
	page[id].at = p;
	page[id].opens++;
}

static void page_close(int id)
{
	if (page[id].opens == 0) {
		CHECK_ERR(closeshmem(id), EINVAL);
		return;
	}
	CHECK(page[id].at[0] == id && page[id].at[1 + self] == page[id].mine);
	CHECK_EQ(closeshmem(id), 0);
	page[id].opens--;
}

static void page_unmap(int id)
{
	if (page[id].opens == 0)
		return;
	TRY(munmap(page[id].at, PAGE));
	page[id].opens = 0;
}

static void page_move(int id)
{
	char *to;

	if (page[id].opens == 0)
		return;
	to = mmap(NULL, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(mremap(page[id].at, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to);
	page[id].at = to;
}

/* ---- System V ---- */

static char *held[HELD];

static void segment_attach(void)
{
	int slot = (int)random_below(HELD), key = 1 + (int)random_below(KEYS), id;
	char *p;

	if (held[slot])
		return;
	id = segment(key, PAGES * PAGE, IPC_CREAT | 0600);
	p = shmat(id, NULL, 0);
	if (p == (void *)-1) { /* removed since */
		CHECK_EQ(errno, EINVAL);
		return;
	}
	for (int i = 0; i < PAGES; i++) {
		CHECK(p[i * PAGE] == 0 || p[i * PAGE] == key * 10 + i);
		p[i * PAGE] = (char)(key * 10 + i);
	}
	held[slot] = p;
}

static void segment_detach(void)
{
	char **slot = &held[random_below(HELD)];

	if (!*slot)
		return;
	for (int i = 1; i < PAGES; i++)
		CHECK_EQ((*slot)[i * PAGE], (*slot)[0] + i);
	TRY(shmdt(*slot));
	*slot = NULL;
}

static void segment_remove(void)
{
	int id = shmget(1 + (int)random_below(KEYS), 1, 0);

	if (id < 0 || shmctl(id, IPC_RMID, NULL) < 0)
		CHECK(errno == ENOENT || errno == EINVAL);
}

/* ---- processes ---- */

/* Has what its parent has, and leaves it in one way or another. */
static void child(void)
{
	for (int id = 1; id <= IDS; id++)
		while (page[id].opens > 0)
			page_close(id);
	segment_detach();
	if (random_below(4) == 0)
		raise(SIGKILL);
	if (random_below(4) == 0)
		execl("/bin/true", "true", (char *)NULL);
}

static void forks(void)
{
	pid_t pid = child_start(child);
	int end = child_wait(pid);

	random_next();
	CHECK(end == 0 || end == -SIGKILL);
}

static void step(void)
{
	int id = 1 + (int)random_below(IDS);

	switch (random_below(16)) {
	case 0: page_unmap(id); break;
	case 1: page_move(id); break;
	case 2: segment_remove(); break;
	case 3: forks(); break;
	case 4:
	case 5:
	case 6: segment_attach(); break;
	case 7:
	case 8:
	case 9: segment_detach(); break;
	case 10:
	case 11:
	case 12: page_open(id); break;
	default: page_close(id); break;
	}
}

static void works(void)
{
	for (uint32_t i = 0; i < operations; i++)
		step();
	if (self % 2)
		raise(SIGKILL); /* half of them leave all as it is */
}

static void audits(void)
{
	for (;;) {
		CHECK_EQ(audit_fails(), 0);
		sleep_ms(5);
	}
}

static void body(void)
{
	pid_t worker[WORKERS], auditor = child_start(audits);
	struct shm_info info;

	for (self = 0; self < WORKERS; self++) {
		random_next();
		worker[self] = child_start(works);
	}
	for (int i = 0; i < WORKERS; i++)
		CHECK_EQ(child_wait(worker[i]), i % 2 ? -SIGKILL : 0);
	kill(auditor, SIGKILL);
	CHECK_EQ(child_wait(auditor), -SIGKILL);
	for (int id = 1; id <= IDS; id++)
		CHECK_EQ(open_id(id)[0], 0);
	for (int key = 1; key <= KEYS; key++)
		shmctl(shmget(key, 1, 0), IPC_RMID, NULL);
	CHECK_EQ(shmctl(0, SHM_INFO, (void *)&info), 0);
	CHECK_EQ(info.used_ids, 0);
}

int main(int argc, char **argv)
{
	random_start(argc, argv);
	if (argc > 2)
		operations = (uint32_t)strtoul(argv[2], NULL, 0);
	return test_run(body);
}
