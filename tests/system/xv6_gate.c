// The second gate with a stack pointer that lies, numbers that are none, arguments that are garbage; then each of its
// calls, as it succeeds and as it fails.
// cpus: 1 4
// kernels: debug release
// timeout: 120
#include <sys/ipc.h>
#include <sys/shm.h>

#include "_xv6.h"

#define FILE_A "gate_a"
#define FILE_B "gate_b"
#define DIRECTORY "gate_dir"
#define NO_SUCH "gate_none"

#define KERNEL KERNEL_BASE

enum { NUMBERS = 201 };

/* ---- the stack pointer ---- */

/* Memory where arguments end right before a page that is not there. */
static uint32_t *before_a_hole(void)
{
	char *p = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	CHECK(munmap(p + PAGE, PAGE) == 0);
	return (uint32_t *)(p + PAGE);
}

static void any_stack_pointer_will_do(void)
{
	uint32_t *edge = before_a_hole();
	int32_t self = getpid();

	for (uint32_t page = 0; page < 1u << 20; page++) {
		uint32_t esp = page << 12;

		/* What is not needed is not fetched; what is cannot be a piece that kmalloc gave. */
		if (page % 64 == 0)
			CHECK_EQ(gate_at(XV6_getpid, esp), self);
		CHECK_EQ(gate_at(XV6_kmfree, esp), -1);
	}
	for (uint32_t low = 0; low < 16; low++)
		CHECK_EQ(gate_at(XV6_getpid, 0 - low), self);
	/* sleep(0) with its argument there, with a part of it there, and without it. */
	memset(edge - 4, 0, 16);
	CHECK_EQ(gate_at(XV6_sleep, P(edge - 2)), 0);
	for (uint32_t beyond = 1; beyond <= 8; beyond++)
		CHECK_EQ(gate_at(XV6_sleep, P(edge - 2) + beyond), -1);
	CHECK(munmap((char *)edge - PAGE, PAGE) == 0);
}

/* ---- numbers and garbage ---- */

static uint32_t garbage_number;

/* Values that are no process, no long sleep, and no address. */
static const uint32_t garbage[] = {0, 0xffffffff, KERNEL, KERNEL + 0x100000, 0xfffff000, 0xffffff9c, 0xdeadbeef};

static void call_with_garbage(void)
{
	for (int i = 0; i < COUNT(garbage); i++)
		for (int j = 0; j < COUNT(garbage); j++) {
			const uint32_t v = garbage[i], w = garbage[j];
			int32_t result = GATE(garbage_number, v, w, v, w, v, w);

			if (garbage_number == XV6_fork && result == 0)
				_exit(0);
			CHECK(result >= -1);
			if (garbage_number == 0 || garbage_number >= XV6_CALLS)
				CHECK_EQ(result, -1);
		}
	while (GATE(XV6_wait) > 0)
		continue;
}

static void any_number_with_garbage(void)
{
	/* munmap(0, 2 GiB) is among them, which leaves nothing to return to. */
	for (garbage_number = 0; garbage_number < NUMBERS; garbage_number++)
		CHECK_END(call_with_garbage, garbage_number == XV6_munmap ? -SIGSEGV : 0);
	for (uint32_t bit = 8; bit < 32; bit++)
		CHECK_EQ(GATE((1u << bit) + XV6_getpid), -1);
	for (uint32_t n = XV6_clone; n <= XV6_setpriority; n++)
		CHECK_EQ(GATE(n, 1, 1, 1), -1);
}

/* ---- files ---- */

static int32_t open_file(const char *path, uint32_t flags)
{
	return GATE(XV6_open, P(path), flags);
}

static void close_file(int32_t fd)
{
	CHECK_EQ(GATE(XV6_close, fd), 0);
}

