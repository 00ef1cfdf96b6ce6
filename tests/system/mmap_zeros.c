// Whatever memory is new reads as zeros, also when its frame held another process's bytes a moment ago: private and
// shared memory, heap, stack, what grew, what was given back, what is behind the end of a file.
// suite: mmap
// cpus: 1 4
// mem: 64
// kernels: debug release
#include "check.h"

#define NAME "/tmp/short"
#define SECRET 0x5ec2e75eu
enum { RW = PROT_READ | PROT_WRITE, LOOKED_AT = 24 * MIB, STACK_PART = 2 * MIB, SHORT = 100 };

/* Nearly all frames hold the secret; then they are free. */
static void leaves_secrets(void)
{
	uint32_t n = (uint32_t)freemem() / 8 * 7 / PAGE * PAGE;
	uint32_t *p = mmap(NULL, n, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	for (uint32_t i = 0; i < n / 4; i++)
		p[i] = SECRET;
}

static void is_zero(const volatile uint32_t *p, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes / 4; i++)
		if (p[i] != 0)
			FAILED("word %u at %p is %#x", i, (const volatile void *)p, p[i]);
}

/* Pages are written first, or read first, in turn. */
static void look(char *p, uint32_t n)
{
	for (uint32_t at = 0; at < n; at += PAGE) {
		uint32_t *page = (uint32_t *)(void *)(p + at);

		if (at / PAGE % 3 == 0)
			is_zero(page, PAGE);
		page[at / PAGE % 1024] = 1;
		page[at / PAGE % 1024] = 0;
		is_zero(page, PAGE);
	}
}

static char *map(uint32_t n, int flags, int fd)
{
	char *p = mmap(NULL, n, RW, flags, fd, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

static void private_memory(void)
{
	look(map(LOOKED_AT, MAP_PRIVATE | MAP_ANONYMOUS, -1), LOOKED_AT);
}

static void populated_memory(void)
{
	look(map(LOOKED_AT, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1), LOOKED_AT);
}

static void shared_memory(void)
{
	look(map(LOOKED_AT, MAP_SHARED | MAP_ANONYMOUS, -1), LOOKED_AT);
}

static void zero_device(void)
{
	int fd = TRY(open("/dev/zero", O_RDWR));

	look(map(LOOKED_AT, MAP_PRIVATE, fd), LOOKED_AT / 2);
}

static void heap(void)
{
	char *p = sbrk(LOOKED_AT + PAGE);

	CHECK(p != (void *)-1);
	p += PAGE - (uintptr_t)p % PAGE;
	look(p, LOOKED_AT - PAGE);
}

static void eager_heap(void)
{
	char *p;

	CHECK(sbrk(PAGE - (int)((uintptr_t)sbrk(0) % PAGE)) != (void *)-1);
	p = sbrk_eager(LOOKED_AT);
	CHECK(p != (void *)-1);
	look(p, LOOKED_AT);
}

/* Below the deepest frame, where nobody was. */
static void stack(void)
{
	volatile uint32_t *p = __builtin_alloca(STACK_PART);

	for (uint32_t top = STACK_PART; top > 0; top -= PAGE)
		(void)p[top / 4 - 1]; /* it grows from above */
	is_zero(p, STACK_PART / 2);
}

static void grown_and_given_back(void)
{
	char *p = map(PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	p = mremap(p, PAGE, LOOKED_AT, MREMAP_MAYMOVE);
	CHECK(p != MAP_FAILED);
	look(p, LOOKED_AT / 2);
	memset(p, 0x77, LOOKED_AT);
	TRY(madvise(p, LOOKED_AT / 2, MADV_DONTNEED));
	look(p, LOOKED_AT / 2);
	CHECK(mmap(p, LOOKED_AT, RW, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == p);
	look(p, LOOKED_AT);
}

static void behind_a_file(void)
{
	int fd = TRY(open(NAME, O_CREAT | O_TRUNC | O_RDWR, 0644));
	char bytes[SHORT], *p;

	memset(bytes, 's', sizeof bytes);
	CHECK_EQ(write(fd, bytes, sizeof bytes), SHORT);
	p = map(PAGE, MAP_SHARED, fd);
	is_zero((uint32_t *)(void *)(p + SHORT), PAGE - SHORT);
	p = map(PAGE, MAP_PRIVATE, fd);
	p[0] = 'p';
	is_zero((uint32_t *)(void *)(p + SHORT), PAGE - SHORT);
	TRY(ftruncate(fd, 64 * PAGE)); /* holes */
	p = map(64 * PAGE, MAP_SHARED, fd);
	is_zero((uint32_t *)(void *)(p + SHORT), PAGE - SHORT);
	look(p + PAGE, 63 * PAGE);
	TRY(unlink(NAME));
}

static void body(void)
{
	static void (*const kind[])(void) = {private_memory, populated_memory, shared_memory, zero_device,
	                                     heap,           eager_heap,       stack,         grown_and_given_back,
	                                     behind_a_file};

	for (int i = 0; i < COUNT(kind); i++) {
		CHECK_END(leaves_secrets, 0);
		CHECK_END(kind[i], 0);
	}
}

int main(void)
{
	return test_run(body);
}
