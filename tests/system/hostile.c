// A hostile state of the processor: each deed is done by a child of its own, the parent looks how it ended, and the
// machine lives.  All code that counts is assembly: with odd segments or an odd stack C would not get far.
// cpus: 1 4
// kernels: debug release
// timeout: 90
// reject: hostile[.]c:[0-9]+:
#include "check.h"

enum {
	SYS_EXIT = 1,
	SYS_WRITE = 4,
	SYS_GETPID = 20,
	SYS_NANOSLEEP = 162,
	SYS_SET_THREAD_AREA = 243,
	EITHER = 1000, /* an end that only must not be that of a failed check */
	CODE_MAX = 64,
};
#define EFLAGS_TF "0x100"
#define EFLAGS_DF "0x400"
#define EFLAGS_NT "0x4000"
#define EFLAGS_AC "0x40000"

/* Bytes of code, and how their process must end.  After them comes exit(0). */
struct deed {
	const char *what;
	int end;
	int size;
	uint8_t code[20];
};
static const struct deed deeds[] = {
	{"nop", 0, 1, {0x90}},
	{"int3", -SIGTRAP, 1, {0xcc}},
	{"int $3", -SIGTRAP, 2, {0xcd, 3}},
	{"int $4", -SIGSEGV, 2, {0xcd, 4}},
	{"into with OF", -SIGSEGV, 5, {0xb0, 0x7f, 0x04, 0x01, 0xce}},
	{"into without OF", 0, 3, {0x31, 0xc0, 0xce}},
	{"bound, outside", -SIGSEGV, 13, {0x6a, 1, 0x6a, 0, 0xb8, 5, 0, 0, 0, 0x62, 0x04, 0x24, 0x90}},
	{"bound, inside", 0, 13, {0x6a, 9, 0x6a, 0, 0xb8, 5, 0, 0, 0, 0x62, 0x04, 0x24, 0x90}},
	{"division by zero", -SIGFPE, 6, {0x31, 0xc9, 0x31, 0xd2, 0xf7, 0xf1}},
	{"division that overflows", -SIGFPE, 9, {0xba, 0xff, 0, 0, 0, 0x31, 0xc9, 0xf7, 0xf1}},
	{"aam 0", -SIGFPE, 2, {0xd4, 0}},
	{"ud2", -SIGILL, 2, {0x0f, 0x0b}},
	{"lock nop", -SIGILL, 2, {0xf0, 0x90}},
	{"too long an instruction",
         -SIGSEGV,
         17,
         {0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x90}},
	{"icebp", EITHER, 1, {0xf1}}, /* QEMU takes it for itself */
	{"cli", -SIGSEGV, 1, {0xfa}},
	{"sti", -SIGSEGV, 1, {0xfb}},
	{"hlt", -SIGSEGV, 1, {0xf4}},
	{"in", -SIGSEGV, 2, {0xe4, 0x60}},
	{"in (dx), the disk", -SIGSEGV, 5, {0x66, 0xba, 0xf7, 0x01, 0xec}},
	{"out", -SIGSEGV, 4, {0xb0, 0xfe, 0xe6, 0x64}},
	{"out to the exit device", -SIGSEGV, 4, {0xb0, 0, 0xe6, 0xf4}},
	{"outb (dx), the reset port", -SIGSEGV, 7, {0x66, 0xba, 0xf9, 0x0c, 0xb0, 0x06, 0xee}},
	{"insb", -SIGSEGV, 1, {0x6c}},
	{"rep outsb", -SIGSEGV, 2, {0xf3, 0x6e}},
	{"mov %eax, %cr0", -SIGSEGV, 3, {0x0f, 0x22, 0xc0}},
	{"mov %cr0, %eax", -SIGSEGV, 3, {0x0f, 0x20, 0xc0}},
	{"mov %eax, %cr3", -SIGSEGV, 3, {0x0f, 0x22, 0xd8}},
	{"mov %eax, %dr7", -SIGSEGV, 3, {0x0f, 0x23, 0xf8}},
	{"clts", -SIGSEGV, 2, {0x0f, 0x06}},
	{"invd", -SIGSEGV, 2, {0x0f, 0x08}},
	{"wbinvd", -SIGSEGV, 2, {0x0f, 0x09}},
	{"rdmsr", -SIGSEGV, 2, {0x0f, 0x32}},
	{"wrmsr", -SIGSEGV, 2, {0x0f, 0x30}},
	{"invlpg", -SIGSEGV, 3, {0x0f, 0x01, 0x38}},
	{"lgdt", -SIGSEGV, 4, {0x0f, 0x01, 0x14, 0x24}},
	{"lidt", -SIGSEGV, 4, {0x0f, 0x01, 0x1c, 0x24}},
	{"lmsw", -SIGSEGV, 3, {0x0f, 0x01, 0xf0}},
	{"lldt %ax", -SIGSEGV, 3, {0x0f, 0x00, 0xd0}},
	{"ltr %ax", -SIGSEGV, 3, {0x0f, 0x00, 0xd8}},
	{"monitor", EITHER, 3, {0x0f, 0x01, 0xc8}},
	{"rsm", -SIGILL, 2, {0x0f, 0xaa}},
	{"sysenter", EITHER, 2, {0x0f, 0x34}},
	{"sysexit", EITHER, 2, {0x0f, 0x35}},
	{"syscall", EITHER, 2, {0x0f, 0x05}},
	{"vmcall", EITHER, 3, {0x0f, 0x01, 0xc1}},
	{"far jump to the null selector", -SIGSEGV, 7, {0xea, 0, 0, 0, 0, 0, 0}},
	{"iret with NT", -SIGSEGV, 9, {0x9c, 0x80, 0x4c, 0x24, 0x01, 0x40, 0x9d, 0xcf, 0x90}},
	{"iret to ring 0", -SIGSEGV, 9, {0x9c, 0x6a, 0x08, 0x68, 0x00, 0x00, 0x10, 0x80, 0xcf}},
	{"lret to ring 0", -SIGSEGV, 8, {0x6a, 0x08, 0x68, 0x00, 0x00, 0x10, 0x80, 0xcb}},
	{"popf with IOPL 3, then cli", -SIGSEGV, 8, {0x9c, 0x80, 0x4c, 0x24, 0x01, 0x30, 0x9d, 0xfa}},
	{"popf without IF, then a loop of 1 M rounds",
         0,
         14,
         {0x9c, 0x80, 0x64, 0x24, 0x01, 0xfd, 0x9d, 0xb9, 0, 0, 0x10, 0, 0xe2, 0xfe}},
	{"mov to SS of 0", -SIGSEGV, 4, {0x31, 0xc0, 0x8e, 0xd0}},
	{"push with ESP 0", -SIGSEGV, 3, {0x31, 0xe4, 0x50}},
	{"pop with ESP in the kernel", -SIGSEGV, 6, {0xbc, 0x00, 0x00, 0x10, 0x80, 0x58}},
	{"hlt with ESP 0", -SIGSEGV, 3, {0x31, 0xe4, 0xf4}},
	{"ud2 with ESP in the kernel", -SIGILL, 7, {0xbc, 0xf0, 0xff, 0xff, 0xff, 0x0f, 0x0b}},
};

