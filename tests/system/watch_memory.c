// What ps, pmap, free, vmstat, memory-user and memview say of memory is what is so: to the page, and they agree with each
// other.
// cpus: 1 4
// kernels: debug release
// suite: lazy
#include "check.h"

enum { PAGES = 64, WRITTEN = 10, READ_AT = 32, WINDOW = 16, MORE = 100, UNSHARED = 3, BAR = 38, BAR_AT = 40, FIELD = 7 };
enum { OUTPUT_MAX = 1 << 20 };
#define PICTURE "/tmp/watch_memory.picture"

static char *output; /* what the last program printed, or the last picture */

/* ---- running programs ---- */

static pid_t start(char *const argv[], int *out)
{
	int ends[2];
	pid_t pid;

	TRY(pipe(ends));
	pid = TRY(fork());
	if (pid == 0) {
		close(ends[0]);
		dup2(ends[1], STDOUT_FILENO);
		close(ends[1]);
		execvp(argv[0], argv);
		FAILED("%s: cannot be run: %d", argv[0], errno);
	}
	close(ends[1]);
	*out = ends[0];
	return pid;
}

static void read_output(int fd)
{
	size_t length = 0;
	int n;

	while ((n = TRY(read(fd, output + length, OUTPUT_MAX - 1 - length))) > 0)
		length += (size_t)n;
	CHECK(length < OUTPUT_MAX - 1);
	output[length] = '\0';
	close(fd);
}

/* Its output; it ends with 0. */
static void run(char *const argv[])
{
	int fd;
	pid_t pid = start(argv, &fd);

	read_output(fd);
	CHECK_EQ(child_wait(pid), 0);
}
#define RUN(...) run((char *const[]){__VA_ARGS__, NULL})

static char *text(int n)
{
	static char numbers[4][12];
	static int next;
	char *to = numbers[next++ % 4];

	snprintf(to, sizeof numbers[0], "%d", n);
	return to;
}

static void read_file(const char *path)
{
	int fd = TRY(open(path, O_RDONLY));

	read_output(fd);
}

/* The number behind NAME in the output. */
static unsigned long long value_of(const char *name)
{
	const char *at = strstr(output, name);

	if (!at)
		FAILED("there is no %s in %s", name, output);
	return strtoull(at + strlen(name), NULL, 10);
}

/* The N-th number (from 0) of the line. */
static unsigned long number_in(const char *line, int n)
{
	char *end = (char *)(uintptr_t)line;
	unsigned long value = 0;

	for (int i = 0; i <= n; i++) {
		const char *at = end + strcspn(end, "0123456789\n");

		CHECK(*at && *at != '\n');
		value = strtoul(at, &end, 10);
	}
	return value;
}

/* The line of the output that begins with WORD, blanks before it aside. */
static const char *line_of(const char *word)
{
	const char *at = output;

	while (at && *at) {
		const char *first = at + strspn(at, " ");

		if (strncmp(first, word, strlen(word)) == 0)
			return first;
		at = strchr(at, '\n');
		at = at ? at + 1 : NULL;
	}
	FAILED("no line begins with %s in %s", word, output);
}

/* ---- ps, pmap, free, vmstat ---- */