static void reading_and_writing(void)
{
	char text[8] = {0};
	int32_t fd = open_file(FILE_A, XV6_O_CREATE | XV6_O_RDWR);

	CHECK(fd >= 0);
	CHECK_EQ(GATE(XV6_write, fd, P("gatetest"), 8), 8);
	CHECK_EQ(GATE(XV6_read, fd, P(text), 8), 0);
	close_file(fd);
	fd = open_file(FILE_A, XV6_O_RDONLY);
	CHECK_EQ(GATE(XV6_read, fd, P(text), 4), 4);
	CHECK(memcmp(text, "gate", 4) == 0);
	CHECK_EQ(GATE(XV6_write, fd, P(text), 4), -1);
	CHECK_EQ(GATE(XV6_read, fd, P(text), -1), -1);
	CHECK_EQ(GATE(XV6_read, fd, KERNEL, 4), -1);
	CHECK_EQ(GATE(XV6_read, fd, 0, 4), -1);
	close_file(fd);
	fd = open_file(FILE_A, XV6_O_WRONLY | XV6_O_RDWR);
	CHECK_EQ(GATE(XV6_read, fd, P(text), 4), -1);
	CHECK_EQ(GATE(XV6_write, fd, KERNEL, 4), -1);
	CHECK_EQ(GATE(XV6_write, fd, P(text), -1), -1);
	close_file(fd);
	CHECK_EQ(GATE(XV6_close, fd), -1);
	CHECK_EQ(GATE(XV6_close, 1 << 20), -1);
	CHECK_EQ(GATE(XV6_read, fd, P(text), 1), -1);
	CHECK_EQ(GATE(XV6_write, fd, P(text), 1), -1);
}

static void flags_of_open(void)
{
	struct xv6_stat s;
	int32_t fd;

	CHECK_EQ(open_file(NO_SUCH, XV6_O_RDONLY), -1);
	CHECK_EQ(open_file("", XV6_O_CREATE), -1);
	CHECK_EQ(GATE(XV6_open, KERNEL, 0), -1);
	CHECK_EQ(open_file("/", XV6_O_RDWR), -1);
	CHECK_EQ(open_file("/", XV6_O_WRONLY), -1);
	CHECK_EQ(open_file(".", XV6_O_CREATE), -1);
	fd = open_file(FILE_A, XV6_O_CREATE | XV6_O_RDWR);
	CHECK_EQ(GATE(XV6_fstat, fd, P(&s)), 0);
	CHECK_EQ(s.size, 8); /* O_CREATE cuts nothing */
	close_file(fd);
	fd = open_file(FILE_A, XV6_O_TRUNC | XV6_O_WRONLY);
	CHECK_EQ(GATE(XV6_fstat, fd, P(&s)), 0);
	CHECK_EQ(s.size, 0);
	close_file(fd);
}

static void stat_has_both_layouts(void)
{
	int32_t fd = open_file(FILE_A, XV6_O_RDWR), dir = open_file("/", XV6_O_RDONLY), fds[2];
	struct xv6_rv_stat r;
	struct stat64_like {
		uint32_t ino, size;
	} posix;
	struct xv6_stat s;
	struct stat sb;

	CHECK_EQ(GATE(XV6_write, fd, P("12345"), 5), 5);
	CHECK(fstat(fd, &sb) == 0);
	posix = (struct stat64_like){(uint32_t)sb.st_ino, (uint32_t)sb.st_size};
	CHECK_EQ(GATE(XV6_fstat, fd, P(&s)), 0);
	CHECK(s.type == XV6_T_FILE && s.ino == posix.ino && s.nlink == 1 && s.size == 5 && s.size == posix.size);
	CHECK_EQ(GATE(XV6_RV_fstat, fd, P(&r)), 0);
	CHECK(r.type == XV6_T_FILE && r.ino == s.ino && r.nlink == 1 && r.size == 5 && r.dev == s.dev);
	CHECK_EQ(GATE(XV6_fstat, dir, P(&s)), 0);
	CHECK(s.type == XV6_T_DIR && s.size % 16 == 0 && s.size >= 32);
	CHECK_EQ(GATE(XV6_fstat, fd, KERNEL), -1);
	CHECK_EQ(GATE(XV6_RV_fstat, fd, 0), -1);
	CHECK_EQ(GATE(XV6_fstat, 99, P(&s)), -1);
	CHECK_EQ(GATE(XV6_pipe, P(fds)), 0);
	CHECK_EQ(GATE(XV6_fstat, fds[0], P(&s)), -1);
	close_file(fds[0]);
	close_file(fds[1]);
	close_file(fd);
	close_file(dir);
}

static void the_console_is_a_device(void)
{
	struct xv6_stat s;
	int32_t fd;

	CHECK_EQ(GATE(XV6_mknod, P("gate_con"), XV6_CONSOLE_MAJOR, XV6_CONSOLE_MINOR), 0);
	CHECK_EQ(GATE(XV6_mknod, P("gate_con"), XV6_CONSOLE_MAJOR, XV6_CONSOLE_MINOR), -1);
	fd = open_file("gate_con", XV6_O_RDWR);
	CHECK(fd >= 0);
	CHECK_EQ(GATE(XV6_fstat, fd, P(&s)), 0);
	CHECK_EQ(s.type, XV6_T_DEV);
	CHECK_EQ(GATE(XV6_write, fd, P("console\n"), 8), 8);
	close_file(fd);
	CHECK_EQ(GATE(XV6_unlink, P("gate_con")), 0);
	CHECK_EQ(GATE(XV6_mknod, P("gate_con"), 5000, 1), -1);
	CHECK_EQ(GATE(XV6_mknod, P("gate_con"), 77, 1), 0);
	CHECK_EQ(open_file("gate_con", XV6_O_RDWR), -1);
	CHECK_EQ(GATE(XV6_unlink, P("gate_con")), 0);
	CHECK_EQ(GATE(XV6_mknod, KERNEL, 1, 1), -1);
}