static uint8_t *page; /* two pages; what is run ends at the end of the first */

static void page_make(void)
{
	page = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(page != MAP_FAILED);
}

/* Run SIZE bytes of CODE, then exit(0). */
static void code_run(const uint8_t *code, int size)
{
	static const uint8_t end[] = {0xb8, SYS_EXIT, 0, 0, 0, 0x31, 0xdb, 0xcd, 0x80};

	memcpy(page, code, (size_t)size);
	memcpy(page + size, end, sizeof end);
	((void (*)(void))page)();
}

static const struct deed *deed;

static void deed_do(void)
{
	code_run(deed->code, deed->size);
}

static void ends_so(const char *what, int end, int want)
{
	if (end != want && (want != EITHER || end == CHECK_FAILED))
		FAILED("%s: the process ends with %d, not %d", what, end, want);
}

static void instructions(void)
{
	for (int i = 0; i < COUNT(deeds); i++) {
		deed = &deeds[i];
		ends_so(deed->what, child_end(deed_do), deed->end);
	}
}

/* Every vector: the four gates that are open to programs, and all that are not. */
static void vectors(void)
{
	for (int n = 0; n < 256; n++) {
		struct deed d = {"int n", n == 3 ? -SIGTRAP : n == 0x40 ? EITHER : n == 0x80 ? 0 : -SIGSEGV, 7, {0}};
		const uint8_t code[] = {0xb8, SYS_GETPID, 0, 0, 0, 0xcd, (uint8_t)n};
		char name[16];

		memcpy(d.code, code, sizeof code);
		snprintf(name, sizeof name, "int %#x", n);
		deed = &d;
		ends_so(name, child_end(deed_do), d.end);
	}
}

