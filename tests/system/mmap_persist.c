// What was written through a shared mapping is in the file, whichever way it got there: msync, fsync, munmap, exit,
// sync, and because memory was short.  By itself the last of them; mmap_cold.py has all of them looked at after the
// machine was switched off in the middle of things.
// suite: mmap
// run: mmap_persist pressure && mmap_persist check pressure && mmap_persist free
// mem: 8
// kernels: debug release
// fsck: yes
#include "check.h"

enum { PAGES = 24, LARGE = 2304 /* pages: more than there is memory */, TAIL = 100, RW = PROT_READ | PROT_WRITE };

static char name[32];
static uint32_t seed;

static void choose(const char *how)
{
	snprintf(name, sizeof name, "/tmp/by-%s", how);
	for (seed = 1; *how; how++)
		seed = seed * 31 + (uint8_t)*how;
}

static int pages_of(const char *how)
{
	return strcmp(how, "pressure") == 0 ? LARGE : PAGES;
}

static uint32_t word_of(int page, int i)
{
	return seed + (uint32_t)page * 4096 + (uint32_t)i * 7;
}

/* The file ends TAIL bytes into its last page. */
static size_t size_of(int pages)
{
	return (size_t)(pages - 1) * PAGE + TAIL;
}

static void fill(uint32_t *p, int pages)
{
	for (int page = 0; page < pages; page++)
		for (int i = 0; i < PAGE / 4; i += 64)
			p[page * (PAGE / 4) + i] = word_of(page, i);
	memset((char *)p + size_of(pages), 'b', PAGE - TAIL); /* no part of the file */
}

static void hang(void)
{
	printf("written\n");
	fflush(stdout);
	for (;;)
		sleep_ms(1000);
}

static void write_by(const char *how)
{
	int pages = pages_of(how), fd = TRY(open(name, O_CREAT | O_TRUNC | O_RDWR, 0644));
	uint32_t *p;

	TRY(ftruncate(fd, (off_t)size_of(pages)));
	p = mmap(NULL, size_of(pages), RW, MAP_SHARED, fd, 0);
	CHECK(p != MAP_FAILED);
	fill(p, pages);
	if (strcmp(how, "msync") == 0)
		TRY(msync(p, size_of(pages), MS_SYNC));
	else if (strcmp(how, "fsync") == 0)
		TRY(fsync(fd));
	else if (strcmp(how, "sync") == 0)
		sync();
	else if (strcmp(how, "munmap") == 0)
		TRY(munmap(p, size_of(pages)));
	else
		return; /* exit; pressure */
	if (strcmp(how, "munmap") != 0)
		hang();
}

static void check(const char *how)
{
	static uint32_t page_now[PAGE / 4];
	int pages = pages_of(how), fd = TRY(open(name, O_RDWR));
	struct stat st;

	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(st.st_size, (off_t)size_of(pages));
	TRY(ftruncate(fd, pages * PAGE)); /* to see what is behind the end on the disk */
	for (int page = 0; page < pages; page++) {
		CHECK_EQ(read(fd, page_now, PAGE), PAGE);
		for (int i = 0; i < PAGE / 4; i++) {
			bool used = i % 64 == 0 && (page < pages - 1 || i * 4 < TAIL);

			if (page_now[i] != (used ? word_of(page, i) : 0))
				FAILED("%s: page %d, word %d is %#x", how, page, i, page_now[i]);
		}
	}
	TRY(ftruncate(fd, (off_t)size_of(pages)));
	TRY(close(fd));
	printf("%s is there\n", how);
}

/* All of it is free again, when the cache has let go. */
static void free_memory(void)
{
	CHECK(freemem() > 2 * MIB);
	CHECK_EQ(audit_fails(), 0);
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "free") == 0)
		free_memory();
	for (int i = 2; i < argc && strcmp(argv[1], "check") == 0; i++) {
		choose(argv[i]);
		check(argv[i]);
	}
	if (argc == 2 && strcmp(argv[1], "free") != 0) {
		choose(argv[1]);
		write_by(argv[1]);
	}
	return argc >= 2 ? 0 : 2;
}