static void names_have_14_characters(void)
{
	int32_t fd;

	CHECK_EQ(GATE(XV6_mkdir, P("12345678901234")), 0);
	CHECK_EQ(GATE(XV6_mkdir, P("12345678901234/123456789012345")), 0);
	fd = open_file("123456789012345/123456789012345/123456789012345", XV6_O_CREATE);
	CHECK(fd >= 0);
	close_file(fd);
	fd = open_file("12345678901234/12345678901234/12345678901234", 0);
	CHECK(fd >= 0);
	close_file(fd);
	CHECK_EQ(GATE(XV6_mkdir, P("12345678901234/12345678901234")), -1);
	CHECK_EQ(GATE(XV6_mkdir, P("123456789012345/12345678901234")), -1);
	CHECK_EQ(GATE(XV6_link, P("1234567890123456/12345678901234/123456789012345"), P("12345678901234567")), -1);
	CHECK_EQ(GATE(XV6_link, P("1234567890123456/12345678901234/123456789012345"), P("abcdefghijklmnop")), 0);
	CHECK_EQ(access("abcdefghijklmn", F_OK), 0);
	CHECK_EQ(GATE(XV6_chdir, P("123456789012345/12345678901234x")), 0);
	CHECK_EQ(GATE(XV6_unlink, P("12345678901234yz")), 0);
	CHECK_EQ(GATE(XV6_chdir, P("../..")), 0);
	CHECK_EQ(GATE(XV6_unlink, P("12345678901234")), -1);
	CHECK_EQ(GATE(XV6_unlink, P("12345678901234/12345678901234")), 0);
	CHECK_EQ(GATE(XV6_unlink, P("12345678901234")), 0);
	CHECK_EQ(GATE(XV6_unlink, P("abcdefghijklmnop")), 0);
	/* What somebody else has given a longer name is there under it. */
	CHECK((fd = open("a_name_of_20_letters", O_CREAT | O_RDWR, 0644)) >= 0);
	CHECK(close(fd) == 0);
	fd = open_file("a_name_of_20_letters", XV6_O_CREATE | XV6_O_RDWR);
	CHECK(fd >= 0);
	close_file(fd);
	CHECK_ERR(access("a_name_of_20_l", F_OK), ENOENT);
	CHECK_EQ(GATE(XV6_unlink, P("a_name_of_20_letters")), 0);
}

static void changing_names(void)
{
	CHECK_EQ(GATE(XV6_link, P(FILE_A), P(FILE_B)), 0);
	CHECK_EQ(GATE(XV6_link, P(FILE_A), P(FILE_B)), -1);
	CHECK_EQ(GATE(XV6_link, P(NO_SUCH), P("x")), -1);
	CHECK_EQ(GATE(XV6_link, P(FILE_A), KERNEL), -1);
	CHECK_EQ(GATE(XV6_unlink, P(FILE_B)), 0);
	CHECK_EQ(GATE(XV6_unlink, P(FILE_B)), -1);
	CHECK_EQ(GATE(XV6_unlink, KERNEL), -1);
	CHECK_EQ(GATE(XV6_mkdir, P(DIRECTORY)), 0);
	CHECK_EQ(GATE(XV6_mkdir, P(DIRECTORY)), -1);
	CHECK_EQ(GATE(XV6_link, P(DIRECTORY), P("x")), -1);
	CHECK_EQ(GATE(XV6_chdir, P(DIRECTORY)), 0);
	CHECK_EQ(GATE(XV6_unlink, P(".")), -1);
	CHECK_EQ(GATE(XV6_unlink, P("..")), -1);
	CHECK_EQ(GATE(XV6_chdir, P("..")), 0);
	CHECK_EQ(GATE(XV6_chdir, P(FILE_A)), -1);
	CHECK_EQ(GATE(XV6_chdir, P(NO_SUCH)), -1);
	CHECK_EQ(GATE(XV6_unlink, P(DIRECTORY)), 0);
	CHECK_EQ(GATE(XV6_unlink, P(FILE_A)), 0);
}

