/* The machine as a whole.  Each file is one look; counters of other CPUs are read as they are at the moment. */
#include "procfs_priv.h"

#include <arch/cpu.h>
#include <dev/blk.h>
#include <fs/fs.h>
#include <fs/mount.h>
#include <fs/pagecache.h>
#include <fs/path.h>
#include <kern/oom.h>
#include <kern/sched.h>
#include <kern/shm.h>
#include <kern/time.h>
#include <kern/version.h>
#include <lib/div64.h>
#include <lib/fmt.h>
#include <lib/string.h>
#include <mm/commit.h>
#include <mm/fault_policy.h>
#include <mm/frame.h>
#include <mm/kmalloc.h>

#define NS_PER_TICK (NS_PER_S / ABI_CLK_TCK)
#define KB_PER_PAGE (PAGE_SIZE / 1024)

const char *kernel_cmdline;

/* --- memory --- */

/* Pages. */
struct memory {
	uint32_t total, free, available;
	uint32_t cached, blocks, dirty, writing, mapped; /* blocks and the others are among cached */
	uint32_t anon, shared, tables, stacks;
	uint32_t slab, slab_reclaimable;
};

static void memory_look(struct memory *m)
{
	uint32_t unmapped = frame_count_reclaimable();

	*m = (struct memory){
		.total = frame_count_total(),
		.free = frame_count_free(),
		.cached = pagecache_count(),
		.blocks = pagecache_blocks(),
		.dirty = pagecache_dirty(),
		.writing = pagecache_writing(),
		.anon = frame_count_kind(FRAME_ANON),
		.shared = frame_count_kind(FRAME_SHARED),
		.tables = frame_count_kind(FRAME_TABLE),
		.stacks = thread_count() * STACK_PAGES,
		.slab = frame_count_kind(FRAME_SLAB),
		.slab_reclaimable = kmalloc_reclaimable_pages(),
	};
	m->mapped = m->cached > unmapped ? m->cached - unmapped : 0;
	m->available = m->free + unmapped + m->slab_reclaimable;
}

/* Pages, as KiB that 32 bits hold. */
static void put_pages(struct text *t, const char *name, uint32_t pages)
{
	text_put_kb(t, name, pages < UINT32_MAX / KB_PER_PAGE ? pages * KB_PER_PAGE : UINT32_MAX);
}

enum status meminfo_fill(struct proc_node *n, uint64_t *cursor, struct text *t)
{
	struct memory m;

	(void)n;
	memory_look(&m);
	put_pages(t, "MemTotal", m.total);
	put_pages(t, "MemFree", m.free);
	put_pages(t, "MemAvailable", m.available);
	put_pages(t, "Buffers", m.blocks);
	put_pages(t, "Cached", m.cached - m.blocks);
	put_pages(t, "SwapCached", 0);
	put_pages(t, "SwapTotal", 0);
	put_pages(t, "SwapFree", 0);
	put_pages(t, "Dirty", m.dirty);
	put_pages(t, "Writeback", m.writing);
	put_pages(t, "AnonPages", m.anon);
	put_pages(t, "Mapped", m.mapped);
	put_pages(t, "Shmem", m.shared);
	put_pages(t, "Slab", m.slab);
	put_pages(t, "SReclaimable", m.slab_reclaimable);
	put_pages(t, "SUnreclaim", m.slab - m.slab_reclaimable);
	put_pages(t, "KernelStack", m.stacks);
	put_pages(t, "PageTables", m.tables);
	put_pages(t, "CommitLimit", commit_limit());
	put_pages(t, "Committed_AS", commit_total());
	*cursor = CURSOR_END;
	return OK;
}

static void put_value(struct text *t, const char *name, uint32_t value)
{
	text_put(t, "%s %u\n", name, (unsigned)value);
}

static void put_faults(struct text *t)
{
	put_value(t, "fault_zero_fill", fault_count(FAULT_ZERO_FILL));
	put_value(t, "fault_zero_page", fault_count(FAULT_ZERO_PAGE));
	put_value(t, "fault_cow_copy", fault_count(FAULT_COPY));
	put_value(t, "fault_cow_takeover", fault_count(FAULT_TAKE_OVER));
	put_value(t, "fault_table_split", fault_count(FAULT_OWN_TABLE));
	put_value(t, "fault_file",
	          fault_count(FAULT_OBJECT_READ) + fault_count(FAULT_OBJECT_COPY) + fault_count(FAULT_OBJECT_WRITE));
	put_value(t, "fault_stack", fault_count(FAULT_GROW_STACK));
	put_value(t, "fault_spurious", fault_count(FAULT_ALREADY_DONE));
	put_value(t, "fault_refused", fault_count(FAULT_REFUSE));
	put_value(t, "fault_out_of_memory", oom_fault_count());
}

/* Faults, each counted once: making a table changeable and growing the stack are steps on the way. */
static uint32_t faults_in_all(void)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < FAULT_ACTIONS; i++)
		if (i != FAULT_OWN_TABLE && i != FAULT_GROW_STACK)
			n += fault_count(i);
	return n;
}

