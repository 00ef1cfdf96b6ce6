/* Lines of /proc as Linux has them: pure functions from facts to text (tests/unit/test_fs_procfs.c). */
#ifndef FS_PROCFS_FORMAT_H
#define FS_PROCFS_FORMAT_H

#include <arch/compiler.h>
#include <arch/types.h>

/* Text that grows in memory of its maker.  What does not fit as a whole is left out, and full says so; so is all that
   comes after. */
struct text {
	char *buf;
	uint32_t size, len; /* bytes; no NUL counts */
	bool full;
};
void text_put(struct text *t, const char *fmt, ...) printf_like(2, 3);
/* Write each byte of S that is one of SPECIAL as \ooo, in place, so that a name of a file or program cannot look like a
   line of its own.  SIZE: of the memory of S. => false, nothing changed: that is longer. */
bool text_escape(char *s, uint32_t size, const char *special) must_check;
/* "NAME:    N kB", as in meminfo. */
void text_put_kb(struct text *t, const char *name, uint32_t kb);

/* One line of maps. */
struct region_line {
	vaddr_t start, end;
	uint8_t prot; /* enum vma_prot */
	bool shared;
	uint32_t page;    /* of the file at start */
	uint32_t dev;     /* ABI_MKDEV() */
	uint32_t ino;     /* 0: no file */
	const char *name; /* NULL: none */
};
void text_put_region(struct text *t, const struct region_line *r);

/* The line of stat: its 52 fields, but for those that are always 0.  Times in 1/100 s, addresses and sizes in bytes. */
struct stat_line {
	int32_t pid;
	const char *name;
	char state;
	int32_t ppid, pgid, sid;
	uint32_t tty;       /* device number of the controlling terminal; 0: none */
	int32_t foreground; /* its process group; -1: none */
	uint32_t minor_faults, major_faults;
	uint32_t utime, stime, cutime, cstime;
	uint64_t start;
	uint32_t size;     /* bytes of all regions */
	uint32_t resident; /* pages */
	vaddr_t code_start, code_end, stack_start;
	uint32_t sig_pending, sig_blocked, sig_ignored;
	unsigned cpu;
	vaddr_t data_start, data_end, heap_start, arg_start, arg_end, env_start, env_end;
	int32_t exit_status;
};
void text_put_stat(struct text *t, const struct stat_line *s);

/* The flags of a frame in kpageflags (Linux: include/uapi/linux/kernel-page-flags.h). */
#define KPF_UPTODATE (1ull << 3)
#define KPF_DIRTY (1ull << 4)
#define KPF_LRU (1ull << 5)
#define KPF_SLAB (1ull << 7)
#define KPF_BUDDY (1ull << 10)
#define KPF_MMAP (1ull << 11)
#define KPF_ANON (1ull << 12)
#define KPF_ZERO_PAGE (1ull << 24)
#define KPF_PGTABLE (1ull << 26)
#define KPF_RESERVED (1ull << 32)
struct frame_look;
uint64_t page_flags_word(const struct frame_look *f);

/* An entry of pagemap. */
#define PAGEMAP_EXCLUSIVE (1ull << 56)
#define PAGEMAP_FILE (1ull << 61)
#define PAGEMAP_PRESENT (1ull << 63)
struct page_look;
uint64_t pagemap_word(const struct page_look *p);

#endif