/* ---- directories ---- */

enum { ENTRIES = 100 };

static bool seen[ENTRIES];

static void see(const struct xv6_dirent *e, int at)
{
	char name[XV6_DIRSIZ + 1] = {0};

	CHECK(e->inum != 0);
	memcpy(name, e->name, XV6_DIRSIZ);
	if (at < 2) {
		CHECK_STRING(name, at == 0 ? "." : "..");
	} else {
		int i = atoi(name + 1);

		CHECK(name[0] == 'e' && i >= 0 && i < ENTRIES && !seen[i]);
		seen[i] = true;
	}
}

/* Read the whole directory in pieces of N bytes. */
static void read_by(int n)
{
	static char all[(ENTRIES + 3) * 16];
	int32_t fd = open_file(DIRECTORY, XV6_O_RDONLY), got, done = 0;
	struct xv6_stat s;

	memset(seen, 0, sizeof seen);
	CHECK(fd >= 0);
	while ((got = GATE(XV6_read, fd, P(all + done), n < (int)sizeof all - done ? n : (int)sizeof all - done)) > 0)
		done += got;
	CHECK_EQ(got, 0);
	CHECK_EQ(done, (ENTRIES + 2) * 16);
	for (int i = 0; i < ENTRIES + 2; i++)
		see((const struct xv6_dirent *)(all + i * 16), i);
	CHECK_EQ(GATE(XV6_fstat, fd, P(&s)), 0);
	CHECK_EQ(s.size, done);
	/* The offset counts bytes: an lseek of the other gate finds the records again. */
	for (int i = 0; i < ENTRIES + 2; i += 13) {
		struct xv6_dirent e;

		CHECK_EQ(lseek(fd, i * 16 + 3, SEEK_SET), i * 16 + 3);
		CHECK_EQ(GATE(XV6_read, fd, P((char *)&e + 3), 13), 13);
		CHECK(memcmp((char *)&e + 3, all + i * 16 + 3, 13) == 0);
		CHECK_EQ(GATE(XV6_read, fd, P(&e), 16), i == ENTRIES + 1 ? 0 : 16);
		CHECK(i == ENTRIES + 1 || memcmp(&e, all + (i + 1) * 16, 16) == 0);
	}
	close_file(fd);
}

static void reading_directories(void)
{
	static const int pieces[] = {16, 1, 7, 32, 100, 256, 300, 4096};
	char name[40];
	int32_t fd;

	CHECK_EQ(GATE(XV6_mkdir, P(DIRECTORY)), 0);
	for (int i = 0; i < ENTRIES; i++) {
		snprintf(name, sizeof name, DIRECTORY "/e%02d_and_a_long_tail", i);
		CHECK((fd = open(name, O_CREAT | O_RDWR, 0644)) >= 0);
		CHECK(close(fd) == 0);
	}
	for (int i = 0; i < COUNT(pieces); i++)
		read_by(pieces[i]);
	fd = open_file(DIRECTORY, XV6_O_RDONLY);
	CHECK_EQ(GATE(XV6_read, fd, KERNEL, 16), -1);
	CHECK_EQ(GATE(XV6_read, fd, P(name), 16), 16); /* nothing was lost */
	CHECK(name[2] == '.' && name[3] == 0);
	for (int i = 0; i < ENTRIES; i++) {
		snprintf(name, sizeof name, DIRECTORY "/e%02d_and_a_long_tail", i);
		CHECK_EQ(GATE(XV6_unlink, P(name)), 0);
	}
	CHECK_EQ(GATE(XV6_unlink, P(DIRECTORY)), 0);
	CHECK_EQ(GATE(XV6_read, fd, P(name), 16), 0);
	close_file(fd);
}

/* ---- pipes, descriptors ---- */

static void pipes_and_descriptors(void)
{
	int32_t fd[2], copy;
	char c = 0;

	CHECK_EQ(GATE(XV6_pipe, P(fd)), 0);
	CHECK_EQ(GATE(XV6_write, fd[1], P("p"), 1), 1);
	CHECK_EQ(GATE(XV6_read, fd[0], P(&c), 1), 1);
	CHECK_EQ(c, 'p');
	copy = GATE(XV6_dup, fd[1]);
	CHECK(copy >= 0);
	close_file(fd[1]);
	close_file(fd[0]);
	CHECK_EQ(GATE(XV6_write, copy, P("p"), 1), -1); /* and we live */
	close_file(copy);
	CHECK_EQ(GATE(XV6_pipe, KERNEL), -1);
	CHECK_EQ(GATE(XV6_dup, copy), -1);
	for (copy = 0; GATE(XV6_dup, 0) >= 0; copy++)
		continue;
	CHECK(copy < XV6_NOFILE);
	for (int32_t i = XV6_NOFILE - copy; i < XV6_NOFILE; i++)
		close_file(i);
}

