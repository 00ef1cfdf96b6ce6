/* System calls about the machine as a whole: what it is, how it is, and its end. */
#include <abi/dormouse.h>
#include <abi/misc.h>
#include <arch/time.h>
#include <fs/fs.h>
#include <kern/log.h>
#include <kern/proc.h>
#include <kern/sched.h>
#include <kern/time.h>
#include <kern/version.h>
#include <lib/div64.h>
#include <lib/string.h>
#include <mm/frame.h>
#include <mm/kmalloc.h>

#include "sys_priv.h"

int32_t sys_uname(const struct syscall_args *a)
{
	static const struct abi_utsname name = {
		.sysname = KERNEL_NAME,
		.nodename = "dormouse",
		.release = KERNEL_RELEASE,
		.version = KERNEL_VERSION,
		.machine = KERNEL_MACHINE,
		.domainname = "(none)",
	};

	return copy_to_user(user_ptr(a->v[0]), &name, sizeof name);
}

int32_t sys_sysinfo(const struct syscall_args *a)
{
	struct abi_sysinfo info = {.mem_unit = 1};
	uint32_t rem;

	info.uptime = (int32_t)div64_u32(time_uptime_ns(), 1000000000u, &rem);
	info.totalram = frame_count_total() * PAGE_SIZE;
	info.freeram = frame_count_free() * PAGE_SIZE;
	info.bufferram = frame_count_kind(FRAME_CACHE) * PAGE_SIZE;
	info.procs = (uint16_t)proc_count();
	return copy_to_user(user_ptr(a->v[0]), &info, sizeof info);
}

int32_t sys_reboot(const struct syscall_args *a)
{
	if (a->v[0] != ABI_REBOOT_MAGIC1 || a->v[1] != ABI_REBOOT_MAGIC2)
		return E_INVAL;
	switch (a->v[2]) {
	case ABI_REBOOT_POWER_OFF: machine_shutdown(MACHINE_POWER_OFF);
	case ABI_REBOOT_RESTART: machine_shutdown(MACHINE_RESET);
	case ABI_REBOOT_HALT: machine_shutdown(MACHINE_HALT);
	default: return E_INVAL;
	}
}

/* Records that one page of kernel memory holds: what goes to the program at a time. */
#define PROCS_PIECE (PAGE_SIZE / sizeof(struct abi_procinfo))

/* Up to ROOM records to TO, in pieces; who comes or goes meanwhile may be missed. => their number. */
static int32_t procs_copy(struct abi_procinfo *piece, user_ptr_t to, uint32_t room)
{
	uint32_t done = 0, got;
	enum status st;

	do {
		uint32_t want = room - done < PROCS_PIECE ? room - done : PROCS_PIECE;

		got = proc_list(piece, done, want);
		st = copy_to_user(user_ptr_add(to, done * sizeof *piece), piece, got * sizeof *piece);
		if (st != OK)
			return st;
		done += got;
	} while (got == PROCS_PIECE);
	return (int32_t)done;
}

int32_t sys_getprocs(const struct syscall_args *a)
{
	uint32_t room = a->v[1] / sizeof(struct abi_procinfo);
	struct abi_procinfo *piece;
	int32_t got;

	if (room == 0)
		return (int32_t)proc_count();
	piece = kmalloc(PAGE_SIZE);
	if (!piece)
		return E_NOMEM;
	got = procs_copy(piece, user_ptr(a->v[0]), room);
	kfree(piece);
	/* What did not fit counts too: the caller sees that there is more. */
	if (got == (int32_t)room && proc_count() > room)
		got = (int32_t)proc_count();
	return got;
}

/* Skip the oldest lines until what is left fits into SIZE bytes. => where to begin. */
static uint32_t log_start(char *piece, uint32_t size)
{
	uint32_t total = 0, position = 0, start = 0, n;

	while ((n = (uint32_t)log_read_from(&position, piece, PAGE_SIZE)) > 0)
		total += n;
	for (position = 0; total > size && (n = (uint32_t)log_read_from(&position, piece, PAGE_SIZE)) > 0; total -= n)
		start = position;
	return start;
}

/* In pieces of a page; the newest ones that fit. */
static int32_t log_copy(char *piece, user_ptr_t to, uint32_t size)
{
	uint32_t position = log_start(piece, size), done = 0, n;

	while (done < size) {
		uint32_t room = size - done < PAGE_SIZE ? size - done : PAGE_SIZE;
		enum status st;

		n = (uint32_t)log_read_from(&position, piece, room);
		if (n == 0)
			break;
		st = copy_to_user(user_ptr_add(to, done), piece, n);
		if (st != OK)
			return st;
		done += n;
	}
	return (int32_t)done;
}

int32_t sys_klog(const struct syscall_args *a)
{
	enum status st;
	char *piece;
	int32_t n;

	if (a->v[1] == 0)
		return 0;
	piece = kmalloc(PAGE_SIZE);
	if (!piece)
		return E_NOMEM;
	/* A buffer of less than a page gets the newest lines that fit at once. */
	if (a->v[1] < PAGE_SIZE) {
		n = (int32_t)log_read(piece, a->v[1]);
		st = copy_to_user(user_ptr(a->v[0]), piece, (size_t)n);
		if (st != OK)
			n = st;
	} else {
		n = log_copy(piece, user_ptr(a->v[0]), a->v[1]);
	}
	kfree(piece);
	return n;
}

static void kstat_fill(struct abi_kstat *k)
{
	struct fs_counters fs;

	*k = (struct abi_kstat){.size = sizeof *k, .ncpus = cpu_count()};
	k->free = memory_available() * PAGE_SIZE;
	fs_count(&fs); /* after that has dropped what it could */
	k->total = frame_count_total() * PAGE_SIZE;
	k->cached = fs.cached * PAGE_SIZE;
	k->dirty = fs.dirty * PAGE_SIZE;
	k->kernel = memory_kernel_bytes();
	k->tables = frame_count_kind(FRAME_TABLE) * PAGE_SIZE;
	k->anon = (frame_count_kind(FRAME_ANON) + frame_count_kind(FRAME_SHARED)) * PAGE_SIZE;
	k->slab = frame_count_kind(FRAME_SLAB) * PAGE_SIZE;
	k->nprocs = proc_count();
	k->nthreads = sched_thread_count();
	k->nfiles = fs.files;
	k->nvnodes = fs.vnodes;
	k->uptime_ns = time_uptime_ns();
	k->idle_ns = sched_idle_ns();
	k->boot_instructions = boot_cycles();
}

static void kstat_cache(struct abi_kstat_cache *out, const struct kmem_stat *s)
{
	*out = (struct abi_kstat_cache){.object_size = s->object_size, .live = s->live, .pages = s->pages};
	str_copy(out->name, sizeof out->name, s->name);
}

int32_t sys_kstat(const struct syscall_args *a)
{
	uint32_t size = sizeof(struct abi_kstat), i;
	struct abi_kstat_cache *cache;
	struct abi_kstat *k;
	struct kmem_stat s;
	enum status st;

	k = kmalloc(PAGE_SIZE);
	if (!k)
		return E_NOMEM;
	kstat_fill(k);
	cache = (struct abi_kstat_cache *)(k + 1);
	for (i = 0; size + sizeof *cache <= PAGE_SIZE && kmem_stat_get(i, &s); i++, size += sizeof *cache)
		kstat_cache(&cache[i], &s);
	k->ncaches = i;
	st = copy_to_user(user_ptr(a->v[0]), k, size < a->v[1] ? size : a->v[1]);
	kfree(k);
	return st == OK ? (int32_t)size : st;
}
