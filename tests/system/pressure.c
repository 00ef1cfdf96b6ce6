// Too little memory: who takes too much is ended with `out of memory`, the small ones live; a fault inside a system
// call ends nobody; clean file pages give way; dirty ones are at most a quarter; and everything is there again
// afterwards.
// suite: lazy
// mem: 16
// cpus: 1 4
// kernels: debug release
// timeout: 90
// expect: out of memory, addr 0x[0-9a-f]+--kill proc
// expect: hogs are gone
#include "check.h"

enum { FILE_SIZE = 20 * MIB, CHUNK = 16 * PAGE, MANY = 64 * MIB };

static char buffer[CHUNK];

static char *promise(void)
{
	char *p = mmap(NULL, MANY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

static void take_all(void)
{
	char *p = promise();

	for (int i = 0; i < MANY; i += PAGE)
		p[i] = 1;
}

static void hogs(void)
{
	pid_t small = child_start((void (*)(void))pause), pids[3];

	for (int i = 0; i < 2; i++)
		CHECK_END(take_all, -SIGKILL);
	for (int i = 0; i < 3; i++)
		pids[i] = child_start(take_all);
	for (int i = 0; i < 3; i++)
		CHECK_EQ(child_wait(pids[i]), -SIGKILL);
	CHECK_EQ(waitpid(small, NULL, WNOHANG), 0);
	CHECK_EQ(kill(small, SIGTERM), 0);
	CHECK_EQ(child_wait(small), -SIGTERM);
	printf("hogs are gone\n");
	fflush(stdout);
}

/* read into memory that cannot be had: a short count, or ENOMEM; what was counted is there. */
static void read_too_much(void)
{
	char *p = promise();
	int fd = TRY(open("/dev/zero", O_RDONLY)), n;

	errno = 0;
	n = read(fd, p, MANY);
	if (n < 0)
		CHECK_EQ(errno, ENOMEM);
	CHECK(n < MANY);
	for (int i = 0; i < n; i += PAGE)
		CHECK(p[i] == 0);
}

static uint32_t byte_at(uint32_t at)
{
	return at * 31 + (at >> 12);
}

static void chunk_fill(uint32_t at)
{
	for (uint32_t i = 0; i < CHUNK; i += 4)
		*(uint32_t *)(void *)(buffer + i) = byte_at(at + i);
}

static void chunk_check(uint32_t at)
{
	for (uint32_t i = 0; i < CHUNK; i += 4)
		if (*(uint32_t *)(void *)(buffer + i) != byte_at(at + i))
			FAILED("the file's word at %u is wrong", at + i);
}

/* A file larger than memory, written and read; meanwhile dirty pages never are more than a quarter. */
static void large_file(void)
{
	int fd = TRY(open("/tmp/large", O_RDWR | O_CREAT | O_TRUNC, 0644));
	struct abi_kstat now;

	for (uint32_t at = 0; at < FILE_SIZE; at += CHUNK) {
		chunk_fill(at);
		CHECK_EQ(write(fd, buffer, CHUNK), CHUNK);
		CHECK(kstat(&now, sizeof now) > 0);
		if (now.dirty > now.total / 4 + CHUNK)
			FAILED("%u of %u bytes are dirty", now.dirty, now.total);
	}
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	for (uint32_t at = 0; at < FILE_SIZE; at += CHUNK) {
		CHECK_EQ(read(fd, buffer, CHUNK), CHUNK);
		chunk_check(at);
	}
	close(fd);
}

/* The file's pages fill memory now; a program that needs memory gets theirs. */
static void cache_gives_way(void)
{
	char *p = promise();
	long room;

	sync();
	room = freemem() - (2 * MIB);
	CHECK(room > 4 * MIB);
	for (long i = 0; i < room; i += PAGE)
		p[i] = 1;
	for (long i = 0; i < room; i += PAGE)
		CHECK(p[i] == 1);
}

static void body(void)
{
	hogs();
	CHECK_END(read_too_much, 0);
	large_file();
	CHECK_END(cache_gives_way, 0);
	TRY(unlink("/tmp/large"));
}

int main(void)
{
	return test_run(body);
}