/* ---- processes ---- */

static int32_t gate_fork(void)
{
	int32_t pid = GATE(XV6_fork);

	CHECK(pid >= 0);
	return pid;
}

/* Fork, and let the child end by END. => what wait says of it. */
static int32_t value_of(void (*end)(void))
{
	int32_t pid = gate_fork(), value = 12345;

	if (pid == 0) {
		end();
		_exit(99);
	}
	CHECK_EQ(GATE(XV6_RV_wait, P(&value)), pid);
	return value;
}

static int32_t end_value;

static void end_with_value(void)
{
	GATE(XV6_RV_exit, end_value);
}
static void end_plainly(void)
{
	GATE(XV6_exit, 77);
}
static void end_as_posix(void)
{
	_exit(0x305);
}
static void end_by_fault(void)
{
	*(volatile char *)KERNEL = 1;
}
static void end_by_signal(void)
{
	kill(getpid(), SIGTERM);
}
static void end_by_kill(void)
{
	GATE(XV6_kill, getpid());
}

static void statuses_have_32_bits(void)
{
	static const int32_t values[] = {0, 1, 255, 256, -1, -2, 0x7fffffff, (int32_t)0x80000000, 0x1234567};
	int status;

	for (int i = 0; i < COUNT(values); i++) {
		end_value = values[i];
		CHECK_EQ(value_of(end_with_value), values[i]);
		CHECK_EQ(child_end(end_with_value), values[i] & 0xff); /* the other wait has 8 bits */
	}
	CHECK_EQ(value_of(end_plainly), 0);
	CHECK_EQ(value_of(end_as_posix), 5);
	CHECK_EQ(value_of(end_by_fault), -1);
	CHECK_EQ(value_of(end_by_signal), -1);
	CHECK_EQ(value_of(end_by_kill), -1);
	CHECK_END(end_by_kill, -SIGKILL);
	CHECK_EQ(GATE(XV6_wait), -1);
	CHECK_EQ(GATE(XV6_RV_wait, 0), -1);
	if (gate_fork() == 0)
		GATE(XV6_RV_exit, 3);
	CHECK_EQ(GATE(XV6_RV_wait, KERNEL), -1); /* the child is still to be had */
	CHECK(wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 3);
	if (gate_fork() == 0)
		GATE(XV6_exit);
	CHECK(GATE(XV6_RV_wait, 0) > 0);
}

static void kill_and_sleep(void)
{
	int32_t pid = gate_fork(), value, before;

	if (pid == 0) {
		signal(SIGTERM, SIG_IGN);
		for (;;)
			GATE(XV6_sleep, 1000000);
	}
	CHECK_EQ(GATE(XV6_sleep, 1), 0);
	CHECK_EQ(GATE(XV6_kill, pid), 0);
	CHECK_EQ(GATE(XV6_RV_wait, P(&value)), pid);
	CHECK_EQ(value, -1);
	CHECK_EQ(GATE(XV6_kill, pid), -1);
	CHECK_EQ(GATE(XV6_kill, 0), -1);
	CHECK_EQ(GATE(XV6_kill, -1), -1);
	before = GATE(XV6_uptime);
	CHECK_EQ(GATE(XV6_sleep, 3), 0);
	CHECK_EQ(GATE(XV6_pause, 2), 0);
	CHECK(GATE(XV6_uptime) - before >= 5);
	CHECK_EQ(GATE(XV6_sleep, 0), 0);
	CHECK_EQ(GATE(XV6_sleep, -5), 0);
	CHECK_EQ(GATE(XV6_getpid), getpid());
	CHECK_EQ(GATE(XV6_getprocs), getprocs(NULL, 0));
}

/* ---- memory ---- */

/* Bytes. */
static uint32_t use_resident(void)
{
	static struct abi_procinfo list[32];
	int n = getprocs(list, sizeof list);

	for (int i = 0; i < n && i < COUNT(list); i++)
		if (list[i].pid == getpid())
			return list[i].resident;
	FAILED("we are not in the list of processes");
}

