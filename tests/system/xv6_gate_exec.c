// Programs that are linked low: the form in which they start, segments that cannot be mapped, arguments that fit one
// page.  The images are made here, around a program assembled to run at 0.
// cpus: 1 4
// kernels: debug release
// timeout: 90
#include "_xv6.h"

#define IMAGE "gate_image"
#define VALUE 0x12345678 /* of the image's data */

enum { IMAGE_END = 0x3004 };

_Static_assert(XV6_RV_exit == 22 && XV6_sbrk == 12 && XV6_STACK_PAGES == 16, "as the program below has them");

/* Ends with argc * 256 + the first character of the last argument; with -7 if its start is not as it should be. */
__asm__(".section .rodata\n"
        ".globl low_start, low_end, low_deep\n"
        "low_start:\n\t"
        "cmpl $-1, (%esp)\n\t"
        "jne 9f\n\t"
        "leal 4(%esp), %eax\n\t"
        "testl $15, %eax\n\t"
        "jnz 9f\n\t"
        "movl 4(%esp), %ebx\n\t"
        "movl 8(%esp), %esi\n\t"
        "cmpl $0, (%esi,%ebx,4)\n\t"
        "jne 9f\n\t"
        "cmpl $0x12345678, 0x200\n\t"
        "jne 9f\n\t"
        "cmpl $0, 0x2ffc\n\t"
        "jne 9f\n\t"
        "incl 0x2ffc\n\t"
        "incl 0x200\n\t"
        "movl -0xe000(%esp), %eax\n\t"
        "pushl $0\n\t"
        "pushl $0\n\t"
        "movl $12, %eax\n\t"
        "int $0x40\n\t"
        "cmpl $0x4000, %eax\n\t"
        "jne 9f\n\t"
        "movl -4(%esi,%ebx,4), %esi\n\t"
        "movzbl (%esi), %eax\n\t"
        "shll $8, %ebx\n\t"
        "addl %ebx, %eax\n\t"
        "jmp 8f\n"
        "9:\n\t"
        "movl $-7, %eax\n"
        "8:\n\t"
        "pushl %eax\n\t"
        "pushl $0\n\t"
        "movl $22, %eax\n\t"
        "int $0x40\n"
        "low_deep:\n\t" /* reads below the stack */
        "movl -0x10000(%esp), %eax\n\t"
        "movl $-7, %eax\n\t"
        "jmp 8b\n"
        "low_end:\n\t"
        ".previous");
extern const char low_start[], low_end[], low_deep[];

struct header {
	uint8_t ident[16];
	uint16_t type, machine;
	uint32_t version, entry, phoff, shoff, flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};
struct segment {
	uint32_t type, offset, vaddr, paddr, filesz, memsz, flags, align;
};
struct layout {
	const char *what;
	struct segment segments[3];
	int32_t value; /* what it ends with, called with the one argument "q"; REFUSED */
};

enum { PT_LOAD = 1, PT_STACK = 0x6474e551, RX = 5, RW = 6, RWX = 7, REFUSED = -99, GOOD = 256 + 'q' };
enum { FILE_BYTES = 0x6000, SEGMENTS = 3, ALL = 0x204 };

