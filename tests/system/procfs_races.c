// Readers of every file in /proc against processes that fork, run programs, map, unmap and end.  What they read may be
// of any moment, but it is never half a line; afterwards nothing is left behind.
// cpus: 4
// kernels: debug release
// suite: lazy
// timeout: 240
#include <dirent.h>

#include "_procfs.h"

enum { READERS = 4, STORMS = 4, ROUNDS = 40, GENERATIONS = 40, MAPPINGS = 20 };

#define COPY "/tmp/procfs_races.true"

static int read_in_all;

/* ---- the readers ---- */

/* Errors that a process which ends or closes meanwhile may cause. */
static bool is_gone(int error)
{
	return error == ENOENT || error == ESRCH;
}

static void check_content(const char *name, int len)
{
	int n;

	room[len] = '\0';
	if (len == 0)
		return;
	if (strcmp(name, "maps") == 0)
		maps_check(&n);
	else if (strcmp(name, "stat") == 0 && isdigit((unsigned char)room[0]))
		stat_parse();
	else if (strcmp(name, "status") == 0)
		expect(strrchr(room, '\t') - 10, "\nResident:\t");
}

/* Read all of PATH, in steps of a random size. */
static void read_file(const char *path, const char *name)
{
	bool binary = strcmp(name, "pagemap") == 0 || strncmp(name, "kpage", 5) == 0;
	int fd = open(path, O_RDONLY), got = 0, all = 0, step = binary ? 4096 : 1 + (int)random_below(5000);

	if (fd < 0) {
		CHECK(is_gone(errno));
		return;
	}
	if (binary)
		CHECK(lseek(fd, (off_t)(random_below(KERNEL_BASE / PAGE - 512) * 8), SEEK_SET) >= 0);
	while (all + step < ROOM - 1 && (got = (int)read(fd, room + (binary ? 0 : all), (size_t)step)) > 0) {
		all += got;
		if (binary && all > 16 * 4096)
			break;
	}
	if (got < 0)
		CHECK(is_gone(errno));
	else if (!binary && got == 0)
		check_content(name, all);
	close(fd);
	read_in_all++;
}

static void read_link(const char *path)
{
	char text[300];
	struct stat st;

	if (readlink(path, text, sizeof text) < 0)
		CHECK(is_gone(errno));
	if (stat(path, &st) < 0)
		CHECK(is_gone(errno));
	read_in_all++;
}

static void read_tree(const char *path, int depth)
{
	char below[128];
	struct dirent *e;
	DIR *d = opendir(path);

	if (!d) {
		CHECK(is_gone(errno));
		return;
	}
	while ((e = readdir(d)) != NULL) {
		snprintf(below, sizeof below, "%s/%s", path, e->d_name);
		if (e->d_name[0] == '.')
			continue;
		else if (e->d_type == DT_DIR)
			read_tree(below, depth + 1);
		else if (e->d_type == DT_LNK)
			read_link(below);
		else
			read_file(below, e->d_name);
	}
	closedir(d);
}

static void reader(uint32_t seed)
{
	random_state = seed;
	for (int i = 0; i < test_rounds(ROUNDS); i++)
		read_tree("/proc", 0);
	CHECK(read_in_all > test_rounds(ROUNDS) * 50);
}

/* ---- the storm ---- */

/* Maps and unmaps, opens and closes, changes where it is. */
static void restless(void)
{
	char *p[MAPPINGS];
	int fd = open("/README", O_RDONLY);

	for (int i = 0; i < MAPPINGS; i++) {
		p[i] = mmap(NULL, (1 + random_below(40)) * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		            -1, 0);
		CHECK(p[i] != MAP_FAILED);
		if (random_below(2))
			*p[i] = 1;
	}
	CHECK(sbrk((intptr_t)random_below(100000)) != (void *)-1);
	CHECK_EQ(chdir(random_below(2) ? "/tmp" : "/bin"), 0);
	for (int i = 0; i < MAPPINGS; i += 2)
		CHECK_EQ(munmap(p[i], PAGE), 0);
	CHECK(fd >= 0 && dup2(fd, 3 + (int)random_below(200)) > 0);
}

static void generation(void)
{
	pid_t pid = fork();

	if (pid < 0)
		FAILED("fork fails with %d", errno);
	if (pid > 0) {
		restless();
		CHECK_EQ(child_wait(pid), 0);
		return;
	}
	restless();
	if (random_below(2))
		execl(COPY, "true", "with", "arguments", (char *)NULL);
	_exit(0);
}

static void storm(uint32_t seed)
{
	random_state = seed;
	for (int i = test_rounds(GENERATIONS); i > 0; i--) {
		pid_t pid = TRY(fork());

		random_next();
		if (pid == 0) {
			generation();
			_exit(0);
		}
		CHECK_EQ(child_wait(pid), 0);
	}
}

static pid_t start(void (*deed)(uint32_t seed))
{
	uint32_t seed = random_next();
	pid_t pid = TRY(fork());

	if (pid == 0) {
		deed(seed);
		_exit(0);
	}
	return pid;
}

static void body(void)
{
	pid_t pids[READERS + STORMS];

	memset(room, 1, sizeof room);
	/* A program of this run's own: once its name is gone, a reference that is left behind keeps its node. */
	program_copy("/bin/true", COPY);
	for (int i = 0; i < COUNT(pids); i++)
		pids[i] = start(i < READERS ? reader : storm);
	for (int i = 0; i < COUNT(pids); i++)
		CHECK_EQ(child_wait(pids[i]), 0);
	CHECK_EQ(unlink(COPY), 0);
}

int main(int argc, char **argv)
{
	random_start(argc, argv);
	return test_run(body);
}
