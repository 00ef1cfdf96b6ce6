/* One process in numbers. */
#include "procfs_priv.h"

#include <dev/tty.h>
#include <fs/fdtable.h>
#include <kern/time.h>
#include <lib/div64.h>
#include <lib/string.h>
#include <mm/look.h>

#define NS_PER_TICK (NS_PER_S / ABI_CLK_TCK)
#define KB_PER_PAGE (PAGE_SIZE / 1024)
#define NAME_SHOWN (4 * sizeof((struct proc_look *)0)->name) /* room for four bytes each */

/* The address space of a process at one moment; all 0 when it has none any more.  Sizes in pages. */
struct memory {
	struct aspace_counters count;
	struct uspace_start start;
	vaddr_t heap_start;
	uint32_t data, stack, code; /* private writable, of the stack, executable */
	uint32_t cached, shared;    /* resident pages of files, and of shared memory */
	vaddr_t code_start, code_end, data_start, data_end;
};

static void memory_add(struct memory *m, struct aspace *as, const struct vma *v) requires_lock(*as)
{
	uint32_t pages = (v->end - v->start) >> PAGE_SHIFT;
	struct page_tally tally = {0};

	if (v->kind == VMA_STACK)
		m->stack += pages;
	else if ((v->prot & VMA_WRITE) && !(v->flags & VMA_SHARED))
		m->data += pages;
	if (v->prot & VMA_EXEC)
		m->code += pages;
	if (v->object)
		aspace_tally(as, v->start, v->end, &tally);
	m->cached += tally.cached;
	m->shared += tally.present - tally.cached - tally.anon;
	if (v->kind != VMA_FILE)
		return;
	if ((v->prot & VMA_EXEC) && m->code_end == 0) {
		m->code_start = v->start;
		m->code_end = v->end;
	} else if ((v->prot & VMA_WRITE) && m->data_end == 0) {
		m->data_start = v->start;
		m->data_end = v->end;
	}
}

static enum status memory_look(const struct proc_node *n, struct memory *m)
{
	struct uspace *us;
	enum status st = proc_get_uspace(&n->who, &us);

	*m = (struct memory){.heap_start = 0};
	if (st != OK || !us)
		return st;
	uspace_lock(us);
	m->count = us->as.count;
	m->start = us->start;
	m->heap_start = us->as.heap_start;
	for (const struct vma *v = vma_first(&us->as.vmas); v; v = vma_next(&us->as.vmas, v))
		memory_add(m, &us->as, v);
	uspace_unlock(us);
	uspace_put(us);
	return OK;
}

static enum status look(const struct proc_node *n, struct proc_look *l, struct memory *m)
{
	enum status st = proc_look(&n->who, l);

	return st == OK ? memory_look(n, m) : st;
}

/* The name of L's program, which comes from whoever made its file. */
static const char *name_show(const struct proc_look *l, char to[NAME_SHOWN])
{
	(void)str_copy(to, NAME_SHOWN, l->name);
	return text_escape(to, NAME_SHOWN, "\n\\") ? to : "";
}

enum status process_stat_fill(struct proc_node *n, uint64_t *cursor, struct text *t)
{
	struct proc_look l;
	struct memory m;
	enum status st = look(n, &l, &m);
	char name[NAME_SHOWN];
	struct stat_line s;

	if (st != OK)
		return st;
	s = (struct stat_line){
		.pid = l.pid,
		.name = name_show(&l, name),
		.state = l.state,
		.ppid = l.ppid,
		.pgid = l.pgid,
		.sid = l.sid,
		.minor_faults = m.count.faults - m.count.major,
		.major_faults = m.count.major,
		.utime = l.utime,
		.stime = l.stime,
		.cutime = l.cutime,
		.cstime = l.cstime,
		.start = div64_u32(l.start_ns, NS_PER_TICK, NULL),
		.size = m.count.promised * PAGE_SIZE,
		.resident = m.count.resident,
		.code_start = m.code_start,
		.code_end = m.code_end,
		.stack_start = m.start.stack,
		.sig_pending = l.sig_pending[0],
		.sig_blocked = l.sig_blocked[0],
		.sig_ignored = l.sig_ignored[0],
		.cpu = l.cpu,
		.data_start = m.data_start,
		.data_end = m.data_end,
		.heap_start = m.heap_start,
		.arg_start = m.start.arg_start,
		.arg_end = m.start.arg_end,
		.env_start = m.start.env_start,
		.env_end = m.start.env_end,
		.exit_status = l.exit_status,
	};
	if (!tty_of_session(l.sid, &s.tty, &s.foreground)) {
		s.tty = 0;
		s.foreground = -1;
	}
	text_put_stat(t, &s);
	*cursor = CURSOR_END;
	return OK;
}

/* Pages: size resident shared text lib data dt */
enum status process_statm_fill(struct proc_node *n, uint64_t *cursor, struct text *t)
{
	struct memory m;
	enum status st = memory_look(n, &m);

	if (st != OK)
		return st;
	text_put(t, "%u %u %u %u 0 %u 0\n", (unsigned)m.count.promised, (unsigned)m.count.resident,
	         (unsigned)(m.cached + m.shared), (unsigned)m.code, (unsigned)(m.data + m.stack));
	*cursor = CURSOR_END;
	return OK;
}

