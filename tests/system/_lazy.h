/* What the tests of lazy memory share: what memory is used for, to the byte, and what the log says of a process that
   was ended. */
#ifndef LAZY_H
#define LAZY_H

#include "check.h"

enum { LOG_TAIL = 8192, LOG_RECENT = 512, STACK_LIMIT = 8 * MIB };

/* Bytes. */
struct use {
	uint32_t free, anon, tables, slab;
};

/* Set while figures are only rehearsed: the first touch of the program's own text, data and stack is no promise. */
static bool rehearsal;

static inline struct use use_now(void)
{
	static struct {
		struct abi_kstat now;
		struct abi_kstat_cache caches[CHECK_CACHES];
	} raw;

	CHECK(freemem() > 0); /* gives back what can be given back */
	CHECK(kstat(&raw, sizeof raw) >= (int)sizeof raw.now);
	return (struct use){raw.now.free, raw.now.anon, raw.now.tables, raw.now.slab};
}

/* From A to B: ANON pages and TABLES tables were taken, slabs apart, and free memory says the same. */
static inline void use_check(const char *what, struct use a, struct use b, int anon, int tables)
{
	int slab = (int)(b.slab - a.slab);

	if (rehearsal)
		return;
	if ((int)(b.anon - a.anon) != anon * PAGE)
		FAILED("%s: %d bytes of pages, not %d pages", what, (int)(b.anon - a.anon), anon);
	if ((int)(b.tables - a.tables) != tables * PAGE)
		FAILED("%s: %d bytes of tables, not %d tables", what, (int)(b.tables - a.tables), tables);
	if ((int)(a.free - b.free) != (anon + tables) * PAGE + slab)
		FAILED("%s: free fell by %d, not %d", what, (int)(a.free - b.free), (anon + tables) * PAGE + slab);
}

/* DEED without figures, then with them. */
static inline void rehearse(void (*deed)(void))
{
	rehearsal = true;
	deed();
	rehearsal = false;
	deed();
}

static inline char *promise(size_t size)
{
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		FAILED("mmap of %u bytes fails with %d", (uint32_t)size, errno);
	return p;
}

static inline void give_back(void *p, size_t size)
{
	CHECK_EQ(munmap(p, size), 0);
}

/* P, or the next address where a leaf table begins. */
static inline char *table_ceil(char *p)
{
	return (char *)(((uintptr_t)p + TABLE - 1) & ~(uintptr_t)(TABLE - 1));
}

/* The log. */

/* The newest line of the log that begins with "pid PID " (what stands before it is the time); NULL if there is none
   among the last BYTES, at most LOG_TAIL.  The next call overwrites it. */
static inline const char *log_line(pid_t pid, size_t bytes)
{
	static char tail[LOG_TAIL + 1];
	int n = TRY(klog(tail, bytes));
	const char *found = NULL;
	char wanted[24];

	tail[n] = '\0';
	snprintf(wanted, sizeof wanted, "pid %d ", pid);
	for (char *line = strtok(tail, "\n"); line; line = strtok(NULL, "\n")) {
		char *at = strstr(line, wanted);

		if (at && (at == line || at[-1] == ' '))
			found = at;
	}
	return found;
}

/* What the line of a process says that a page fault has just ended. */
struct refusal {
	uint32_t err, cpu, eip, addr;
};

static inline struct refusal refusal_of(pid_t pid, const char *name)
{
	const char *line = log_line(pid, LOG_RECENT);
	struct refusal r;
	char again[160];

	if (!line)
		FAILED("the log has no line of process %d", pid);
	if (sscanf(strchr(line, ':') ? strchr(line, ':') : "", ": trap 14 err %x on cpu %u eip 0x%x addr 0x%x", &r.err,
	           &r.cpu, &r.eip, &r.addr) != 4)
		FAILED("the log says \"%s\"", line);
	snprintf(again, sizeof again, "pid %d %s: trap 14 err %x on cpu %u eip 0x%x addr 0x%x--kill proc", pid, name,
	         r.err, r.cpu, r.eip, r.addr);
	CHECK_STRING(line, again);
	return r;
}

/* Process PID was ended for memory, and the log says so: at its touch of an address within SIZE bytes from START on, or
   because it was the largest when a small one needed a page. */
static inline void shortage_check(pid_t pid, const char *name, const char *start, uint32_t size)
{
	const char *line = log_line(pid, LOG_TAIL);
	uint32_t addr;
	char again[160];

	if (!line)
		FAILED("the log has no line of process %d", pid);
	snprintf(again, sizeof again, "pid %d %s: out of memory, the largest--kill proc", pid, name);
	if (strcmp(line, again) == 0)
		return;
	if (sscanf(strchr(line, ':') ? strchr(line, ':') : "", ": out of memory, addr 0x%x", &addr) != 1)
		FAILED("the log says \"%s\"", line);
	snprintf(again, sizeof again, "pid %d %s: out of memory, addr 0x%x--kill proc", pid, name, addr);
	CHECK_STRING(line, again);
	if (addr - (uint32_t)(uintptr_t)start >= size)
		FAILED("process %d was ended at %#x, which is not what it touched", pid, addr);
}

#endif