/* Far calls and jumps to every small selector: no gate, no TSS and no kernel segment lets a program in. */
static uint32_t far_selector, far_call;

static void go_far(void)
{
	uint8_t code[] = {far_call ? 0x9a : 0xea,      0, 0, 0x10, 0x80, (uint8_t)far_selector,
	                  (uint8_t)(far_selector >> 8)};

	code_run(code, sizeof code);
}

static void far_away(void)
{
	for (far_selector = 0; far_selector < 0x90; far_selector += far_selector % 8 == 0 ? 3 : 5)
		for (far_call = 0; far_call < 2; far_call++)
			CHECK_END(go_far, -SIGSEGV);
}

/* Segments.  VERR tells, without a fault, which selectors a program may load. */

static bool is_readable(uint32_t selector)
{
	bool yes;

	__asm__ volatile("verr %w1" : "=@ccz"(yes) : "r"(selector));
	return yes;
}

static uint32_t selector;
static int segment; /* 0 DS, 1 ES, 2 FS, 3 GS */

/* Load the segment, trap, burn time so that other processes get the CPU, fault in a page through SS, and exit(0). */
static void segment_load(void)
{
	static const uint8_t load[4][2] = {{0x8e, 0xd8}, {0x8e, 0xc0}, {0x8e, 0xe0}, {0x8e, 0xe8}};
	uint8_t code[CODE_MAX] = {0xb8, (uint8_t)selector, (uint8_t)(selector >> 8), 0, 0};
	static const uint8_t rest[] = {
		0xb8, SYS_GETPID, 0,    0,    0, 0xcd, 0x80,       /* getpid */
		0x36, 0xc7,       0x84, 0x24, 0, 0xe0, 0xff, 0xff, /* movl $1, %ss:-0x2000(%esp) */
		1,    0,          0,    0,                         /* */
		0xb9, 0,          0,    2,    0, 0xe2, 0xfe,       /* 128 K rounds of loop */
		0xb8, SYS_GETPID, 0,    0,    0, 0xcd, 0x80,       /* getpid */
	};

	memcpy(code + 5, load[segment], 2);
	memcpy(code + 7, rest, sizeof rest);
	code_run(code, 7 + (int)sizeof rest);
}

static void selector_try(void)
{
	bool good = is_readable(selector) || selector < 4;

	for (segment = 0; segment < 4; segment++) {
		int end = child_end(segment_load);

		if (end != (good ? 0 : -SIGSEGV))
			FAILED("selector %#x in segment register %d: the process ends with %d", selector, segment, end);
	}
}

static void selectors(void)
{
	int readable = 0;

	for (uint32_t s = 0; s <= 0xffff; s++)
		readable += is_readable(s);
	CHECK(readable > 0 && readable < 64);
	for (selector = 0; selector <= 0xffff; selector += selector < 0x80 ? 1 : 0x0fed)
		selector_try();
}

