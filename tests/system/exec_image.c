// What a program finds at its start, what is refused, and that a refused exec changes nothing.  The program starts
// itself anew, with a first argument that says as what.
// cpus: 1 4
// kernels: debug release
// timeout: 90
#include <sys/auxv.h>

#include "check.h"

#define SELF "/bin/exec_image"
extern void _start(void);
static char *const no_environment[] = {NULL};

struct elf_header {
	uint8_t ident[16];
	uint16_t type, machine;
	uint32_t version, entry, phoff, shoff, flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};
struct elf_segment {
	uint32_t type, offset, vaddr, paddr, filesz, memsz, flags, align;
};
struct tiny {
	struct elf_header header;
	struct elf_segment segment;
	uint8_t code[16];
};
enum {
	TINY_BASE = 0x10000000,
	TINY_END = 42,
	PT_LOAD = 1,
	PT_INTERP = 3,
	SHOWN = 40,
	RANDOM_FD = 20,
	BIG = 120 << 10,
	TOO_BIG = 140 << 10
};

/* A program that ends with status TINY_END. */
static const struct tiny tiny = {
	.header = {.ident = {0x7f, 'E', 'L', 'F', 1, 1, 1},
                   .type = 2,
                   .machine = 3,
                   .version = 1,
                   .entry = TINY_BASE + offsetof(struct tiny, code),
                   .phoff = offsetof(struct tiny, segment),
                   .ehsize = sizeof(struct elf_header),
                   .phentsize = sizeof(struct elf_segment),
                   .phnum = 1},
	.segment = {PT_LOAD, 0, TINY_BASE, TINY_BASE, sizeof(struct tiny), sizeof(struct tiny), 5, PAGE},
	.code = {0xb8, 1, 0, 0, 0, 0xbb, TINY_END, 0, 0, 0, 0xcd, 0x80},
};

/* What runs after the exec. */

static uint32_t aux(const uint32_t *v, uint32_t type)
{
	for (; v[0] != AT_NULL; v += 2)
		if (v[0] == type)
			return v[1];
	FAILED("there is no auxiliary entry %u", type);
}

static void show_segments(const uint32_t *v)
{
	const struct elf_segment *s = (const struct elf_segment *)(uintptr_t)aux(v, AT_PHDR);
	uint32_t entry = aux(v, AT_ENTRY), n = aux(v, AT_PHNUM);
	bool inside = false;

	CHECK_EQ(aux(v, AT_PHENT), sizeof *s);
	for (uint32_t i = 0; i < n; i++)
		inside |= s[i].type == PT_LOAD && entry >= s[i].vaddr && entry < s[i].vaddr + s[i].memsz;
	CHECK(inside);
	CHECK_EQ(entry, (uintptr_t)_start);
}

static int shown_environment;
static char shown_zeros[3 * PAGE];
static int shown_data = 77;

static int show(int argc, char **argv)
{
	char **end = environ;
	const uint32_t *v;

	CHECK_EQ(argc, 5);
	CHECK_STRING(argv[0], "any name");
	CHECK_STRING(argv[2], "");
	CHECK_STRING(argv[3], "two words");
	CHECK_STRING(argv[4], "\377\001");
	CHECK(argv[5] == NULL && &argv[6] == environ);
	for (; *end; end++)
		shown_environment++;
	CHECK_EQ(shown_environment, 2);
	CHECK_STRING(environ[0], "A=1");
	CHECK_STRING(environ[1], "EMPTY=");
	v = (const uint32_t *)(end + 1);
	show_segments(v);
	CHECK_EQ(aux(v, AT_PAGESZ), PAGE);
	CHECK_EQ(aux(v, AT_BASE), 0);
	CHECK_EQ(aux(v, AT_UID) | aux(v, AT_EUID) | aux(v, AT_GID) | aux(v, AT_EGID) | aux(v, AT_SECURE), 0);
	CHECK_EQ(aux(v, AT_CLKTCK), 100);
	CHECK(aux(v, AT_HWCAP) & 1); /* CPUID.1:EDX, bit 0 is the FPU */
	CHECK_STRING((const char *)(uintptr_t)aux(v, AT_EXECFN), SELF);
	CHECK(write(RANDOM_FD, (const void *)(uintptr_t)aux(v, AT_RANDOM), 16) == 16);
	for (size_t i = 0; i < sizeof shown_zeros; i++)
		CHECK(shown_zeros[i] == 0);
	CHECK(((uintptr_t)argv & 3) == 0 && shown_data == 77);
	shown_data = shown_zeros[PAGE] = 1; /* the next one must not see it */
	return SHOWN;
}