enum status vmstat_fill(struct proc_node *n, uint64_t *cursor, struct text *t)
{
	struct memory m;

	(void)n;
	memory_look(&m);
	put_value(t, "nr_free_pages", m.free);
	put_value(t, "nr_anon_pages", m.anon);
	put_value(t, "nr_mapped", m.mapped);
	put_value(t, "nr_file_pages", m.cached);
	put_value(t, "nr_shmem", m.shared);
	put_value(t, "nr_dirty", m.dirty);
	put_value(t, "nr_writeback", m.writing);
	put_value(t, "nr_slab_reclaimable", m.slab_reclaimable);
	put_value(t, "nr_slab_unreclaimable", m.slab - m.slab_reclaimable);
	put_value(t, "nr_page_table_pages", m.tables);
	put_value(t, "nr_kernel_stack", m.stacks * KB_PER_PAGE);
	put_value(t, "pswpin", 0);
	put_value(t, "pswpout", 0);
	put_value(t, "pgfault", faults_in_all());
	put_value(t, "pgmajfault", fault_count(FAULT_COUNT_MAJOR));
	put_faults(t);
	put_value(t, "oom_kill", oom_kill_count());
	*cursor = CURSOR_END;
	return OK;
}

static void put_slab(struct text *t, const struct kmem_stat *s)
{
	uint32_t objects = s->pages * s->per_page;

	text_put(t, "%-17s %6u %6u %6u %4u %4u : tunables %4u %4u %4u : slabdata %6u %6u %6u\n", s->name,
	         (unsigned)s->live, (unsigned)objects, (unsigned)s->object_size, (unsigned)s->per_page, 1u, 0u, 0u, 0u,
	         (unsigned)s->pages, (unsigned)s->pages, 0u);
}

/* The cursor: the cache, plus one. */
enum status slabinfo_fill(struct proc_node *n, uint64_t *cursor, struct text *t)
{
	struct kmem_stat s;

	(void)n;
	if (*cursor == 0) {
		text_put(t, "slabinfo - version: 2.1\n"
		            "# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>"
		            " : tunables <limit> <batchcount> <sharedfactor>"
		            " : slabdata <active_slabs> <num_slabs> <sharedavail>\n");
		*cursor = 1;
	}
	while (kmem_stat_get((unsigned)*cursor - 1, &s)) {
		put_slab(t, &s);
		if (t->full)
			return OK;
		++*cursor;
	}
	*cursor = CURSOR_END;
	return OK;
}

/* --- shared memory --- */

static void put_segment(struct text *t, const struct sysv_shm_look *l)
{
	text_put(t, "%10d %10d  %4o %10u %5u %5u  %5u %5u %5u %5u %5u %10u %10u %10u %10u %10u\n", (int)l->key,
	         (int)l->id, (unsigned)l->mode, (unsigned)l->size, (unsigned)l->creator, (unsigned)l->last_pid,
	         (unsigned)l->attached, (unsigned)l->uid, (unsigned)l->gid, 0u, 0u, (unsigned)l->atime,
	         (unsigned)l->dtime, (unsigned)l->ctime, (unsigned)(l->present * PAGE_SIZE), 0u);
}

/* The cursor: the lowest id that the next one may have, plus one. */
enum status sysvipc_shm_fill(struct proc_node *n, uint64_t *cursor, struct text *t)
{
	struct sysv_shm_look l;

	(void)n;
	if (*cursor == 0) {
		text_put(t, "       key      shmid perms       size  cpid  lpid nattch   uid   gid  cuid  cgid"
		            "      atime      dtime      ctime        rss       swap\n");
		*cursor = 1;
	}
	while (*cursor <= (uint64_t)INT32_MAX + 1 && sysv_shm_look_from((int32_t)(*cursor - 1), &l) == OK) {
		put_segment(t, &l);
		if (t->full)
			return OK;
		*cursor = (uint64_t)l.id + 2;
	}
	*cursor = CURSOR_END;
	return OK;
}

/* --- time --- */

static uint32_t ticks_of(uint64_t ns)
{
	return (uint32_t)div64_u32(ns, NS_PER_TICK, NULL);
}

/* user nice system idle iowait irq softirq steal guest guest_nice */
static void put_cpu(struct text *t, const char *name, const struct sched_cpu_times *c)
{
	text_put(t, "%s %u 0 %u %u 0 0 0 0 0 0\n", name, (unsigned)c->user_ticks, (unsigned)c->kernel_ticks,
	         (unsigned)ticks_of(c->idle_ns));
}

