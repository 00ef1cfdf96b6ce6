// Pipes: order, 64 KiB, blocking and not, the two ends' ends, and that a bad pointer loses nothing.
// cpus: 1 4
// kernels: debug release
#include <sys/uio.h>

#include "check.h"

enum { CAPACITY = 64 << 10, STREAM = 1 * MIB };

static int fds[2];
static char buffer[CAPACITY * 2];

static char byte_at(uint32_t i)
{
	return (char)(i * 7 + (i >> 8));
}

static void pipe_new(void)
{
	TRY(pipe(fds));
}

static void pipe_end(void)
{
	close(fds[0]);
	close(fds[1]);
}

static void simple(void)
{
	struct stat st;

	pipe_new();
	CHECK_EQ(write(fds[1], "hello", 5), 5);
	CHECK_EQ(read(fds[0], buffer, 2), 2);
	CHECK_EQ(read(fds[0], buffer + 2, 100), 3); /* what is there, no more */
	CHECK(memcmp(buffer, "hello", 5) == 0);
	CHECK_EQ(write(fds[1], "", 0), 0);
	CHECK_EQ(read(fds[0], buffer, 0), 0);
	CHECK_ERR(write(fds[0], "x", 1), EBADF);
	CHECK_ERR(read(fds[1], buffer, 1), EBADF);
	CHECK_ERR(lseek(fds[0], 0, SEEK_SET), ESPIPE);
	CHECK_ERR(ftruncate(fds[1], 0), EINVAL);
	CHECK(fstat(fds[0], &st) == 0 && S_ISFIFO(st.st_mode));
	close(fds[1]);
	CHECK_EQ(read(fds[0], buffer, 10), 0);
	CHECK_EQ(read(fds[0], buffer, 10), 0);
	close(fds[0]);
}