static const struct layout layouts[] = {
	{"one segment, as xv6 links", {{PT_LOAD, 0x1000, 0, 0, ALL, IMAGE_END, RWX, 16}}, GOOD},
	{"not congruent", {{PT_LOAD, 0x94, 0, 0, ALL, IMAGE_END, RWX, 4}}, GOOD},
	{"not congruent, more pages", {{PT_LOAD, 0x94, 0, 0, 0x2ff0, IMAGE_END, RWX, 4}}, GOOD},
	{"the end of the file",
         {{PT_LOAD, FILE_BYTES - ALL, 0, 0, ALL, IMAGE_END, RWX, 4}, {PT_STACK, 0, 0, 0, 0, 0, RWX, 16}},
         GOOD},
	{"two in a page",
         {{PT_LOAD, 0x1000, 0, 0, 0x180, 0x180, RX, 4}, {PT_LOAD, 0x2200, 0x200, 0, 4, 0x2e04, RW, 4}},
         GOOD},
	{"overlapping",
         {{PT_LOAD, 0x1000, 0, 0, 0x1000, 0x1000, RX, 4}, {PT_LOAD, 0x2100, 0x100, 0, 0x104, 0x2f04, RW, 4}},
         GOOD},
	{"descending",
         {{PT_LOAD, 0x2200, 0x200, 0, 4, 0x2e04, RW, 4}, {PT_LOAD, 0x1000, 0, 0, 0x180, 0x180, RX, 4}},
         GOOD},
	{"data alone is low",
         {{PT_LOAD, 0x2200, 0x200, 0, 4, 0x2e04, RW, 4}, {PT_LOAD, 0x3010, 0, 0, 0x180, 0x180, RX, 4}},
         GOOD},
	{"more in the file than in memory", {{PT_LOAD, 0x94, 0, 0, 0x2000, 0x1000, RWX, 4}}, REFUSED},
	{"beyond the file", {{PT_LOAD, FILE_BYTES - ALL + 1, 0, 0, ALL, IMAGE_END, RWX, 4}}, REFUSED},
	{"wraps", {{PT_LOAD, 0xffffff94, 0, 0, ALL, IMAGE_END, RWX, 4}}, REFUSED},
	{"into the stack", {{PT_LOAD, 0x94, 0, 0, ALL, 0x7ffff000, RWX, 4}}, REFUSED},
	{"into the kernel", {{PT_LOAD, 0x94, 0, 0, ALL, 0xfffff000, RWX, 4}}, REFUSED},
	{"entry is not code", {{PT_LOAD, 0x94, 0, 0, ALL, IMAGE_END, RW, 4}}, REFUSED},
	{"high and not congruent", {{PT_LOAD, 0x94, 0x10000, 0, ALL, IMAGE_END, RWX, 4}}, REFUSED},
};

static uint8_t file[FILE_BYTES], image[FILE_BYTES];

/* The file is filled so that the program lies where LAYOUT says, and with noise elsewhere. */
static void make_file(const struct layout *l, uint32_t entry)
{
	struct header h = {.ident = {0x7f, 'E', 'L', 'F', 1, 1, 1},
	                   .type = 2,
	                   .machine = 3,
	                   .version = 1,
	                   .entry = l->segments[0].vaddr == 0x10000 ? 0x10000 : entry,
	                   .phoff = sizeof h,
	                   .ehsize = sizeof h,
	                   .phentsize = sizeof(struct segment),
	                   .phnum = SEGMENTS};
	int fd;

	CHECK(low_end - low_start <= 0x180);
	memset(image, 0, sizeof image);
	memcpy(image, low_start, (size_t)(low_end - low_start));
	*(uint32_t *)(image + 0x200) = VALUE;
	memset(file, 0xcc, sizeof file);
	memcpy(file, &h, sizeof h);
	memcpy(file + sizeof h, l->segments, sizeof l->segments);
	for (int i = 0; i < SEGMENTS; i++) {
		const struct segment *s = &l->segments[i];

		for (uint32_t k = 0; k < s->filesz && s->offset < FILE_BYTES && s->offset + k < FILE_BYTES; k++)
			file[s->offset + k] = s->vaddr + k < FILE_BYTES ? image[s->vaddr + k] : 0;
	}
	CHECK((fd = open(IMAGE, O_CREAT | O_TRUNC | O_RDWR, 0755)) >= 0);
	CHECK_EQ(write(fd, file, sizeof file), FILE_BYTES);
	CHECK(close(fd) == 0);
}

/* The value with which IMAGE ends that gets ARGV. */
static int32_t run(const char *path, uint32_t argv)
{
	int32_t pid = GATE(XV6_fork), value = 0;

	CHECK(pid >= 0);
	if (pid == 0) {
		int32_t result = GATE(XV6_exec, P(path), argv);

		GATE(XV6_RV_exit, result == -1 ? REFUSED : 1);
	}
	CHECK_EQ(GATE(XV6_RV_wait, P(&value)), pid);
	return value;
}

static const uint32_t *one_argument(void)
{
	static uint32_t argv[2];

	argv[0] = P("q");
	return argv;
}