static void the_heap(void)
{
	uint32_t start = GATE(XV6_sbrk, 0), resident = use_resident();

	CHECK_EQ(GATE(XV6_sbrk, 64 * PAGE), start);
	CHECK_EQ(use_resident(), resident);
	((char *)start)[63 * PAGE] = 1;
	CHECK_EQ(GATE(XV6_sbrk, 0), start + 64 * PAGE);
	CHECK_EQ(GATE(XV6_sbrk, -PAGE), start + 64 * PAGE);
	CHECK_EQ(GATE(XV6_sbrk, -63 * PAGE), start + 63 * PAGE);
	CHECK_EQ(GATE(XV6_sbrk, 0), start);
	CHECK_EQ(GATE(XV6_sbrk, -0x7ffff000), start); /* more than there is: nothing happens */
	CHECK_EQ(GATE(XV6_sbrk, 0x80000000), start);
	CHECK_EQ(GATE(XV6_sbrk, 0x7fffffff), -1);
	CHECK_EQ(GATE(XV6_sbrk, 0), start);
	CHECK_EQ(GATE(XV6_RV_sbrk, GIB, XV6_SBRK_LAZY), start);
	((char *)start)[GIB - 1] = 1;
	CHECK_EQ(GATE(XV6_RV_sbrk, -GIB, XV6_SBRK_LAZY), start + GIB);
	CHECK_EQ(GATE(XV6_RV_sbrk, GIB, XV6_SBRK_EAGER), -1);
	CHECK_EQ(GATE(XV6_RV_sbrk, 8 * PAGE, XV6_SBRK_EAGER), start);
	CHECK(use_resident() >= resident + 8 * PAGE);
	CHECK_EQ(GATE(XV6_RV_sbrk, -8 * PAGE, XV6_SBRK_EAGER), start + 8 * PAGE);
	CHECK_EQ(GATE(XV6_RV_sbrk, PAGE, 3), -1);
	CHECK_EQ(GATE(XV6_RV_sbrk, -0x7ffff000, XV6_SBRK_EAGER), start);
	CHECK_EQ(GATE(XV6_sbrk, 0), start);
}

static char *gate_mmap(uint32_t addr, uint32_t len, uint32_t prot, uint32_t flags, int32_t fd, int32_t offset)
{
	return (char *)GATE(XV6_mmap, addr, len, prot, flags, (uint32_t)fd, (uint32_t)offset);
}

static char *write_at;

static void write_there(void)
{
	*(volatile char *)write_at = 1;
}

static int end_of_write(char *p)
{
	write_at = p;
	return child_end(write_there);
}

