// cpus: 1 4
// kernels: debug release
// timeout: 90
// reject: edges.c:[0-9]+:
/* What lies at the edge of what the calls take: lengths and offsets near the ends of their types, paths deeper than a
   path may be long, ten thousand regions, a thousand descriptors, buffers too small for one record. */
#include <sys/times.h>

#include "check.h"

enum {
	SYS_READ = 3,
	SYS_WRITE = 4,
	SYS_REBOOT = 88,
	SYS_GETDENTS64 = 220,
	SYS_MMAP2 = 192,
	REGIONS = 5000,
	LEVELS = 40
};

static char buffer[5 * PAGE];

static void lengths(void)
{
	int zero = TRY(open("/dev/zero", O_RDONLY)), null = TRY(open("/dev/null", O_WRONLY)), fd, n;

	CHECK_ERR(read(zero, (void *)0x20000000, 0x7fffffff), EFAULT);
	CHECK_ERR(read(zero, (void *)0x20000000, 0x60000000), EFAULT);
	CHECK_EQ(write(null, buffer, 0), 0);
	fd = TRY(open("/tmp/edge", O_RDWR | O_CREAT | O_TRUNC, 0644));
	n = write(fd, buffer, 0x7ffff000); /* all there is up to the end of the data segment, or nothing */
	CHECK((n == -1 && errno == EFAULT) || n >= (int)sizeof buffer);
	CHECK_EQ(ftruncate(fd, 0), 0);
	CHECK_EQ(lseek(fd, 1ll << 50, SEEK_SET), 1ll << 50);
	CHECK_ERR(write(fd, "x", 1), EFBIG);
	CHECK_EQ(read(fd, buffer, 10), 0);
	CHECK_EQ(lseek(fd, 0x7fffffffffffffffll, SEEK_SET), 0x7fffffffffffffffll);
	CHECK(write(fd, "x", 1) == -1);
	CHECK(read(fd, buffer, 1) <= 0);
	CHECK(lseek(fd, 1, SEEK_CUR) == -1 && (errno == EOVERFLOW || errno == EINVAL));
	CHECK_ERR(ftruncate(fd, 0x7fffffffffffffffll), EFBIG);
	close(fd);
	TRY(unlink("/tmp/edge"));
	close(zero);
	close(null);
}

static void small_buffers(void)
{
	int fd = TRY(open("/bin", O_RDONLY | O_DIRECTORY));
	struct abi_kstat now;

	CHECK_EQ(TRAP(SYS_GETDENTS64, (uint32_t)fd, (uint32_t)(uintptr_t)buffer, 10), -EINVAL);
	CHECK(TRAP(SYS_GETDENTS64, (uint32_t)fd, (uint32_t)(uintptr_t)buffer, 24) == 24); /* `.` */
	CHECK_EQ(TRAP(SYS_GETDENTS64, (uint32_t)fd, (uint32_t)(uintptr_t)buffer, 0), -EINVAL);
	CHECK_EQ(TRAP(SYS_GETDENTS64, 0, (uint32_t)(uintptr_t)buffer, 100), -ENOTDIR);
	close(fd);
	CHECK_EQ(getprocs((struct abi_procinfo *)buffer, 67), getprocs(NULL, 0));
	CHECK_EQ(klog(buffer, 0), 0);
	CHECK(klog(buffer, 1) <= 1 && klog(buffer, sizeof buffer) > 50);
	CHECK(kstat(&now, 4) > (int)sizeof now);
	CHECK(getcwd(buffer, 1) == NULL && errno == ERANGE);
}

/* A working directory whose name is longer than a path may be. */
static void deep_path(void)
{
	static char name[252], path[4 * PAGE];

	memset(name, 'd', sizeof name - 1);
	TRY(chdir("/tmp"));
	for (int i = 0; i < LEVELS; i++) {
		TRY(mkdir(name, 0755));
		TRY(chdir(name));
	}
	if (!getcwd(path, sizeof path))
		CHECK(errno == ENAMETOOLONG || errno == ERANGE);
	else
		CHECK_EQ(strlen(path), 4 + LEVELS * 252);
	for (int i = 0; i < LEVELS; i++) {
		TRY(chdir(".."));
		TRY(rmdir(name));
	}
	CHECK_STRING(getcwd(path, sizeof path), "/tmp");
	TRY(chdir("/"));
}

