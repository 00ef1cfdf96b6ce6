// System calls while one process holds all memory: each succeeds, does less, or says ENOMEM; none ends its process,
// hangs, or leaves half of something behind; and when the memory is given back, everything works.  The process that
// calls is the one that holds it all, so no reserve is its own.
// suite: lazy
// cpus: 1 4
// mem: 64
// kernels: debug release
// reject: lazy_syscalls_full.c:[0-9]+:
#include "_lazy.h"

enum { CHUNK = 64 * PAGE, STEPS = 40, TEXT = 3000 };
#define FILE_PATH "/tmp/full.file"
#define NEW_PATH "/tmp/full.new"
#define DIR_PATH "/tmp/full.dir"
#define LONG_PATH "/tmp/full.link"

static char *hoard; /* more than there is memory */
static uint32_t held, hoard_size;
static int zero, file, pipe_fds[2];
static char text[TEXT], back[TEXT];

/* How often what was tried: succeeded, did less, was refused. */
static struct {
	int whole, less, refused;
} count[16];
static int what;

/* GOT is -1 for want of memory, or from LEAST to MOST.  Whether anything was done. */
static bool allowed(const char *call, int got, int least, int most)
{
	if (got == -1 && errno == ENOMEM) {
		count[what].refused++;
		return false;
	}
	if (got < least || got > most)
		FAILED("%s gives %d, errno %d (%u bytes held)", call, got, errno, held);
	if (got == most)
		count[what].whole++;
	else
		count[what].less++;
	return true;
}
#define ALLOWED(call, least, most) allowed(#call, call, least, (int)(most))

/* Memory is taken by a system call, which is told of its end and not killed by it; to the last page. */
static void take_all(void)
{
	int n;

	while ((n = read(zero, hoard + held, CHUNK)) > 0)
		held += (uint32_t)n;
	CHECK_EQ(n, -1);
	CHECK_EQ(errno, ENOMEM);
	CHECK(held < hoard_size);
	CHECK_ERR(read(zero, hoard + ((held + PAGE - 1) & ~(uint32_t)(PAGE - 1)), 1), ENOMEM);
}

/* Gives back N pages of it. */
static void leave(int n)
{
	held = (held - (uint32_t)n * PAGE) & ~(uint32_t)(PAGE - 1);
	give_back(hoard + held, hoard_size - held);
	CHECK(mmap(hoard + held, hoard_size - held, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
	           0) == hoard + held);
}

/* The calls. */

static void try_pipe(void)
{
	int fds[2] = {-7, -7}, n;

	if (!ALLOWED(pipe(fds), 0, 0)) {
		CHECK(fds[0] == -7 && fds[1] == -7);
		return;
	}
	n = write(fds[1], text, TEXT);
	if (ALLOWED(n, 1, TEXT)) {
		CHECK_EQ(read(fds[0], back, TEXT), n);
		CHECK(memcmp(back, text, (size_t)n) == 0);
	}
	CHECK_EQ(close(fds[0]), 0);
	CHECK_EQ(close(fds[1]), 0);
}

static void try_create(void)
{
	int fd = open(NEW_PATH, O_RDWR | O_CREAT | O_EXCL, 0644), n;
	struct stat st;

	if (!ALLOWED(fd < 0 ? -1 : 0, 0, 0)) {
		if (stat(NEW_PATH, &st) == 0)
			FAILED("open says ENOMEM and made the file all the same");
		CHECK(errno == ENOENT || errno == ENOMEM);
		return;
	}
	n = write(fd, text, TEXT);
	if (!ALLOWED(n, 1, TEXT))
		n = 0;
	if (ALLOWED(fstat(fd, &st), 0, 0))
		CHECK_EQ(st.st_size, n);
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), n);
	CHECK_EQ(close(fd), 0);
}

static void try_mkdir(void)
{
	struct stat st;

	if (!ALLOWED(mkdir(DIR_PATH, 0755), 0, 0)) {
		CHECK(stat(DIR_PATH, &st) == -1 && (errno == ENOENT || errno == ENOMEM));
		return;
	}
	if (ALLOWED(stat(DIR_PATH, &st), 0, 0))
		CHECK(S_ISDIR(st.st_mode));
}

static void try_remove(void)
{
	if (rmdir(DIR_PATH) < 0)
		CHECK(errno == ENOENT || errno == ENOMEM);
	if (unlink(NEW_PATH) < 0)
		CHECK(errno == ENOENT || errno == ENOMEM);
}

/* A promise needs no page, at most a region; what lies in it is faulted in by the kernel alone. */
static void try_mmap(void)
{
	char *p = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int n;

	if (!ALLOWED(p == MAP_FAILED ? -1 : 0, 0, 0))
		return;
	n = read(file, p + PAGE - 100, TEXT);
	CHECK_EQ(lseek(file, 0, SEEK_SET), 0);
	if (ALLOWED(n, 1, TEXT))
		CHECK(memcmp(p + PAGE - 100, text, (size_t)n) == 0);
	give_back(p, MIB);
}

static void try_brk(void)
{
	char *now = sbrk(0);

	if (!ALLOWED(sbrk(MIB) == (void *)-1 ? -1 : 0, 0, 0)) {
		CHECK(sbrk(0) == now);
		return;
	}
	CHECK(sbrk(0) == now + MIB);
	CHECK(sbrk(-MIB) == now + MIB);
}

/* Reading into memory that is there takes none of a program's; what is read is right, the offset exact. */
static void try_read(void)
{
	int n = read(file, back, TEXT);

	if (!ALLOWED(n, 1, TEXT))
		n = 0;
	CHECK(memcmp(back, text, (size_t)n) == 0);
	CHECK_EQ(lseek(file, 0, SEEK_CUR), n);
	CHECK_EQ(lseek(file, 0, SEEK_SET), 0);
}

