// The kernel's allocator, driven by programs through the calls kmalloc and kfree: what is refused, what outlives what,
// how much there is, and random use by eight processes at once.  That every byte is back afterwards, test_run says.
// suite: kmalloc
// cpus: 1 4
// kernels: debug release
// timeout: 120
/* The first argument is the seed, the second the number of operations of all eight processes together. */
#include "check.h"

enum { BIGGEST = 4096, BLOCKS = 500, BLOCK = 2000, WORKERS = 8, SLOTS = 400, OPERATIONS = 1000000 };

static uint32_t operations = OPERATIONS;

static char *get(size_t size)
{
	char *p = kmalloc(size);

	if (!p)
		FAILED("kmalloc(%u) fails with %d", (unsigned)size, errno);
	CHECK((uint32_t)p >= KERNEL_BASE && (uint32_t)p % 16 == 0);
	CHECK((uint32_t)p / PAGE == ((uint32_t)p + size - 1) / PAGE);
	return p;
}

static void put(void *p)
{
	CHECK_EQ(kfree(p), 0);
}

static void gets_refused(size_t size, int error)
{
	errno = 0;
	CHECK(kmalloc(size) == NULL);
	CHECK_EQ(errno, error);
}

/* ---- refusals ---- */

static void sizes(void)
{
	static const size_t wrong[] = {0, BIGGEST + 1, 8192, 0x7fffffff, 0x80000000, 0xfffff000, 0xffffffff};

	for (int i = 0; i < COUNT(wrong); i++)
		gets_refused(wrong[i], EINVAL);
	for (size_t size = 1; size <= BIGGEST; size++)
		put(get(size));
}

static void *parents;

/* Nothing that this process got: the parent's, however it came to know it. */
static void child_frees_parents(void)
{
	CHECK_ERR(kfree(parents), EINVAL);
}

static void pointers(void)
{
	char own = 0, *heap = malloc(100), *a = get(100), *b = get(100);
	struct abi_kstat_cache *none = NULL;

	CHECK(heap != NULL);
	CHECK_ERR(kfree(none), EINVAL);
	CHECK_ERR(kfree(&own), EINVAL);
	CHECK_ERR(kfree(heap), EINVAL);
	for (int i = -200; i < 200; i++)
		if (a + i != a && a + i != b)
			CHECK_ERR(kfree(a + i), EINVAL);
	for (uint32_t p = KERNEL_BASE; p >= KERNEL_BASE; p += 0x3ff010)
		if ((char *)p != a && (char *)p != b)
			CHECK_ERR(kfree((void *)p), EINVAL);
	CHECK_ERR(kfree((void *)-1), EINVAL);
	put(a);
	CHECK_ERR(kfree(a), EINVAL);
	parents = b;
	CHECK_END(child_frees_parents, 0);
	put(b);
	free(heap);
}

/* The kernel's memory cannot be looked at, nor handed to another call. */
static void touches(void)
{
	*(volatile char *)get(64) = 1;
}

static void memory_is_the_kernels(void)
{
	int fd = TRY(open("/dev/zero", O_RDONLY));

	CHECK_END(touches, -SIGSEGV);
	CHECK_ERR(read(fd, get(64), 64), EFAULT);
	CHECK_EQ(close(fd), 0);
}

/* ---- what outlives what ---- */

static void leaves_much_behind(void)
{
	for (uint32_t i = 0; i < 3000; i++)
		get(1 + random_below(BIGGEST));
}

static void leaves_and_is_killed(void)
{
	leaves_much_behind();
	raise(SIGKILL);
}

static void leaves_and_faults(void)
{
	leaves_much_behind();
	*(volatile int *)KERNEL_BASE = 1;
}

static void leaves_and_execs(void)
{
	char *argv[] = {"true", NULL};

	leaves_much_behind();
	execv("/bin/true", argv);
}

static void execs_and_frees(void)
{
	char number[16], *argv[] = {"kmalloc_stress", "free", number, NULL};

	snprintf(number, sizeof number, "%u", (uint32_t)get(1000));
	execv("/bin/kmalloc_stress", argv);
	_exit(99);
}

/* Bytes of the kernel's slabs. */
static long slab_bytes(void)
{
	static struct {
		struct abi_kstat now;
		struct abi_kstat_cache caches[CHECK_CACHES];
	} raw;

	CHECK(freemem() > 0); /* trims */
	CHECK(kstat(&raw, sizeof raw) > 0);
	return (long)raw.now.slab;
}