static char *promise(int pages)
{
	char *p = mmap(NULL, (size_t)pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(p != MAP_FAILED);
	return p;
}

struct memory {
	unsigned long promised, resident; /* KiB */
};

/* What each of them says of this process. */
enum { BY_STATUS, BY_PS, BY_PMAP, BY_PMAP_X, WITNESSES };

static void listings_take(struct memory said[WITNESSES])
{
	char head[16];

	snprintf(head, sizeof head, "%d ", getpid());
	read_file("/proc/self/status");
	said[BY_STATUS].promised = (unsigned long)(value_of("Promised:") / 1024);
	said[BY_STATUS].resident = (unsigned long)(value_of("Resident:") / 1024);
	RUN("ps");
	said[BY_PS] = (struct memory){number_in(line_of(head), 3), number_in(line_of(head), 4)};
	RUN("pmap", text(getpid()));
	said[BY_PMAP] = (struct memory){number_in(line_of("total"), 0), 0};
	RUN("pmap", "-x", text(getpid()));
	said[BY_PMAP_X] = (struct memory){number_in(line_of("total"), 0), number_in(line_of("total"), 1)};
}

static void listings_agree(void)
{
	struct memory said[WITNESSES];
	char *zeros = promise(WINDOW);

	CHECK(*(volatile char *)zeros == 0); /* shown, but it takes no memory */
	listings_take(said); /* all that this needs is there from now on */
	listings_take(said);
	CHECK(strstr(output, "[stack]") && strstr(output, " watch_memory\n") && strstr(output, " [ anon ]\n"));
	CHECK(said[BY_STATUS].promised > said[BY_STATUS].resident && said[BY_STATUS].resident >= OUTPUT_MAX / 1024);
	for (int i = BY_PS; i < WITNESSES; i++)
		CHECK_EQ(said[i].promised, said[BY_STATUS].promised);
	CHECK_EQ(said[BY_PS].resident, said[BY_STATUS].resident);
	CHECK_EQ(said[BY_PMAP_X].resident, said[BY_STATUS].resident);
	CHECK(munmap(zeros, WINDOW * PAGE) == 0);
}

static void table_adds_up(void)
{
	unsigned long total, parts = 0;

	read_file("/proc/meminfo");
	total = (unsigned long)value_of("MemTotal:");
	RUN("free", "-t", "-k");
	CHECK_EQ(number_in(line_of("Mem:"), 0), total);
	CHECK_EQ(number_in(line_of("Total:"), 0), total);
	for (int i = 1; i <= 2; i++)
		parts += number_in(line_of("Mem:"), i);
	CHECK_EQ(parts + number_in(line_of("Mem:"), 4), total);
	CHECK_EQ(number_in(line_of("Total:"), 1) + number_in(line_of("Mem:"), 4) + number_in(line_of("Total:"), 2), total);
}

static unsigned long zero_fills(void)
{
	RUN("vmstat");
	return number_in(strchr(output, '\n') + 1, FIELD);
}

static void touch(char *p, int from, int to)
{
	for (int i = from; i < to; i++)
		((volatile char *)p)[i * PAGE] = 1;
}

/* Each run of vmstat costs the same faults; what comes on top are ours. */
static void faults_are_counted(void)
{
	unsigned long first, second, third;
	char *p = promise(MORE);
	int lines = 0;

	zero_fills();
	first = zero_fills();
	second = zero_fills();
	touch(p, 0, MORE);
	third = zero_fills();
	CHECK_EQ(third - second, second - first + MORE);
	CHECK(munmap(p, MORE * PAGE) == 0);
	RUN("vmstat", "0.02", "21");
	for (const char *at = output; (at = strchr(at, '\n')); at++)
		lines++;
	CHECK_EQ(lines, 2 + 21); /* the header twice */
}

/* ---- memory-user ---- */

struct use {
	uint32_t free, anon, tables, slab;
};

static struct use use_now(void)
{
	static struct {
		struct abi_kstat now;
		struct abi_kstat_cache caches[CHECK_CACHES];
	} raw;

	CHECK(freemem() > 0); /* gives back what can be given back */
	CHECK(kstat(&raw, sizeof raw) >= (int)sizeof raw.now);
	return (struct use){raw.now.free, raw.now.anon, raw.now.tables, raw.now.slab};
}

static void read_lines(int fd, int n)
{
	size_t length = 0;

	while (n > 0) {
		CHECK_EQ(TRY(read(fd, output + length, 1)), 1);
		n -= output[length++] == '\n';
	}
	output[length] = '\0';
}

/* What is in use while memory-user, called so, waits; *ADDRESS is what malloc returned to it. */
static struct use use_while(char *const argv[], uint32_t *address)
{
	int fd;
	pid_t pid = start(argv, &fd);
	struct use u;

	read_lines(fd, 2);
	CHECK(strncmp(output, "allocating 0x10 mebibytes\nmalloc returned 0x", 44) == 0);
	*address = (uint32_t)strtoul(output + 44, NULL, 16);
	child_is(pid, 'S');
	u = use_now();
	TRY(kill(pid, SIGKILL));
	CHECK_EQ(child_wait(pid), -SIGKILL);
	close(fd);
	return u;
}

static void memory_goes_when_it_is_touched(void)
{
	static char name[] = "memory-user", untouched[] = "-n", w[] = "-w", seconds[] = "1000", size[] = "16";
	char *const touching[] = {name, w, seconds, size, size, size, NULL};
	char *const promising[] = {name, untouched, w, seconds, size, size, size, NULL};
	uint32_t address, same, tables;
	struct use lazy, busy;

	use_while(promising, &address); /* its file is cached from now on */
	lazy = use_while(promising, &address);
	busy = use_while(touching, &same);
	CHECK_EQ(same, address);
	/* malloc itself touches the first page, and with it the first table */
	tables = (address + 16 * MIB - 1) / TABLE - address / TABLE;
	CHECK_EQ(busy.anon - lazy.anon, 16 * MIB);
	CHECK_EQ(busy.tables - lazy.tables, tables * PAGE);
	CHECK_EQ(lazy.free - busy.free, 16 * MIB + tables * PAGE + (busy.slab - lazy.slab));
}

/* Together they are more than there is: each size comes back before the next one is asked for. */
static void memory_comes_back(void)
{
	RUN("memory-user", "-w", "0", "60", "80", "10");
	CHECK_STRING(line_of("freeing 0x50"), "freeing 0x50 mebibytes\n");
	RUN("memory-user", "-n", "-w", "0", "1024", "1024", "1");
}

/* ---- memview ---- */

static void take_picture(int pid)
{
	RUN("memview", "-g", "1", "-p", text(pid), "-o", PICTURE);
	CHECK_STRING(output, "");
	read_file(PICTURE);
}

/* The characters of the region at START of the only process in the picture. */
static void bar_of(const char *start, char *bar, int pages)
{
	char head[12];
	const char *at;

	snprintf(head, sizeof head, "%08lx ", (unsigned long)start);
	at = line_of(head);
	for (int i = 0; i < pages; i += BAR) {
		int n = pages - i < BAR ? pages - i : BAR;

		memcpy(bar + i, at + BAR_AT, (size_t)n);
		at += BAR_AT + n;
		CHECK(*at == '\n');
		at++;
	}
	bar[pages] = '\0';
}

/* N times C at AT. */
static void expect_run(char *at, char c, int n)
{
	memset(at, c, (size_t)n);
}

/* A region with a page of its own below and above, so that it is one line in the picture. */
static char *lonely(int pages)
{
	char *p = promise(pages + 2 + WINDOW), *aligned;

	aligned = (char *)(((uintptr_t)p + PAGE + WINDOW * PAGE - 1) & ~(uintptr_t)(WINDOW * PAGE - 1));
	CHECK(munmap(p, (size_t)(aligned - p)) == 0);
	CHECK(munmap(aligned + pages * PAGE, (size_t)(p + (pages + 2 + WINDOW) * PAGE - (aligned + pages * PAGE))) == 0);
	return aligned;
}

static void wait_for_ever(void)
{
	for (;;)
		pause();
}

static char *shared_pages;

static void write_some_and_wait(void)
{
	touch(shared_pages, 0, UNSHARED);
	wait_for_ever();
}

static void check_bar(int pid, const char *start, const char *want)
{
	char bar[PAGES + 1];

	take_picture(pid);
	bar_of(start, bar, PAGES);
	CHECK_STRING(bar, want);
}

/* Promised, zeros, private; copy on write after a fork, and private again page by page as the child writes. */
static void pages_are_told_apart(void)
{
	char want[PAGES + 1] = "", *p = lonely(PAGES);
	pid_t child;

	expect_run(want, '.', PAGES);
	check_bar(getpid(), p, want);
	touch(p, 0, WRITTEN);
	CHECK(((volatile char *)p)[READ_AT * PAGE] == 0);
	expect_run(want, 'P', WRITTEN);
	expect_run(want + READ_AT, 'Z', WINDOW);
	check_bar(getpid(), p, want);
	shared_pages = p;
	child = child_start(wait_for_ever);
	child_is(child, 'S');
	expect_run(want, 'C', WRITTEN);
	check_bar(getpid(), p, want);
	check_bar(child, p, want);
	TRY(kill(child, SIGKILL));
	child_wait(child);
	expect_run(want, 'P', WRITTEN);
	check_bar(getpid(), p, want);
	child = child_start(write_some_and_wait);
	child_is(child, 'S');
	expect_run(want + UNSHARED, 'C', WRITTEN - UNSHARED);
	check_bar(child, p, want);
	check_bar(getpid(), p, want);
	TRY(kill(child, SIGKILL));
	child_wait(child);
	CHECK(munmap(p, PAGES * PAGE) == 0);
}

/* Characters of the upper part, by mark. */
static void count_marks(int marks[128])
{
	memset(marks, 0, 128 * sizeof marks[0]);
	for (const char *at = output; at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL) {
		const char *end = strchr(at, '\n');

		if (!end || end - at < 9 || at[7] != 'K' || at[8] != ' ')
			continue;
		for (const char *c = at + 9; c < end; c++)
			marks[*c & 127]++;
	}
}

/* The letter of the youngest process called NAME, by the legend, and the number of frames that this gives it. */
static char letter_of(const char *name, int *frames)
{
	const char *at = NULL, *next = output, *end = strstr(output, "\n. promised");
	char entry[32];

	snprintf(entry, sizeof entry, " %s ", name);
	while ((next = strstr(next, entry)) && next < end)
		at = next++;
	CHECK(at != NULL);
	*frames = (int)number_in(at + strlen(entry), 0);
	while (*--at != ' ')
		continue;
	return at[-1];
}

static void legend_agrees(const int marks[128])
{
	static const struct {
		char mark;
		const char *entry;
	} kinds[] = {
		{'#', "# kernel "}, {'%', "% slab "}, {'=', "= page table "}, {'~', "~ cache "},
		{'0', "0 zero "},   {'+', "+ shared "}, {'?', "? other "},     {'.', ". free "},
	};

	for (int i = 0; i < COUNT(kinds); i++)
		CHECK_EQ(value_of(kinds[i].entry), marks[(int)kinds[i].mark]);
	CHECK_EQ(marks['0'], 1);
}

/* Through a pipe: a file would be in the picture, too. */
static void count_frames(int marks[128])
{
	RUN("memview", "-g", "1", "-o", "-");
	count_marks(marks);
	legend_agrees(marks);
}

/* Frames that may change hands while nothing happens: the stocks of slabs, and memview's own, which is on its way. */
static int frames_restless(const int marks[128])
{
	int frames;
	char own = letter_of("memview", &frames);

	CHECK_EQ(frames, marks[(int)own]);
	return marks['.'] + marks['%'] + frames;
}

/* MORE pages are touched: that many characters change from free to our letter. */
static void frames_are_told_apart(void)
{
	int before[128], after[128], frames, tables, free_before;
	char *p = promise(MORE), me;

	count_frames(before); /* all that this needs is there from now on */
	count_frames(before);
	free_before = frames_restless(before);
	touch(p, 0, MORE);
	count_frames(after);
	me = letter_of("watch_memory", &frames);
	CHECK_EQ(frames, after[(int)me]);
	CHECK_EQ(after[(int)me] - before[(int)me], MORE);
	tables = after['='] - before['='];
	CHECK(tables == 0 || tables == 1);
	CHECK_EQ(free_before - frames_restless(after), MORE + tables);
	CHECK_EQ(after['#'], before['#']);
	CHECK_EQ(after['~'], before['~']);
	CHECK(munmap(p, MORE * PAGE) == 0);
}

static void body(void)
{
	output = malloc(OUTPUT_MAX);
	CHECK(output != NULL);
	memset(output, 1, OUTPUT_MAX);
	listings_agree();
	table_adds_up();
	faults_are_counted();
	memory_goes_when_it_is_touched();
	memory_comes_back();
	pages_are_told_apart();
	frames_are_told_apart();
	TRY(unlink(PICTURE));
}

int main(void)
{
	return test_run(body);
}