/* A pipe with bytes in it: a read into memory that cannot be had leaves them there. */
static void try_read_pipe(void)
{
	char *absent = hoard + ((held + PAGE - 1) & ~(uint32_t)(PAGE - 1));
	int n = write(pipe_fds[1], text, TEXT), got;

	if (!ALLOWED(n, 1, TEXT))
		return;
	got = read(pipe_fds[0], absent, (size_t)n);
	if (!ALLOWED(got, 1, n))
		got = 0;
	CHECK(memcmp(absent, text, (size_t)got) == 0);
	if (got < n)
		CHECK_EQ(read(pipe_fds[0], back, TEXT), n - got);
	CHECK(memcmp(back, text + got, (size_t)(n - got)) == 0);
	leave(0);
}

/* Writing a file anew, longer than before or not. */
static void try_write(void)
{
	int fd = open(FILE_PATH, O_RDWR), n;

	if (!ALLOWED(fd < 0 ? -1 : 0, 0, 0))
		return;
	n = write(fd, text, TEXT);
	if (!ALLOWED(n, 1, TEXT))
		n = 0;
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), n);
	CHECK_EQ(close(fd), 0);
}

/* Memory that was promised and never touched is zeros to the kernel, too, and costs at most a table. */
static void try_write_absent(void)
{
	char *absent = hoard + ((held + PAGE - 1) & ~(uint32_t)(PAGE - 1));
	int n = write(pipe_fds[1], absent, TEXT);

	if (!ALLOWED(n, 1, TEXT))
		return;
	CHECK_EQ(read(pipe_fds[0], back, TEXT), n);
	for (int i = 0; i < n; i++)
		CHECK(back[i] == 0);
	leave(0);
}

static void try_link(void)
{
	if (!ALLOWED(link(FILE_PATH, LONG_PATH), 0, 0))
		return;
	if (unlink(LONG_PATH) < 0)
		CHECK_EQ(errno, ENOMEM);
}

/* A call that fails leaves the program as it is; one that succeeds ends it here, so it is made last, by a child of its
   own that holds everything. */
static void try_exec(void)
{
	char *const argv[] = {(char *)"true", NULL};

	CHECK_EQ(execve("/bin/true", argv, environ), -1);
	CHECK_EQ(errno, ENOMEM);
}

static void (*const tries[])(void) = {
	try_pipe, try_create,    try_mkdir, try_mmap,         try_brk,  try_read,
	try_read, try_read_pipe, try_write, try_write_absent, try_link, try_remove,
};

static void try_all(void)
{
	for (what = 0; what < COUNT(tries); what++)
		tries[what]();
}

static void setup(void)
{
	for (int i = 0; i < TEXT; i++)
		text[i] = (char)(i * 11 + i / 256);
	memset(back, 0, sizeof back);
	zero = TRY(open("/dev/zero", O_RDONLY));
	file = TRY(open(FILE_PATH, O_RDWR | O_CREAT | O_TRUNC, 0644));
	CHECK_EQ(write(file, text, TEXT), TEXT);
	CHECK_EQ(lseek(file, 0, SEEK_SET), 0);
	TRY(pipe(pipe_fds));
	hoard = promise(hoard_size);
	sync(); /* dirty pages would wait for the disk */
}

/* Everything is done whole: with plenty of memory, before and afterwards. */
static void all_works(void)
{
	memset(count, 0, sizeof count);
	try_all();
	for (what = 0; what < COUNT(tries); what++)
		if (count[what].refused > 0 || count[what].less > 0)
			FAILED("call %d is refused %d times, does less %d times, with memory free", what,
			       count[what].refused, count[what].less);
}

/* From nothing left to STEPS pages left, page by page: every call meets its end of memory everywhere. */
static void deed(void)
{
	int refused = 0;

	setup();
	all_works(); /* its text, data and stack are all there from now on */
	take_all();
	for (int i = 0; i < STEPS; i++) {
		try_all();
		leave(1);
	}
	for (what = 0; what < COUNT(tries); what++)
		refused += count[what].refused;
	CHECK(refused > 0);
	for (uint32_t i = 0; i < held; i += PAGE)
		CHECK(((volatile char *)hoard)[i] == 0);
	leave((int)(held / PAGE));
	try_remove();
	unlink(LONG_PATH);
	all_works();
	CHECK_EQ(unlink(FILE_PATH), 0);
}

/* Fork, when all is taken: refused, or a child; with it the parent's own pages are copied at its next writes, and it
   may be ended there, for memory, as any process; never by the call. */
static void deed_fork(void)
{
	volatile int refused = 0;

	setup();
	refused = fork();
	if (refused == 0)
		_exit(0);
	CHECK_EQ(child_wait(refused), 0);
	take_all();
	for (int i = 0; i < 10; i++)
		CHECK_ERR(fork(), ENOMEM);
	leave(200);
	for (int i = 0; i < 10; i++) {
		pid_t pid = TRY(fork());

		if (pid == 0)
			_exit(3);
		CHECK_EQ(child_wait(pid), 3);
	}
}

static void deed_exec(void)
{
	setup();
	CHECK_EQ(access("/bin/true", 0), 0);
	take_all();
	for (int i = 0; i < 10; i++)
		try_exec();
	leave(100);
	execve("/bin/true", (char *const[]){(char *)"true", NULL}, environ);
	_exit(77);
}

static void body(void)
{
	struct abi_kstat now;

	CHECK(kstat(&now, sizeof now) > 0);
	hoard_size = now.total + 16 * MIB;
	CHECK_END(deed, 0);
	CHECK_END(deed_fork, 0);
	CHECK_END(deed_exec, 0);
	unlink(FILE_PATH);
}

int main(void)
{
	return test_run(body);
}