/* The kernel reads and writes user memory although DS and ES are null, and the direction flag is set. */
static void write_without_segments(void)
{
	static char got[8];
	int fds[2], n;

	TRY(pipe(fds));
	__asm__ volatile(
		"pushl %%ds\n\tpushl %%es\n\t"
		"xorl %%esi, %%esi\n\tmovl %%esi, %%ds\n\tmovl %%esi, %%es\n\tmovl %%esi, %%fs\n\tmovl %%esi, %%gs\n\t"
		"std\n\tint $0x80\n\tcld\n\t"
		"popl %%es\n\tpopl %%ds"
		: "=a"(n)
		: "0"(SYS_WRITE), "b"(fds[1]), "c"("segment"), "d"(8)
		: "esi", "memory", "cc");
	CHECK_EQ(n, 8);
	CHECK_EQ(read(fds[0], got, 8), 8);
	CHECK_STRING(got, "segment");
}

/* With FLAG set in EFLAGS: a write from memory that is not aligned, a page fault, and time for a tick. */
#define WITH_FLAG(name, flag) \
	static void name(void) \
	{ \
		static char got[8], text[] = "xflag on"; \
		int fds[2], n; \
		TRY(pipe(fds)); \
		__asm__ volatile("pushfl\n\tpushfl\n\torl $" flag ", (%%esp)\n\tpopfl\n\t" \
		                 "int $0x80\n\t" \
		                 "movl $0x20000, %%ecx\n" \
		                 "1:\tloop 1b\n\t" \
		                 "popfl" \
		                 : "=a"(n) \
		                 : "0"(SYS_WRITE), "b"(fds[1]), "c"(text + 1), "d"(8) \
		                 : "memory", "cc"); \
		CHECK_EQ(n, 8); \
		CHECK_EQ(read(fds[0], got, 8), 8); \
		CHECK_STRING(got, "flag on"); \
	}
WITH_FLAG(with_direction, EFLAGS_DF)
WITH_FLAG(with_nested_task, EFLAGS_NT)
WITH_FLAG(with_alignment_check, EFLAGS_AC)
WITH_FLAG(with_trap_flag, EFLAGS_TF)
WITH_FLAG(with_all_of_them, "0x44400")

/* getpid with ESP as it is; it must come back, with ESP as it was. */
static uint32_t odd_esp;

static void odd_stack(void)
{
	int32_t pid;
	uint32_t esp = 1;

	__asm__ volatile("movl %%esp, %%esi\n\tmovl %3, %%esp\n\tint $0x80\n\tmovl $0x20000, %%ecx\n1:\tloop 1b\n\t"
	                 "movl %%esp, %1\n\tmovl %%esi, %%esp"
	                 : "=a"(pid), "=&d"(esp)
	                 : "0"(SYS_GETPID), "m"(odd_esp)
	                 : "esi", "ecx", "memory", "cc");
	CHECK_EQ(pid, getpid());
	CHECK_EQ(esp, odd_esp);
}

static void stacks_at_the_gate(void)
{
	static const uint32_t values[] = {0,          3,          0x1000,     0x7fffffff, KERNEL_BASE,
	                                  0x80100004, 0xf0001000, 0xfffffffc, 0xffffffff};

	for (int i = 0; i < COUNT(values); i++) {
		odd_esp = values[i];
		CHECK_END(odd_stack, 0);
	}
}

/* Thread-local storage. */

struct user_desc {
	uint32_t entry, base, limit, flags;
};
enum { DESC_DATA = 0x51, DESC_CODE = 0x55, DESC_16BIT = 0x50, DESC_EMPTY = 0x28 };