static void put_cpus(struct text *t)
{
	struct sched_cpu_times all = {0}, one[ARCH_MAX_CPUS];
	char name[8];

	for (unsigned i = 0; i < cpu_count(); i++) {
		sched_cpu_times(i, &one[i]);
		all.user_ticks += one[i].user_ticks;
		all.kernel_ticks += one[i].kernel_ticks;
		all.idle_ns += one[i].idle_ns;
	}
	put_cpu(t, "cpu ", &all);
	for (unsigned i = 0; i < cpu_count(); i++) {
		(void)fmt_snprintf(name, sizeof name, "cpu%u", i);
		put_cpu(t, name, &one[i]);
	}
}

enum status stat_fill(struct proc_node *n, uint64_t *cursor, struct text *t)
{
	struct proc_census procs;

	(void)n;
	proc_take_census(&procs);
	put_cpus(t);
	put_value(t, "ctxt", sched_switch_count());
	put_value(t, "btime", (uint32_t)div64_u32(time_wall_ns() - time_uptime_ns(), NS_PER_S, NULL));
	put_value(t, "processes", procs.made);
	put_value(t, "procs_running", sched_runnable());
	put_value(t, "procs_blocked", procs.blocked);
	*cursor = CURSOR_END;
	return OK;
}

/* NS as seconds with two places. */
static void put_seconds(struct text *t, uint64_t ns, const char *after)
{
	uint32_t ticks = ticks_of(ns);

	text_put(t, "%u.%02u%s", (unsigned)(ticks / ABI_CLK_TCK), (unsigned)(ticks % ABI_CLK_TCK), after);
}

enum status uptime_fill(struct proc_node *n, uint64_t *cursor, struct text *t)
{
	(void)n;
	put_seconds(t, time_uptime_ns(), " ");
	put_seconds(t, sched_idle_ns(), "\n");
	*cursor = CURSOR_END;
	return OK;
}

enum status loadavg_fill(struct proc_node *n, uint64_t *cursor, struct text *t)
{
	struct proc_census procs;
	uint32_t loads[3];

	(void)n;
	proc_take_census(&procs);
	sched_loads(loads);
	for (unsigned i = 0; i < ARRAY_SIZE(loads); i++)
		text_put(t, "%u.%02u ", (unsigned)(loads[i] / SCHED_LOAD_ONE),
		         (unsigned)(loads[i] % SCHED_LOAD_ONE * 100 / SCHED_LOAD_ONE));
	text_put(t, "%u/%u %d\n", sched_runnable(), sched_thread_count(), (int)procs.last_pid);
	*cursor = CURSOR_END;
	return OK;
}

/* --- what it is --- */

enum status version_fill(struct proc_node *n, uint64_t *cursor, struct text *t)
{
	(void)n;
	text_put(t, "%s version %s (%s) %s\n", KERNEL_NAME, KERNEL_RELEASE, KERNEL_VERSION, KERNEL_MACHINE);
	*cursor = CURSOR_END;
	return OK;
}

/* The cursor: the CPU. */
enum status cpuinfo_fill(struct proc_node *n, uint64_t *cursor, struct text *t)
{
	(void)n;
	for (; *cursor < cpu_count(); ++*cursor) {
		text_put(t, "processor\t: %u\nmodel name\t: %s\nfeatures\t: %08x\n\n", (unsigned)*cursor,
		         KERNEL_MACHINE, (unsigned)cpu_features());
		if (t->full)
			return OK;
	}
	*cursor = CURSOR_END;
	return OK;
}

static enum status put_mount(struct text *t, const struct mount *m)
{
	char *path = kmalloc(PATH_SHOWN);
	enum status st;

	if (!path)
		return E_NOMEM;
	st = path_show(m->root, path);
	if (st == OK)
		text_put(t, "%s%s %s %s %s 0 0\n", m->disk ? "/dev/" : "", m->disk ? m->disk->device->name : m->type,
		         path, m->type, m->readonly ? "ro" : "rw");
	kfree(path);
	return st;
}

/* The cursor: the mount. */
enum status mounts_fill(struct proc_node *n, uint64_t *cursor, struct text *t)
{
	const struct mount *m;
	enum status st;

	(void)n;
	while ((m = mount_at((unsigned)*cursor)) != NULL) {
		st = put_mount(t, m);
		if (st != OK || t->full)
			return st;
		++*cursor;
	}
	*cursor = CURSOR_END;
	return OK;
}

enum status filesystems_fill(struct proc_node *n, uint64_t *cursor, struct text *t)
{
	(void)n;
	text_put(t, "nodev\tproc\nnodev\tdevfs\n\tdmfs\n");
	*cursor = CURSOR_END;
	return OK;
}

/* The cursor: bytes of it that were read. */
enum status kernel_cmdline_fill(struct proc_node *n, uint64_t *cursor, struct text *t)
{
	uint32_t len = (uint32_t)strlen(kernel_cmdline), at = (uint32_t)*cursor, room = t->size - 2;

	(void)n;
	if (len - at <= room) {
		text_put(t, "%s\n", kernel_cmdline + at);
		*cursor = CURSOR_END;
	} else {
		text_put(t, "%.*s", (int)room, kernel_cmdline + at);
		*cursor += room;
	}
	return OK;
}