static void ends(void)
{
	static void (*const deed[])(void) = {leaves_much_behind, leaves_and_is_killed, leaves_and_faults,
	                                     leaves_and_execs, execs_and_frees};
	static const int end[] = {0, -SIGKILL, -SIGSEGV, 0, 0};

	for (int i = 0; i < COUNT(deed); i++)
		CHECK_EQ(child_end(deed[i]), end[i]);
}

/* ---- how much ---- */

static void blocks_of_2000(void)
{
	static char *p[BLOCKS];
	long before;

	memset(p, 0, sizeof p); /* all of its own memory that it will write to is there now */
	random_next();
	put(get(BLOCK));
	before = freemem();
	before = freemem();
	for (int i = 0; i < BLOCKS; i++)
		p[i] = get(BLOCK);
	CHECK(before - freemem() >= BLOCKS * BLOCK);
	for (int i = 0; i < BLOCKS; i++)
		for (int j = 0; j < i; j++)
			CHECK(p[i] >= p[j] + BLOCK || p[j] >= p[i] + BLOCK);
	for (int left = BLOCKS; left > 0;) {
		uint32_t i = random_below((uint32_t)left);

		put(p[i]);
		p[i] = p[--left];
	}
	CHECK_EQ(freemem(), before);
}

/* All that can be had of objects of SIZE bytes; of each page all but one are freed again.  The pages stay, and count.
   => how many there were. */
static uint32_t takes_all(size_t size)
{
	static char *p[32768];
	uint32_t n = 0, page = 0;

	while (n < (uint32_t)COUNT(p) && (p[n] = kmalloc(size)) != NULL)
		n++;
	CHECK(n < (uint32_t)COUNT(p));
	CHECK_EQ(errno, ENOMEM);
	for (uint32_t i = 0; i < n; i++) {
		if ((uint32_t)p[i] / PAGE == page) {
			put(p[i]);
			continue;
		}
		page = (uint32_t)p[i] / PAGE;
	}
	return n;
}

/* One who takes all that is lent takes a quarter of memory and no more, also in many small pieces; others go on. */
static void is_greedy(void)
{
	struct abi_kstat k;

	CHECK(kstat(&k, sizeof k) > 0);
	CHECK(takes_all(1360) > k.total / 4 / PAGE);
	takes_all(2000);
	takes_all(4096);
	gets_refused(4096, ENOMEM);
	CHECK(slab_bytes() < (long)(k.total / 4 + k.total / 16)); /* other slabs too */
}

static void lives(void)
{
	char *p = malloc(32 * MIB);

	CHECK(p != NULL);
	memset(p, 1, 32 * MIB);
	free(p);
	gets_refused(100, ENOMEM);
}

static void others_live_beside_the_greedy(void)
{
	is_greedy();
	CHECK_END(lives, 0);
}

/* ---- random use ---- */

static char *slot[SLOTS];

static void works(void)
{
	for (int i = test_rounds((int)(operations / WORKERS)); i > 0; i--) {
		char **s = &slot[random_below(SLOTS)];

		if (*s) {
			put(*s);
			*s = NULL;
		} else {
			uint32_t most = 1u << (4 + random_below(9));

			*s = get(1 + random_below(most));
		}
	}
	for (int i = 0; i < SLOTS / 2; i++) /* the other half is left behind */
		if (slot[i])
			put(slot[i]);
}

static void eight_at_once(void)
{
	pid_t child[WORKERS];

	for (int i = 0; i < WORKERS; i++) {
		random_next(); /* another start for each */
		child[i] = child_start(works);
	}
	for (int i = 0; i < WORKERS; i++)
		CHECK_EQ(child_wait(child[i]), 0);
}

static void body(void)
{
	sizes();
	pointers();
	memory_is_the_kernels();
	ends();
	blocks_of_2000();
	CHECK_END(others_live_beside_the_greedy, 0);
	eight_at_once();
}

int main(int argc, char **argv)
{
	if (argc > 2 && strcmp(argv[1], "free") == 0)
		return kfree((void *)strtoul(argv[2], NULL, 0)) == 0 ? 0 : 1;
	random_start(argc, argv);
	if (argc > 2)
		operations = (uint32_t)strtoul(argv[2], NULL, 0);
	return test_run(body);
}