static uint32_t tls_set(uint32_t entry, uint32_t base, uint32_t limit, uint32_t flags)
{
	struct user_desc d = {entry, base, limit, flags};
	int32_t result = TRAP(SYS_SET_THREAD_AREA, (uint32_t)(uintptr_t)&d);

	if (result < 0)
		FAILED("set_thread_area of entry %d with flags %#x gives %d", (int)entry, flags, result);
	return d.entry;
}

static uint32_t gs_word(void)
{
	uint32_t word;

	__asm__ volatile("movl %%gs:0, %0" : "=r"(word));
	return word;
}

static void gs_load(uint32_t entry)
{
	__asm__ volatile("movl %0, %%gs" : : "r"(entry * 8 + 3));
}

static void tls_word_kept(void)
{
	static uint32_t word[4];
	pid_t pid;

	gs_load(tls_set(~0u, (uint32_t)(uintptr_t)word, 0xfffff, DESC_DATA));
	for (uint32_t i = 0; i < 20; i++) {
		word[0] = (uint32_t)getpid() * 100 + i;
		sleep_ms(1);
		CHECK_EQ(gs_word(), word[0]);
	}
	pid = fork();
	CHECK(pid >= 0);
	word[0] = (uint32_t)getpid();
	sleep_ms(2);
	CHECK_EQ(gs_word(), getpid());
	if (pid == 0)
		_exit(0);
	CHECK_EQ(child_wait(pid), 0);
}

static void tls_kept(void)
{
	pid_t pids[8];

	for (int i = 0; i < COUNT(pids); i++)
		pids[i] = child_start(tls_word_kept);
	for (int i = 0; i < COUNT(pids); i++)
		CHECK_EQ(child_wait(pids[i]), 0);
}

/* The descriptor goes while GS and FS hold it: the kernel must get past reloading them. */
static void tls_removed(void)
{
	static uint32_t word[4];
	uint32_t entry = tls_set(~0u, (uint32_t)(uintptr_t)word, 0xfffff, DESC_DATA);

	gs_load(entry);
	__asm__ volatile("movl %0, %%fs" : : "r"(entry * 8 + 3));
	tls_set(entry, 0, 0, DESC_EMPTY);
	for (int i = 0; i < 10; i++)
		sleep_ms(1);
	CHECK(fork() >= 0);
	sleep_ms(2);
}

static void tls_in_ds_removed(void)
{
	static uint32_t word[4];
	uint32_t entry = tls_set(~0u, 0, 0xfffff, DESC_DATA);
	struct user_desc empty = {entry, 0, 0, DESC_EMPTY};

	(void)word;
	__asm__ volatile("movl %0, %%ds\n\tmovl %0, %%es\n\t"
	                 "int $0x80\n\t"
	                 "movl %3, %%eax\n\tint $0x80\n\t"
	                 "movl $0x80000, %%ecx\n1:\tloop 1b\n\t"
	                 "movl $1, %%eax\n\txorl %%ebx, %%ebx\n\tint $0x80"
	                 :
	                 : "r"(entry * 8 + 3), "a"(SYS_SET_THREAD_AREA), "b"(&empty), "i"(SYS_GETPID)
	                 : "ecx", "memory");
}

static void tls_of_kernel(void)
{
	gs_load(tls_set(~0u, KERNEL_BASE, 0xfffff, DESC_DATA));
	sleep_ms(2);
	_exit((int)gs_word());
}

static void tls_too_short(void)
{
	static uint32_t word[4];

	gs_load(tls_set(~0u, (uint32_t)(uintptr_t)word, 1, 0x41)); /* two bytes */
	_exit((int)gs_word());
}

static void tls_refused(void)
{
	struct user_desc d = {0, 0, 0xfffff, DESC_DATA};

	static const uint32_t entries[] = {0, 1, 2, 5, 100, 0x1fff, 0x80000000u, 0xfffffffeu};

	for (int i = 0; i < COUNT(entries); i++) {
		d.entry = entries[i];
		CHECK_EQ(TRAP(SYS_SET_THREAD_AREA, (uint32_t)(uintptr_t)&d), -EINVAL);
	}
	for (int i = 0; i < 3; i++)
		tls_set(~0u, 0, 0xfffff, DESC_DATA);
	d.entry = ~0u;
	CHECK_EQ(TRAP(SYS_SET_THREAD_AREA, (uint32_t)(uintptr_t)&d), -ESRCH);
}