static char *map_at(uint32_t at, size_t size, int flags)
{
	return mmap((void *)(uintptr_t)at, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
}

/* Every second page of a stretch is a region of its own. */
static void many_regions(void)
{
	const uint32_t base = 0x30000000;
	struct abi_kstat now;
	char *p;

	for (uint32_t i = 0; i < REGIONS; i++)
		CHECK(map_at(base + i * 2 * PAGE, PAGE, MAP_FIXED) == (void *)(uintptr_t)(base + i * 2 * PAGE));
	CHECK(kstat(&now, sizeof now) > 0);
	for (uint32_t i = 0; i < REGIONS; i += 100)
		*(char *)(uintptr_t)(base + i * 2 * PAGE) = 1;
	p = map_at(base, PAGE, MAP_FIXED_NOREPLACE);
	CHECK(p == MAP_FAILED && errno == EEXIST);
	p = map_at(0, 2 * PAGE, 0); /* fits into none of the gaps */
	CHECK(p != MAP_FAILED && (p < (char *)base || p >= (char *)base + REGIONS * 2 * PAGE - PAGE));
	munmap(p, 2 * PAGE);
	p = map_at(base + PAGE, PAGE, 0); /* a wish that can be had */
	CHECK(p == (char *)base + PAGE);
	CHECK_EQ(munmap((void *)(uintptr_t)base, REGIONS * 2 * PAGE), 0);
	CHECK_ERR(munmap((void *)(uintptr_t)base, 0x80000000u), EINVAL);
}

/* Nearly all of the user's half in one piece, and when there is no piece so large left. */
static void large_regions(void)
{
	char *p = map_at(0, 0x60000000, 0);

	CHECK(p != MAP_FAILED);
	CHECK(map_at(0, 0x60000000, 0) == MAP_FAILED && errno == ENOMEM);
	p[0] = p[0x5fffffff] = 1;
	CHECK_EQ(munmap(p, 0x60000000), 0);
	CHECK_EQ(TRAP(SYS_MMAP2, 0, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, ~0u, 0),
	         (int32_t)(uintptr_t)p + 0x5ffff000);
	CHECK_EQ(munmap(p + 0x5ffff000, PAGE), 0);
}

static void brk_edges(void)
{
	char *now = sbrk(0);

	CHECK_EQ(brk(0), -1);
	CHECK_ERR(brk((void *)0x1000), ENOMEM);
	CHECK(sbrk(0) == now);
	CHECK_EQ(brk(now + 1), 0);
	now[0] = 1;
	CHECK_EQ(brk(now), 0);
	CHECK(sbrk(0x7fffffff) == (void *)-1 && errno == ENOMEM);
}

static void look_and_end(void)
{
	CHECK(fcntl(OPEN_MAX - 1, F_GETFD) == 0);
}

static void all_descriptors(void)
{
	int fds[2];

	TRY(pipe(fds));
	for (int i = 5; i < OPEN_MAX; i++)
		CHECK_EQ(dup2(fds[1], i), i);
	CHECK_END(look_and_end, 0);
	for (int i = 4; i < OPEN_MAX; i++)
		CHECK_EQ(close(i), 0);
	CHECK_EQ(read(fds[0], buffer, 1), 0); /* the child's are closed, too */
}

static void sleep_centuries(void)
{
	struct timespec t = {0x7fffffff, 999999999};

	nanosleep(&t, NULL);
}

static void long_sleep(void)
{
	pid_t pid = child_start(sleep_centuries);

	sleep_ms(20);
	CHECK_EQ(waitpid(pid, NULL, WNOHANG), 0);
	CHECK_EQ(kill(pid, SIGKILL), 0);
	CHECK_EQ(child_wait(pid), -SIGKILL);
}

static void without_terminal(void)
{
	CHECK(setsid() > 0);
	CHECK_ERR(open("/dev/tty", O_RDWR), ENXIO);
}

static void odd_nodes(void)
{
	struct stat st;

	CHECK(mknod("/tmp/node", S_IFDIR | 0755, 0) == -1);
	CHECK(mknod("/tmp/node", 0170000 | 0644, 0) == -1);
	CHECK_ERR(stat("/tmp/node", &st), ENOENT);
	TRY(mknod("/tmp/node", S_IFREG | 0600, 0));
	CHECK_ERR(mknod("/tmp/node", S_IFREG | 0600, 0), EEXIST);
	CHECK(stat("/tmp/node", &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 0);
	TRY(unlink("/tmp/node"));
	CHECK_EQ(TRAP(SYS_REBOOT, 1, 2, 3), -EINVAL); /* wrong magic numbers: the machine goes on */
	CHECK_EQ(TRAP(SYS_REBOOT, 0xfee1dead, 672274793, 77), -EINVAL);
}

static void body(void)
{
	lengths();
	small_buffers();
	deep_path();
	many_regions();
	CHECK_END(large_regions, 0);
	brk_edges();
	CHECK_END(all_descriptors, 0);
	long_sleep();
	CHECK_END(without_terminal, 0);
	odd_nodes();
}

int main(void)
{
	return test_run(body);
}