static void mapping_anonymous_memory(void)
{
	char *p = gate_mmap(0, 2100, 0, 0, -1, 0), *q;

	CHECK(p != MAP_FAILED && P(p) % PAGE == 0);
	CHECK(p[0] == 0 && p[PAGE - 1] == 0);
	p[2099] = 7;
	q = gate_mmap(P(p), PAGE, PROT_READ | PROT_WRITE, MAP_ANONYMOUS, -1, 0); /* taken */
	CHECK(q != MAP_FAILED && q != p && p[2099] == 7);
	q[0] = 1;
	CHECK_EQ(GATE(XV6_munmap, P(q), PAGE), 0);
	CHECK_EQ(GATE(XV6_munmap, P(q), PAGE), -1);
	CHECK_EQ(end_of_write(q), -SIGSEGV);
	q = gate_mmap(P(q) + 123, PAGE, 0, MAP_ANONYMOUS, -1, 0);
	CHECK(q != MAP_FAILED && P(q) % PAGE == 0 && q[0] == 0);
	CHECK_EQ(end_of_write(q), -SIGSEGV);
	CHECK_EQ(GATE(XV6_munmap, P(q) + 5, 1), 0);
	CHECK_EQ(GATE(XV6_munmap, P(p), 2100), 0);
	CHECK(gate_mmap(0, 0, 0, 0, -1, 0) == MAP_FAILED);
	CHECK(gate_mmap(0, 0xffffffff, 0, 0, -1, 0) == MAP_FAILED);
	CHECK(gate_mmap(0, PAGE, PROT_READ, MAP_PRIVATE, -1, 0) == MAP_FAILED);
	CHECK(gate_mmap(0x1001, PAGE, PROT_READ, MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED);
	CHECK_EQ(GATE(XV6_munmap, 0, 0), -1);
	CHECK_EQ(GATE(XV6_munmap, KERNEL, PAGE), -1);
	CHECK_EQ(GATE(XV6_munmap, 0x7ffff000, 0xfffff000), -1);
}

/* What the kernel keeps of a mapping that went, for the next one, is nothing that could be unmapped. */
static void unmapping_nothing(void)
{
	char *p = gate_mmap(0, PAGE, 0, MAP_ANONYMOUS, -1, 0);
	unsigned char core;

	CHECK(p != MAP_FAILED);
	CHECK_ERR(mincore(p + PAGE, PAGE, &core), ENOMEM);
	CHECK_EQ(GATE(XV6_munmap, P(p), PAGE), 0);
	CHECK_EQ(GATE(XV6_munmap, P(p), 2 * PAGE), -1);
}

static void mapping_files(void)
{
	int32_t fd = open_file(FILE_A, XV6_O_CREATE | XV6_O_RDWR);
	static char text[3 * PAGE];
	char *p, *q;

	for (int i = 0; i < (int)sizeof text; i++)
		text[i] = (char)(i * 7 + i / 256);
	CHECK_EQ(GATE(XV6_write, fd, P(text), sizeof text), (int)sizeof text);
	for (int offset = 0; offset <= 5000; offset += 1250) {
		p = gate_mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, offset);
		CHECK(p != MAP_FAILED && P(p) % PAGE == (uint32_t)offset % PAGE);
		CHECK(memcmp(p, text + offset, PAGE) == 0);
		p[0] ^= 1;
		CHECK_EQ(GATE(XV6_munmap, P(p), PAGE), 0);
		CHECK_EQ(end_of_write(p), -SIGSEGV);
		CHECK_EQ(end_of_write(p + PAGE - 1), -SIGSEGV);
	}
	p = gate_mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 4097);
	q = gate_mmap(0, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	CHECK(p != MAP_FAILED && q != MAP_FAILED && p[0] == text[4097] && q[1] == text[1]);
	p[10] = 'x';
	CHECK_EQ(GATE(XV6_msync, P(p), PAGE), 0);
	CHECK_EQ(lseek(fd, 4097 + 10, SEEK_SET), 4107);
	CHECK_EQ(GATE(XV6_read, fd, P(text), 1), 1);
	CHECK_EQ(text[0], 'x');
	CHECK_EQ(GATE(XV6_msync, P(p), 0), -1);
	CHECK_EQ(GATE(XV6_msync, 0x1000, PAGE), -1);
	CHECK_EQ(GATE(XV6_munmap, P(p), PAGE), 0);
	CHECK_EQ(GATE(XV6_munmap, P(q), PAGE), 0);
	CHECK(gate_mmap(0, PAGE, PROT_READ, MAP_SHARED, fd, -5) == MAP_FAILED);
	close_file(fd);
	CHECK(gate_mmap(0, PAGE, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED);
	CHECK_EQ(GATE(XV6_unlink, P(FILE_A)), 0);
}

static void protecting_pages(void)
{
	char *p = gate_mmap(0, 3 * PAGE, 0, 0, -1, 0);

	CHECK(p != MAP_FAILED);
	p[0] = p[PAGE] = 1;
	CHECK_EQ(GATE(XV6_mprotect, P(p), 2), 0);
	CHECK_EQ(end_of_write(p + PAGE), -SIGSEGV);
	CHECK_EQ(end_of_write(p + 2 * PAGE), 0);
	CHECK_EQ(p[PAGE], 1);
	CHECK_EQ(GATE(XV6_munprotect, P(p + PAGE), 1), 0);
	CHECK_EQ(end_of_write(p + PAGE), 0);
	CHECK_EQ(end_of_write(p), -SIGSEGV);
	CHECK_EQ(GATE(XV6_mprotect, P(p), 0), -1);
	CHECK_EQ(GATE(XV6_mprotect, P(p), -1), -1);
	CHECK_EQ(GATE(XV6_mprotect, P(p) + 1, 1), -1);
	CHECK_EQ(GATE(XV6_mprotect, 0, 1), -1);
	CHECK_EQ(GATE(XV6_mprotect, P(p), 0x80000), -1);
	CHECK_EQ(GATE(XV6_munprotect, KERNEL, 1), -1);
	/* The program's own text. */
	write_at = (char *)(P(&protecting_pages) & ~(PAGE - 1u));
	CHECK_END(write_there, -SIGSEGV);
	CHECK_EQ(GATE(XV6_munprotect, P(write_at), 1), 0);
	*write_at = *(volatile char *)write_at;
	CHECK_EQ(GATE(XV6_mprotect, P(write_at), 1), 0);
	CHECK_END(write_there, -SIGSEGV);
	CHECK_EQ(GATE(XV6_munmap, P(p), 3 * PAGE), 0);
}

static void shared_memory(void)
{
	char *p = (char *)GATE(XV6_openshmem, 25), *q;
	int32_t id;

	CHECK(p != MAP_FAILED && p[0] == 0);
	p[0] = 9;
	CHECK_EQ(GATE(XV6_shm_open, 25, P(&q)), 0);
	CHECK(q == p);
	CHECK_EQ(GATE(XV6_shm_open, 25, KERNEL), -1);
	CHECK_EQ(GATE(XV6_shm_open, 0, P(&q)), -1);
	CHECK_EQ(GATE(XV6_shm_close, 25), 0);
	CHECK_EQ(p[0], 9);
	CHECK_EQ(GATE(XV6_closeshmem, 25), 0);
	CHECK_EQ(GATE(XV6_closeshmem, 25), -1);
	CHECK_EQ(GATE(XV6_openshmem, -1), -1);
	CHECK_EQ(end_of_write(p), -SIGSEGV);
	id = GATE(XV6_shmget, IPC_PRIVATE, 2 * PAGE, 0600);
	CHECK(id >= 0);
	p = (char *)GATE(XV6_shmat, id, 0, 0);
	CHECK(p != MAP_FAILED && p[PAGE] == 0);
	CHECK_EQ(GATE(XV6_shmctl, id, IPC_RMID, 0), 0);
	CHECK_EQ(GATE(XV6_shmdt, P(p)), 0);
	CHECK_EQ(GATE(XV6_shmdt, P(p)), -1);
	CHECK_EQ(GATE(XV6_shmat, id, 0, 0), -1);
	CHECK_EQ(GATE(XV6_shmctl, id, IPC_RMID, 0), -1);
}

/* What is told to be free an eager heap can have, and what it has is no longer told. */
static void free_memory_is_what_a_heap_can_have(void)
{
	struct xv6_sysinfo before, now = {0};
	int32_t old = GATE(XV6_sbrk, 0), end;

	CHECK_EQ(GATE(XV6_sbrk, -(uint32_t)old % PAGE), old);
	CHECK_EQ(GATE(XV6_sysinfo, P(&before)), 0);
	CHECK(before.freemem <= (uint32_t)GATE(XV6_freemem));
	CHECK(GATE(XV6_RV_sbrk, 100 * PAGE, XV6_SBRK_EAGER) != -1);
	CHECK_EQ(GATE(XV6_sysinfo, P(&now)), 0);
	CHECK_EQ(before.freemem - now.freemem, 100 * PAGE);
	CHECK_EQ(GATE(XV6_RV_sbrk, now.freemem + PAGE, XV6_SBRK_EAGER), -1);
	end = GATE(XV6_sbrk, 0);
	CHECK_EQ(GATE(XV6_sbrk, old - end), end);
	CHECK_EQ(GATE(XV6_sysinfo, P(&now)), 0);
	CHECK_EQ(now.freemem, before.freemem);
}

static void kernel_memory_and_figures(void)
{
	struct xv6_sysinfo info;
	int32_t p = GATE(XV6_kmalloc, 100), reads = GATE(XV6_getreadcount);
	char c;

	CHECK((uint32_t)p > 0);
	CHECK(p != -1);
	CHECK_EQ(GATE(XV6_kmfree, p), 0);
	CHECK_EQ(GATE(XV6_kmfree, p), -1);
	CHECK_EQ(GATE(XV6_kmalloc, 0), -1);
	CHECK_EQ(GATE(XV6_kmalloc, 4097), -1);
	CHECK_EQ(GATE(XV6_sysinfo, P(&info)), 0);
	CHECK_EQ(info.nproc, getprocs(NULL, 0));
	CHECK_EQ(GATE(XV6_sysinfo, KERNEL), -1);
	GATE(XV6_read, 99, P(&c), 1);
	GATE(XV6_read, 99, P(&c), 1);
	CHECK_EQ(GATE(XV6_getreadcount), reads + 2);
}

static void body(void)
{
	any_stack_pointer_will_do();
	any_number_with_garbage();
	reading_and_writing();
	flags_of_open();
	stat_has_both_layouts();
	the_console_is_a_device();
	names_have_14_characters();
	changing_names();
	reading_directories();
	pipes_and_descriptors();
	statuses_have_32_bits();
	kill_and_sleep();
	the_heap();
	mapping_anonymous_memory();
	unmapping_nothing();
	mapping_files();
	protecting_pages();
	shared_memory();
	kernel_memory_and_figures();
	free_memory_is_what_a_heap_can_have();
}

int main(void)
{
	return test_run(body);
}