/* A stack segment of 16 bits, and a code segment of the program's own: a trap from there must find its way back. */
static void odd_segment_at_gate(void)
{
	struct user_desc d = {~0u, 0, 0xfffff, DESC_16BIT};

	if (TRAP(SYS_SET_THREAD_AREA, (uint32_t)(uintptr_t)&d) < 0)
		_exit(0); /* refusing is fine */
	__asm__ volatile("movl %0, %%ss\n\tmovl $20, %%eax\n\tint $0x80\n\tmovl $0x80000, %%ecx\n1:\tloop 1b\n\t"
	                 "movl $1, %%eax\n\txorl %%ebx, %%ebx\n\tint $0x80"
	                 :
	                 : "r"(d.entry * 8 + 3)
	                 : "ecx", "ebx", "memory");
}

static void own_code_segment(void)
{
	struct user_desc d = {~0u, 0, 0xfffff, DESC_CODE};

	if (TRAP(SYS_SET_THREAD_AREA, (uint32_t)(uintptr_t)&d) < 0)
		_exit(0);
	__asm__ volatile("pushl %0\n\tpushl $2f\n\tlret\n2:\tmovl $20, %%eax\n\tint $0x80\n\tmovl $0x80000, "
	                 "%%ecx\n1:\tloop 1b\n\t"
	                 "movl $1, %%eax\n\txorl %%ebx, %%ebx\n\tint $0x80"
	                 :
	                 : "r"(d.entry * 8 + 3)
	                 : "eax", "ecx", "ebx", "memory");
}

/* Code that ends at the last byte below the kernel: the next instruction is not the kernel's. */
static int last_size;
static uint8_t last_code[8];

static void run_last(void)
{
	uint8_t *last = mmap((void *)(KERNEL_BASE - PAGE), PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
	                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	CHECK(last == (void *)(KERNEL_BASE - PAGE));
	memcpy(last + PAGE - last_size, last_code, (size_t)last_size);
	((void (*)(void))(last + PAGE - last_size))();
}

static void last_byte(void)
{
	static const uint8_t nop[] = {0x90}, getpid_call[] = {0xb8, SYS_GETPID, 0, 0, 0, 0xcd, 0x80},
			     cut[] = {0x90, 0x0f};

	memcpy(last_code, nop, last_size = sizeof nop);
	CHECK_END(run_last, -SIGSEGV);
	memcpy(last_code, getpid_call, last_size = sizeof getpid_call);
	CHECK_END(run_last, -SIGSEGV);
	memcpy(last_code, cut, last_size = sizeof cut);
	CHECK_END(run_last, -SIGSEGV);
}

static void body(void)
{
	page_make();
	instructions();
	vectors();
	far_away();
	selectors();
	CHECK_END(write_without_segments, 0);
	CHECK_END(with_direction, 0);
	CHECK_END(with_nested_task, 0);
	ends_so("AC", child_end(with_alignment_check), 0);
	CHECK_END(with_trap_flag, -SIGTRAP);
	CHECK_END(with_all_of_them, 0);
	stacks_at_the_gate();
	CHECK_END(tls_kept, 0);
	CHECK_END(tls_removed, 0);
	CHECK_END(tls_in_ds_removed, 0);
	CHECK_END(tls_of_kernel, -SIGSEGV);
	ends_so("a word of two bytes", child_end(tls_too_short), EITHER); /* TCG knows no limits */
	CHECK_END(tls_refused, 0);
	CHECK_END(odd_segment_at_gate, 0);
	CHECK_END(own_code_segment, 0);
	last_byte();
}

int main(void)
{
	return test_run(body);
}