static int sum(int argc, char **argv)
{
	uint32_t bytes = 0;

	for (int i = 2; i < argc; i++) {
		for (const char *s = argv[i]; *s; s++)
			CHECK(*s == 'a' + i % 26);
		bytes += strlen(argv[i]);
	}
	CHECK_EQ(bytes, BIG);
	return SHOWN;
}

static int descriptors(void)
{
	CHECK(fcntl(5, F_GETFD) == 0 && fcntl(6, F_GETFD) == -1 && fcntl(7, F_GETFD) == -1);
	return SHOWN;
}

/* What runs before it. */

static char *deed_argv[8];
static const char *deed_path = SELF;
static char *const *deed_environment = no_environment;

static void deed_exec(void)
{
	execve(deed_path, deed_argv, (char **)deed_environment);
	_exit(200 + errno % 50);
}

static int exec_end(const char *path, char *a1, char *a2, char *a3, char *a4)
{
	char *const argv[] = {(char *)"any name", a1, a2, a3, a4, NULL};

	memcpy(deed_argv, argv, sizeof argv);
	deed_path = path;
	return child_end(deed_exec);
}

static void start_of_program(void)
{
	char *const environment[] = {(char *)"A=1", (char *)"EMPTY=", NULL};
	char random[2][16];
	int fds[2];

	TRY(pipe(fds));
	CHECK_EQ(dup2(fds[1], RANDOM_FD), RANDOM_FD);
	deed_environment = environment;
	for (int i = 0; i < 2; i++) {
		CHECK_EQ(exec_end(SELF, (char *)"show", (char *)"", (char *)"two words", (char *)"\377\001"), SHOWN);
		CHECK(read(fds[0], random[i], 16) == 16);
	}
	deed_environment = no_environment;
	CHECK(memcmp(random[0], random[1], 16) != 0);
	close(fds[0]);
	close(fds[1]);
	close(RANDOM_FD);
}

static void exec_null(void)
{
	TRAP(11, (uint32_t)(uintptr_t)SELF, 0, 0);
	_exit(1);
}

/* BYTES of arguments in four strings: the end, or 200 + errno. */
static int exec_bytes(uint32_t bytes)
{
	static char text[TOO_BIG + 8];
	char *at = text;
	char *argv[7] = {(char *)"any name", (char *)"sum"};

	for (int i = 2; i < 6; i++) {
		argv[i] = at;
		memset(at, 'a' + i, bytes / 4);
		at[bytes / 4] = 0;
		at += bytes / 4 + 1;
	}
	memcpy(deed_argv, argv, sizeof argv);
	deed_path = SELF;
	return child_end(deed_exec);
}

static void exec_many(void)
{
	static char *argv[20002];

	argv[0] = (char *)"any name";
	argv[1] = (char *)"sum";
	for (int i = 2; i < 20001; i++)
		argv[i] = (char *)"12345678";
	execve(SELF, argv, no_environment);
	_exit(errno == E2BIG ? SHOWN : 1);
}

static void sizes(void)
{
	CHECK_EQ(exec_bytes(BIG), SHOWN);
	CHECK_EQ(exec_bytes(TOO_BIG), 200 + E2BIG);
	CHECK_END(exec_many, SHOWN);
	CHECK_END(exec_null, 2);
}