static void images(void)
{
	static char *const argv[] = {"posix", "q", NULL}, *const envp[] = {"A=B", NULL};

	for (int i = 0; i < COUNT(layouts); i++) {
		int32_t value;

		make_file(&layouts[i], 0);
		value = run(IMAGE, P(one_argument()));
		if (value != layouts[i].value)
			FAILED("%s: %d, not %d", layouts[i].what, value, layouts[i].value);
		if (value != REFUSED) {
			pid_t pid = fork();

			if (pid == 0)
				_exit(execve(IMAGE, argv, envp));
			CHECK_EQ(GATE(XV6_RV_wait, P(&value)), pid);
			CHECK_EQ(value, 512 + 'q');
		} else {
			CHECK_ERR(execve(IMAGE, argv, envp), ENOEXEC);
		}
	}
	make_file(&layouts[1], (uint32_t)(low_deep - low_start));
	CHECK_EQ(run(IMAGE, P(one_argument())), -1);
}

/* ---- arguments ---- */

static char letters[PAGE + 1];
static uint32_t argv[XV6_MAXARG + 1];

static int32_t run_with(int argc, int length)
{
	memset(letters, 'q', sizeof letters);
	memset(argv, 0, sizeof argv);
	for (int i = 0; i < argc; i++)
		argv[i] = P(letters + PAGE - length);
	letters[PAGE] = '\0';
	return run(IMAGE, P(argv));
}

static void arguments_fit_one_page(void)
{
	make_file(&layouts[1], 0);
	CHECK_EQ(run_with(1, 10), GOOD);
	CHECK_EQ(run_with(31, 100), 31 * 256 + 'q');
	CHECK_EQ(run_with(31, 200), REFUSED);
	argv[XV6_MAXARG - 1] = P(letters + PAGE - 1);
	CHECK_EQ(run_with(32, 1), REFUSED);
	/* The string with its NUL, on words of its own, the vector with its NULL, and three words more. */
	CHECK_EQ(run_with(1, PAGE - (1 + 1 + 3) * 4 - 1), GOOD);
	CHECK_EQ(run_with(1, PAGE - (1 + 1 + 3) * 4), REFUSED);
	CHECK_EQ(run_with(4, (PAGE - (4 + 1 + 3) * 4) / 4 - 1), 4 * 256 + 'q');
	CHECK_EQ(run_with(4, (PAGE - (4 + 1 + 3) * 4) / 4), REFUSED);
}

static void bad_vectors(void)
{
	char *p = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint32_t *last = (uint32_t *)(p + PAGE) - 1;

	CHECK(p != MAP_FAILED && munmap(p + PAGE, PAGE) == 0);
	*last = P("q");
	CHECK_EQ(run(IMAGE, P(last)), REFUSED); /* it does not end */
	memset(p, 'q', PAGE);
	argv[0] = P(p);
	argv[1] = 0;
	CHECK_EQ(run(IMAGE, P(argv)), REFUSED); /* nor does the string */
	CHECK_EQ(run(IMAGE, 0), REFUSED);
	CHECK_EQ(run(IMAGE, KERNEL_BASE), REFUSED);
	argv[0] = KERNEL_BASE;
	CHECK_EQ(run(IMAGE, P(argv)), REFUSED);
	CHECK_EQ(run("/nowhere", P(one_argument())), REFUSED);
	CHECK_EQ(run("/", P(one_argument())), REFUSED);
	CHECK_EQ(run((const char *)KERNEL_BASE, P(one_argument())), REFUSED);
	CHECK_EQ(run(IMAGE "_or_longer", P(one_argument())), REFUSED);
	CHECK(rename(IMAGE, "fourteen_chars") == 0);
	CHECK_EQ(run("fourteen_chars_and_more", P(one_argument())), GOOD);
	CHECK(unlink("fourteen_chars") == 0);
	CHECK(munmap(p, PAGE) == 0);
}

/* Through the other gate there may be more of them, but not more than half of the stack. */
static void posix_arguments(void)
{
	static char many[40 << 10];
	char *const good[] = {many + (10 << 10), "q", NULL}, *const bad[] = {many, "q", NULL};
	int32_t value;
	pid_t pid;

	make_file(&layouts[1], 0);
	memset(many, 'm', sizeof many - 1);
	CHECK_ERR(execve(IMAGE, bad, NULL), E2BIG);
	if ((pid = fork()) == 0)
		_exit(execve(IMAGE, good, NULL));
	CHECK_EQ(GATE(XV6_RV_wait, P(&value)), pid);
	CHECK_EQ(value, -1); /* it has started, but what it reads 56 KiB below is not its stack any more */
	CHECK(unlink(IMAGE) == 0);
}

static void body(void)
{
	images();
	arguments_fit_one_page();
	bad_vectors();
	posix_arguments();
}

int main(void)
{
	return test_run(body);
}