/* --- status --- */

static const char *state_name(char state)
{
	switch (state) {
	case 'R': return "R (running)";
	case 'S': return "S (sleeping)";
	case 'D': return "D (disk sleep)";
	case 'Z': return "Z (zombie)";
	}
	return "?";
}

struct files_look {
	uint32_t umask, capacity;
};

static void files_look(struct proc *p, void *arg)
{
	*(struct files_look *)arg = (struct files_look){files_umask(p), files_capacity(p)};
}

static void put_who(struct text *t, const struct proc_look *l, const struct files_look *f)
{
	char name[NAME_SHOWN];

	text_put(t, "Name:\t%s\nUmask:\t%04o\nState:\t%s\n", name_show(l, name), (unsigned)f->umask,
	         state_name(l->state));
	text_put(t, "Tgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\nTracerPid:\t0\n", (int)l->pid, (int)l->pid,
	         (int)l->ppid);
	text_put(t, "Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nFDSize:\t%u\nGroups:\t \n", (unsigned)f->capacity);
}

static void put_kb(struct text *t, const char *name, uint32_t pages)
{
	text_put(t, "%s:\t%8u kB\n", name, (unsigned)(pages * KB_PER_PAGE));
}

static void put_memory(struct text *t, const struct memory *m)
{
	put_kb(t, "VmSize", m->count.promised);
	put_kb(t, "VmLck", 0);
	put_kb(t, "VmRSS", m->count.resident);
	put_kb(t, "RssAnon", m->count.resident - m->cached - m->shared);
	put_kb(t, "RssFile", m->cached);
	put_kb(t, "RssShmem", m->shared);
	put_kb(t, "VmData", m->data);
	put_kb(t, "VmStk", m->stack);
	put_kb(t, "VmExe", m->code);
	put_kb(t, "VmLib", 0);
	put_kb(t, "VmPTE", m->count.tables);
	put_kb(t, "VmSwap", 0);
}

static void put_signals(struct text *t, const char *name, const uint32_t set[2])
{
	text_put(t, "%s:\t%08x%08x\n", name, (unsigned)set[1], (unsigned)set[0]);
}

enum status process_status_fill(struct proc_node *n, uint64_t *cursor, struct text *t)
{
	static const uint32_t none[2];
	struct files_look files;
	struct proc_look l;
	struct memory m;
	enum status st = look(n, &l, &m);

	if (st == OK)
		st = proc_visit(&n->who, files_look, &files);
	if (st != OK)
		return st;
	put_who(t, &l, &files);
	if (m.count.promised > 0)
		put_memory(t, &m);
	text_put(t, "Threads:\t1\n");
	put_signals(t, "SigPnd", none);
	put_signals(t, "ShdPnd", l.sig_pending);
	put_signals(t, "SigBlk", l.sig_blocked);
	put_signals(t, "SigIgn", l.sig_ignored);
	put_signals(t, "SigCgt", none);
	text_put(t, "Promised:\t%llu B\nResident:\t%llu B\n", (unsigned long long)m.count.promised * PAGE_SIZE,
	         (unsigned long long)m.count.resident * PAGE_SIZE);
	*cursor = CURSOR_END;
	return OK;
}

enum status process_comm_fill(struct proc_node *n, uint64_t *cursor, struct text *t)
{
	struct proc_look l;
	enum status st = proc_look(&n->who, &l);

	if (st != OK)
		return st;
	text_put(t, "%s\n", l.name);
	*cursor = CURSOR_END;
	return OK;
}

/* --- its strings, as they lie on its stack --- */

/* Bytes of [START, END) of the process, from *CURSOR on; a page that is not there ends them. */
static void strings_copy(struct aspace *as, vaddr_t start, vaddr_t end, uint64_t *cursor, struct text *t)
	requires_lock(*as)
{
	uint32_t left = end - start > *cursor ? end - start - (uint32_t)*cursor : 0;
	uint32_t want = left < t->size ? left : t->size;

	t->len = aspace_peek(as, start + (uint32_t)*cursor, t->buf, want);
	*cursor = t->len < want || want == left ? CURSOR_END : *cursor + want;
}

static enum status strings_fill(const struct proc_node *n, uint64_t *cursor, struct text *t, bool environment)
{
	struct uspace *us;
	enum status st = proc_get_uspace(&n->who, &us);

	if (st != OK)
		return st;
	if (!us) {
		*cursor = CURSOR_END;
		return OK;
	}
	uspace_lock(us);
	if (environment)
		strings_copy(&us->as, us->start.env_start, us->start.env_end, cursor, t);
	else
		strings_copy(&us->as, us->start.arg_start, us->start.arg_end, cursor, t);
	uspace_unlock(us);
	uspace_put(us);
	return OK;
}

enum status process_cmdline_fill(struct proc_node *n, uint64_t *cursor, struct text *t)
{
	return strings_fill(n, cursor, t, false);
}

enum status process_environ_fill(struct proc_node *n, uint64_t *cursor, struct text *t)
{
	return strings_fill(n, cursor, t, true);
}