/* Files. */

static void file_make(const char *path, const void *data, size_t n, int mode)
{
	int fd;

	unlink(path);
	fd = TRY(open(path, O_WRONLY | O_CREAT | O_EXCL, mode));
	CHECK_EQ(write(fd, data, n), n);
	close(fd);
}

/* How the program in N bytes of DATA ends; 200 + errno if it does not begin. */
static int end_of(const void *data, size_t n)
{
	file_make("/tmp/exec.tiny", data, n, 0755);
	return exec_end("/tmp/exec.tiny", NULL, NULL, NULL, NULL);
}

/* Not begun, or ended by a signal; anything but the program's own end. */
static bool is_refused(int end)
{
	return end == 200 + ENOEXEC || end == 200 + ENOMEM || end == 200 + EINVAL || end < 0;
}

static void cut_anywhere(void)
{
	static char program[64 << 10];
	const size_t used = offsetof(struct tiny, code) + 12;
	int fd, n;

	CHECK_EQ(end_of(&tiny, sizeof tiny), TINY_END);
	for (size_t cut = 0; cut < used; cut++) {
		int end = end_of(&tiny, cut);

		if (cut < offsetof(struct tiny, code) ? end != 200 + ENOEXEC : !is_refused(end))
			FAILED("cut to %u bytes it ends with %d", (unsigned int)cut, end);
	}
	fd = TRY(open("/bin/true", O_RDONLY));
	n = TRY(read(fd, program, sizeof program));
	close(fd);
	CHECK_EQ(end_of(program, (size_t)n), 0);
	for (int cut = 0; cut < n; cut += n / 24)
		end_of(program, (size_t)cut); /* the end depends on what lies behind the cut; the machine lives */
}

struct damage {
	size_t at, size;
	uint32_t value;
};
#define H(field) offsetof(struct tiny, header.field), sizeof(tiny.header.field)
#define S(field) offsetof(struct tiny, segment.field), sizeof(tiny.segment.field)
static const struct damage damages[] = {
	{0, 1, 0x7e},
	{0, 4, 0},
	{4, 1, 2}, /* 64 bits */
	{4, 1, 0},
	{5, 1, 2}, /* big-endian */
	{H(type), 1},
	{H(type), 4},
	{H(type), 0}, /* not executable */
	{H(machine), 62},
	{H(machine), 8},
	{H(phentsize), 0},
	{H(phentsize), 31},
	{H(phentsize), 0xffff},
	{H(phnum), 0},
	{H(phnum), 0xffff},
	{H(phoff), 0xfffffff0},
	{H(phoff), 0x7fffffff},
	{H(phoff), 1 << 20},
	{S(type), 0},
	{S(offset), 1},
	{S(offset), 0xfffff000},
	{S(offset), 1 << 20},
	{S(vaddr), KERNEL_BASE},
	{S(vaddr), 0xfffff000},
	{S(vaddr), 0x7ffff000 + 0xff0},
	{S(vaddr), TINY_BASE + 1},
	{S(filesz), 0xffffffff},
	{S(filesz), 1 << 20},
	{S(memsz), 0xffffffff},
	{S(memsz), KERNEL_BASE},
	{S(memsz), 0xf0000000},
	{S(memsz), 4},
	{H(entry), KERNEL_BASE},
	{H(entry), 0xffffffff},
	{H(entry), 0},
	{H(entry), 0x7fffffff},
};

static void damaged_fields(void)
{
	for (int i = 0; i < COUNT(damages); i++) {
		struct tiny bad = tiny;
		int end;

		memcpy((char *)&bad + damages[i].at, &damages[i].value, damages[i].size);
		end = end_of(&bad, sizeof bad);
		if (!is_refused(end))
			FAILED("with %#x at byte %u it ends with %d", damages[i].value, (unsigned int)damages[i].at,
			       end);
	}
}