static void not_blocking(void)
{
	pipe_new();
	CHECK_EQ(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
	CHECK_EQ(fcntl(fds[1], F_SETFL, O_NONBLOCK), 0);
	CHECK_EQ(fcntl(fds[1], F_GETFL) & (O_NONBLOCK | O_ACCMODE), O_NONBLOCK | O_WRONLY);
	CHECK_ERR(read(fds[0], buffer, 1), EAGAIN);
	for (int i = 0; i < CAPACITY / PAGE; i++)
		CHECK_EQ(write(fds[1], buffer, PAGE), PAGE);
	CHECK_ERR(write(fds[1], buffer, 1), EAGAIN); /* 64 KiB and not a byte more */
	CHECK_EQ(read(fds[0], buffer, 100), 100);
	CHECK_EQ(write(fds[1], buffer, 100), 100);
	CHECK_EQ(read(fds[0], buffer, sizeof buffer), CAPACITY);
	CHECK_EQ(write(fds[1], buffer, sizeof buffer), CAPACITY); /* as much as there is room for */
	CHECK_EQ(read(fds[0], buffer, PAGE - 1), PAGE - 1);
	CHECK_ERR(write(fds[1], buffer, PAGE), EAGAIN); /* PIPE_BUF bytes are written whole or not at all */
	pipe_end();
}

static void broken(void)
{
	pipe_new();
	close(fds[0]);
	write(fds[1], "x", 1);
}

static void broken_ignored(void)
{
	CHECK(signal(SIGPIPE, SIG_IGN) == SIG_DFL);
	pipe_new();
	close(fds[0]);
	CHECK_ERR(write(fds[1], "x", 1), EPIPE);
	close(fds[1]);
}

static void write_too_much(void)
{
	close(fds[0]);
	CHECK(signal(SIGPIPE, SIG_IGN) == SIG_DFL);
	errno = 0;
	if (write(fds[1], buffer, sizeof buffer) != CAPACITY) /* it waited for room; what was taken is reported */
		CHECK_EQ(errno, EPIPE);
}

static void reader_goes_away(void)
{
	pid_t pid;

	pipe_new();
	pid = child_start(write_too_much);
	close(fds[1]);
	sleep_ms(30);
	close(fds[0]);
	CHECK_EQ(child_wait(pid), 0);
}

static void write_stream(void)
{
	uint32_t at = 0;

	close(fds[0]);
	while (at < STREAM) {
		uint32_t n = 1 + random_below(3 * PAGE);

		n = n < STREAM - at ? n : STREAM - at;
		for (uint32_t i = 0; i < n; i++)
			buffer[i] = byte_at(at + i);
		CHECK_EQ(write(fds[1], buffer, n), n); /* a blocking write is whole */
		at += n;
	}
}

/* A megabyte through the pipe, in pieces of any length on either side. */
static void stream(void)
{
	uint32_t at = 0;
	int n;
	pid_t pid;

	pipe_new();
	pid = child_start(write_stream);
	close(fds[1]);
	while ((n = TRY(read(fds[0], buffer, 1 + random_below(5 * PAGE)))) > 0) {
		for (int i = 0; i < n; i++)
			if (buffer[i] != byte_at(at + (uint32_t)i))
				FAILED("byte %u is wrong", at + (uint32_t)i);
		at += (uint32_t)n;
	}
	CHECK_EQ(at, STREAM);
	close(fds[0]);
	CHECK_EQ(child_wait(pid), 0);
}

/* Several writers: pieces of up to PIPE_BUF bytes are never torn. */
static int letter;

static void write_pieces(void)
{
	char piece[1000];

	close(fds[0]);
	memset(piece, letter, sizeof piece);
	for (int i = 0; i < 50; i++)
		CHECK_EQ(write(fds[1], piece, sizeof piece), sizeof piece);
}

static void pieces_are_whole(void)
{
	pid_t pids[4];
	uint32_t total = 0;
	static char piece[1000];

	pipe_new();
	for (int i = 0; i < 4; i++) {
		letter = 'a' + i;
		pids[i] = child_start(write_pieces);
	}
	close(fds[1]);
	for (;;) {
		size_t got = 0;
		int n;

		while (got < sizeof piece && (n = TRY(read(fds[0], piece + got, sizeof piece - got))) > 0)
			got += (size_t)n;
		if (got == 0)
			break;
		CHECK_EQ(got, sizeof piece);
		for (size_t i = 1; i < sizeof piece; i++)
			CHECK(piece[i] == piece[0]);
		total++;
	}
	CHECK_EQ(total, 200);
	for (int i = 0; i < 4; i++)
		CHECK_EQ(child_wait(pids[i]), 0);
	close(fds[0]);
}

/* One buffer of a read is bad, or there is no memory behind it: the bytes stay in the pipe. */
static void nothing_is_lost(void)
{
	struct iovec v[2] = {{buffer, 4}, {(void *)KERNEL_BASE, 4}};
	int n;

	pipe_new();
	CHECK_EQ(write(fds[1], "0123456789", 10), 10);
	CHECK_ERR(read(fds[0], (void *)KERNEL_BASE, 10), EFAULT);
	CHECK_ERR(read(fds[0], NULL, 10), EFAULT);
	CHECK_ERR(write(fds[1], (void *)0x20000000, 10), EFAULT);
	n = readv(fds[0], v, 2);
	CHECK(n == 4 || n == -1);
	n = n == 4 ? 4 : 0;
	CHECK_EQ(read(fds[0], buffer + n, 100), 10 - n);
	CHECK(memcmp(buffer, "0123456789", 10) == 0);
	pipe_end();
}

/* All that fits into a buffer that is only promised, or shared with a child, comes with one read. */
static void awkward_buffers(void)
{
	char *p = mmap(NULL, 32 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	pipe_new();
	for (uint32_t i = 0; i < 8 * PAGE; i++)
		buffer[i] = byte_at(i);
	CHECK_EQ(write(fds[1], buffer, 8 * PAGE), 8 * PAGE);
	CHECK_EQ(read(fds[0], p + 100, 8 * PAGE), 8 * PAGE);
	CHECK(memcmp(p + 100, buffer, 8 * PAGE) == 0);
	CHECK_EQ(write(fds[1], p + 20 * PAGE - 5, 3 * PAGE), 3 * PAGE); /* never touched: zeros */
	CHECK_EQ(read(fds[0], buffer, sizeof buffer), 3 * PAGE);
	for (int i = 0; i < 3 * PAGE; i++)
		CHECK(buffer[i] == 0);
	munmap(p, 32 * PAGE);
	pipe_end();
}

static void read_one(void)
{
	char c;

	close(fds[1]);
	_exit(read(fds[0], &c, 1) == 1 ? c : 100);
}

static void readers_wake(void)
{
	pid_t pids[3];
	int sum = 0;

	pipe_new();
	for (int i = 0; i < 3; i++)
		pids[i] = child_start(read_one);
	sleep_ms(20);
	CHECK_EQ(write(fds[1], "\001\002", 2), 2);
	close(fds[1]);
	for (int i = 0; i < 3; i++)
		sum += child_wait(pids[i]);
	CHECK_EQ(sum, 103); /* two read a byte each, the third finds the end */
	close(fds[0]);
}

static void body(void)
{
	simple();
	not_blocking();
	CHECK_END(broken, -SIGPIPE);
	CHECK_END(broken_ignored, 0);
	reader_goes_away();
	stream();
	pieces_are_whole();
	nothing_is_lost();
	awkward_buffers();
	readers_wake();
}

int main(int argc, char **argv)
{
	random_start(argc, argv);
	return test_run(body);
}