/* Every byte of the headers, turned over: whatever comes of it, the next program runs. */
static void damaged_bytes(void)
{
	for (size_t at = 0; at < offsetof(struct tiny, code); at++) {
		struct tiny bad = tiny;

		((uint8_t *)&bad)[at] ^= 0xff;
		end_of(&bad, sizeof bad);
		((uint8_t *)&bad)[at] ^= 0xf0;
		end_of(&bad, sizeof bad);
	}
	CHECK_EQ(end_of(&tiny, sizeof tiny), TINY_END);
}

/* A segment whose zeros reach into other pages, and one that shares its last page with the next. */
static void odd_segments(void)
{
	struct {
		struct elf_header header;
		struct elf_segment segment[2];
		uint8_t code[32];
	} odd = {.header = tiny.header, .segment = {tiny.segment, tiny.segment}};
	static const uint8_t code[] = {
		0x0f, 0xb6, 0x1d,     0x00, 0x50, 0x00, 0x11, /* movzbl 0x11005000, %ebx: past the file's bytes */
		0x80, 0xc3, TINY_END,                         /* add $TINY_END, %bl */
		0xb8, 1,    0,        0,    0,    0xcd, 0x80,
	};

	memcpy(odd.code, code, sizeof code);
	odd.header.phnum = 2;
	odd.header.entry = TINY_BASE + (uint32_t)((char *)odd.code - (char *)&odd);
	odd.segment[0].filesz = odd.segment[0].memsz = sizeof odd;
	odd.segment[1] = (struct elf_segment){PT_LOAD, 0x10, 0x11000010, 0, 0x20, 0x8000, 6, PAGE};
	CHECK_EQ(end_of(&odd, sizeof odd), TINY_END);
	odd.segment[1].vaddr = TINY_BASE + 0x10; /* over the first */
	end_of(&odd, sizeof odd);
	odd.segment[1] = odd.segment[0];
	odd.segment[0] = (struct elf_segment){PT_LOAD, 0x10, 0x10, 0, 0x20, 0x8000, 6, PAGE};
	CHECK_EQ(end_of(&odd, sizeof odd), -SIGSEGV); /* page 0, as the file demands; what it reads is not there */
	odd.code[6] = 0;                              /* movzbl 0x5000, %ebx */
	CHECK_EQ(end_of(&odd, sizeof odd), TINY_END);
	odd.segment[0].type = PT_INTERP;
	CHECK(end_of(&odd, sizeof odd) != TINY_END);
	CHECK_EQ(end_of(&tiny, sizeof tiny), TINY_END);
}

static void exec_fails(const char *path, int error)
{
	char *const argv[] = {(char *)"x", NULL};

	errno = 0;
	CHECK(execve(path, argv, no_environment) == -1);
	if (errno != error)
		FAILED("execve of %.40s fails with %d, not %d", path, errno, error);
}

static void refused(void)
{
	static char long_name[300], kept[PAGE];

	memset(kept, 3, sizeof kept);
	memset(long_name, 'n', sizeof long_name - 1);
	memcpy(long_name, "/tmp/", 5);
	file_make("/tmp/exec.text", "just text\n", 10, 0755);
	file_make("/tmp/exec.plain", &tiny, sizeof tiny, 0644);
	file_make("/tmp/exec.empty", "", 0, 0755);
	exec_fails("/tmp/exec.text", ENOEXEC);
	exec_fails("/tmp/exec.empty", ENOEXEC);
	exec_fails("/tmp/exec.plain", EACCES);
	exec_fails("/tmp", EACCES);
	exec_fails("/dev/null", EACCES);
	exec_fails("/tmp/exec.missing", ENOENT);
	exec_fails("", ENOENT);
	exec_fails("/bin/true/x", ENOTDIR);
	exec_fails(long_name, ENAMETOOLONG);
	CHECK(kept[0] == 3 && kept[PAGE - 1] == 3);
	unlink("/tmp/exec.text");
	unlink("/tmp/exec.plain");
	unlink("/tmp/exec.empty");
}

static void close_on_exec(void)
{
	int fd = TRY(open("/README", O_RDONLY)), other = TRY(open("/README", O_RDONLY | O_CLOEXEC));

	CHECK_EQ(fcntl(other, F_GETFD), FD_CLOEXEC);
	CHECK_EQ(dup2(fd, 5), 5);
	CHECK_EQ(dup2(fd, 6), 6);
	CHECK_EQ(fcntl(6, F_SETFD, FD_CLOEXEC), 0);
	CHECK_EQ(fcntl(fd, F_DUPFD_CLOEXEC, 7), 7);
	CHECK_EQ(exec_end(SELF, (char *)"descriptors", NULL, NULL, NULL), SHOWN);
	CHECK(fcntl(6, F_GETFD) == FD_CLOEXEC && fcntl(7, F_GETFD) == FD_CLOEXEC);
	for (int i = 3; i < 10; i++)
		close(i);
}

static void text_busy(void)
{
	int fd;

	CHECK_ERR(open(SELF, O_WRONLY), ETXTBSY);
	CHECK_ERR(open(SELF, O_RDWR), ETXTBSY);
	file_make("/tmp/exec.busy", &tiny, sizeof tiny, 0755);
	fd = TRY(open("/tmp/exec.busy", O_WRONLY));
	exec_fails("/tmp/exec.busy", ETXTBSY);
	close(fd);
	CHECK_EQ(exec_end("/tmp/exec.busy", NULL, NULL, NULL, NULL), TINY_END);
	fd = TRY(open("/tmp/exec.busy", O_WRONLY)); /* it does not run any more */
	close(fd);
	unlink("/tmp/exec.busy");
}

/* The name goes while it runs; pages that it has not touched yet still come. */
static void run_unlinked(void)
{
	static char program[64 << 10];
	int fd = TRY(open("/bin/sleep", O_RDONLY)), n = TRY(read(fd, program, sizeof program));
	pid_t pid;

	close(fd);
	file_make("/tmp/exec.gone", program, (size_t)n, 0755);
	deed_argv[0] = (char *)"sleep";
	deed_argv[1] = (char *)"0.5";
	deed_argv[2] = NULL;
	deed_path = "/tmp/exec.gone";
	pid = child_start(deed_exec);
	child_is(pid, 'S');
	TRY(unlink("/tmp/exec.gone"));
	CHECK_EQ(child_wait(pid), 0);
}

static void exec_often(void)
{
	for (int i = 0; i < 10; i++)
		CHECK_EQ(exec_end(i % 2 ? "/tmp/exec.tiny" : "/bin/true", NULL, NULL, NULL, NULL),
		         i % 2 ? TINY_END : 0);
}

static void everywhere_at_once(void)
{
	pid_t pids[4];

	file_make("/tmp/exec.tiny", &tiny, sizeof tiny, 0755);
	for (int i = 0; i < 4; i++)
		pids[i] = child_start(exec_often);
	for (int i = 0; i < 4; i++)
		CHECK_EQ(child_wait(pids[i]), 0);
}

static void body(void)
{
	start_of_program();
	sizes();
	cut_anywhere();
	damaged_fields();
	damaged_bytes();
	odd_segments();
	refused();
	close_on_exec();
	text_busy();
	run_unlinked();
	everywhere_at_once();
	unlink("/tmp/exec.tiny");
}

int main(int argc, char **argv)
{
	if (argc == 0 || !argv[0] || !*argv[0])
		return 2;
	if (argc > 1 && strcmp(argv[1], "show") == 0)
		return show(argc, argv);
	if (argc > 1 && strcmp(argv[1], "sum") == 0)
		return sum(argc, argv);
	if (argc > 1 && strcmp(argv[1], "descriptors") == 0)
		return descriptors();
	return test_run(body);
}
