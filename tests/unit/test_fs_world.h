/* A machine for the tests of fs: RAM, a disk in memory with an empty dmfs on it, one process with user memory whose
   pages can be missing, and a sleep that calls the test.  Everything of fs, dmfs and mm is real; kern and the drivers
   are played here. */
#ifndef TEST_FS_WORLD_H
#define TEST_FS_WORLD_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <abi/dirent.h>
#include <arch/boot.h>
#include <arch/hooks.h>
#include <arch/mmu.h>
#include <dev/blk.h>
#include <dev/chardev.h>
#include <dmfs/check.h>
#include <dmfs/make.h>
#include <fs/fdtable.h>
#include <fs/file.h>
#include <fs/fs.h>
#include <fs/mount.h>
#include <fs/names.h>
#include <fs/pagecache.h>
#include <fs/path.h>
#include <kern/log.h>
#include <kern/mappings.h>
#include <kern/proc.h>
#include <kern/procinfo.h>
#include <kern/sched.h>
#include <kern/signal.h>
#include <kern/time.h>
#include <kern/usercopy.h>
#include <mm/kmalloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORLD_FRAMES 4096u
#define DISK_BLOCKS 2048u
#define USER_BASE 0x10000000u
#define USER_PAGES 64u
#define USER_BYTES (USER_PAGES * PAGE_SIZE)

/* --- user memory --- */

static uint8_t user_memory[USER_BYTES];
static bool user_missing[USER_PAGES]; /* promised, not there: comes with user_fault_in */
static unsigned user_faults;

static inline uint8_t *user_at(user_ptr_t p)
{
	return &user_memory[p.va - USER_BASE];
}

static inline user_ptr_t user_addr(uint32_t offset)
{
	return user_ptr(USER_BASE + offset);
}

static inline bool user_valid(user_ptr_t p)
{
	return p.va - USER_BASE < USER_BYTES;
}

/* How many bytes at P can be reached, at most N; FAULT: missing pages come. */
static inline size_t user_reach(user_ptr_t p, size_t n, bool fault)
{
	size_t done = 0;

	while (done < n && user_valid(user_ptr_add(p, (uint32_t)done))) {
		uint32_t at = p.va - USER_BASE + (uint32_t)done;

		if (user_missing[at / PAGE_SIZE]) {
			if (!fault)
				break;
			user_missing[at / PAGE_SIZE] = false;
			user_faults++;
		}
		done += PAGE_SIZE - at % PAGE_SIZE;
	}
	return done < n ? done : n;
}

size_t copy_from_user_nofault(void *to, user_ptr_t from, size_t n)
{
	n = user_reach(from, n, false);
	if (n > 0)
		memcpy(to, user_at(from), n);
	return n;
}

size_t copy_to_user_nofault(user_ptr_t to, const void *from, size_t n)
{
	n = user_reach(to, n, false);
	if (n > 0)
		memcpy(user_at(to), from, n);
	return n;
}

size_t copy_to_user_some(user_ptr_t to, const void *from, size_t n)
{
	n = user_reach(to, n, true);
	if (n > 0)
		memcpy(user_at(to), from, n);
	return n;
}

enum status copy_to_user(user_ptr_t to, const void *from, size_t n)
{
	return copy_to_user_some(to, from, n) == n ? OK : E_FAULT;
}

enum status clear_user(user_ptr_t to, size_t n)
{
	size_t got = user_reach(to, n, true);

	if (got > 0)
		memset(user_at(to), 0, got);
	return got == n ? OK : E_FAULT;
}

enum status user_fault_in(user_ptr_t p, bool write)
{
	(void)write;
	return user_reach(p, 1, true) == 1 ? OK : E_FAULT;
}

/* --- threads that sleep and wake --- */

static void (*world_sleep)(void); /* plays the others while the one thread waits; NULL: nobody will ever wake it */
static unsigned world_wakes;
static enum status world_wait_status = OK;

void waitq_init(struct waitq *q)
{
	spinlock_init(&q->lock, RANK_WAITQ, "queue");
	list_init(&q->waiters);
}

enum status waitq_wait(struct waitq *q, struct spinlock *held, enum wait_mode mode, uint64_t deadline) no_lock_check
{
	(void)q, (void)mode, (void)deadline;
	assert_non_null(world_sleep);
	if (held)
		spin_unlock(held);
	world_sleep();
	if (held)
		spin_lock(held);
	return world_wait_status;
}

/* Only for a file that is just being cut off: here nothing runs meanwhile. */
enum status waitq_wait_mutex(struct waitq *q, struct mutex *held, enum wait_mode mode, uint64_t deadline) no_lock_check
{
	(void)q, (void)held, (void)mode, (void)deadline;
	fail_msg("a wait with a mutex");
	return OK;
}

void waitq_wake_one(struct waitq *q)
{
	(void)q;
	world_wakes++;
}

void waitq_wake_all(struct waitq *q)
{
	(void)q;
	world_wakes++;
}

bool waitq_is_empty(const struct waitq *q)
{
	(void)q;
	return world_sleep == NULL;
}

void mutex_init(struct mutex *m, enum lock_rank rank, const char *name)
{
	memset(m, 0, sizeof *m);
	m->rank = (uint16_t)rank;
	m->name = name;
}

void mutex_lock_wait(struct mutex *m)
{
	printf("deadlock on %s, taken at %s\n", m->name, m->where);
	abort();
}

void mutex_unlock_handoff(struct mutex *m)
{
	(void)m;
}

void mutex_check_acquire(struct mutex *m, const char *where, bool pair)
{
	const struct thread *t = current_thread();

	spin_assert_none_held(where);
	for (unsigned i = 0; i < t->nheld; i++) {
		if (t->held[i]->rank < m->rank || (pair && t->held[i]->rank == m->rank))
			continue;
		printf("%s: %s taken after %s of %s\n", where, m->name, t->held[i]->name, t->held[i]->where);
		abort();
	}
}

void mutex_note_acquired(struct mutex *m, const char *where)
{
	struct thread *t = current_thread();

	m->where = where;
	t->held[t->nheld++] = m;
}

void mutex_note_release(struct mutex *m)
{
	struct thread *t = current_thread();
	unsigned i = t->nheld;

	while (t->held[--i] != m)
		assert_true(i > 0);
	for (t->nheld--; i < t->nheld; i++)
		t->held[i] = t->held[i + 1];
}

void sched_yield(void)
{
}

enum status thread_create_kernel(const char *name, void (*fn)(void *), void *arg)
{
	(void)name, (void)fn, (void)arg;
	return OK;
}

/* --- mappings of files --- */

static void (*world_protect)(struct mem_object *o, uint32_t first, uint32_t n); /* NULL: nobody maps anything */
static uint32_t world_cut = UINT32_MAX; /* the last page something was cut from */

void mappings_protect(struct mem_object *o, uint32_t first, uint32_t n)
{
	assert_int_equal(current_thread()->nheld, 0);
	if (world_protect)
		world_protect(o, first, n);
}

void mappings_cut(struct mem_object *o, uint32_t first)
{
	(void)o;
	assert_int_equal(current_thread()->nheld, 0);
	world_cut = first;
}

static int world_signal; /* the last one sent */

bool signal_pending(void)
{
	return false;
}

void signal_send(struct proc *p, int sig)
{
	(void)p;
	world_signal = sig;
}

struct proc_hooks proc_hooks;
uint32_t (*reclaim_file_cache)(void);

struct proc_files *proc_take_files(struct proc *p)
{
	struct proc_files *files = p->files;

	p->files = NULL;
	return files;
}

uint64_t arch_time_ns(void)
{
	static uint64_t now;

	return now += 1000;
}

uint32_t time_wall_s(void)
{
	return 1700000000;
}

static char world_log[256]; /* the last line */

void printk(enum log_level level, const char *fmt, ...)
{
	va_list ap;

	(void)level;
	va_start(ap, fmt);
	vsnprintf(world_log, sizeof world_log, fmt, ap);
	va_end(ap);
}

/* --- the disk --- */

static uint8_t disk_memory[DISK_BLOCKS][PAGE_SIZE];
static bool disk_fail_reads, disk_fail_writes;
static unsigned disk_reads, disk_writes, disk_flushes;

static enum status disk_read(struct blkdev *d, uint32_t block, const paddr_t *pa, unsigned n)
{
	(void)d;
	disk_reads++;
	if (disk_fail_reads)
		return E_IO;
	for (unsigned i = 0; i < n; i++)
		memcpy(arch_window(pa[i]), disk_memory[block + i], PAGE_SIZE);
	return OK;
}

static enum status disk_write(struct blkdev *d, uint32_t block, const paddr_t *pa, unsigned n)
{
	(void)d;
	disk_writes++;
	if (disk_fail_writes)
		return E_IO;
	for (unsigned i = 0; i < n; i++)
		memcpy(disk_memory[block + i], arch_window(pa[i]), PAGE_SIZE);
	return OK;
}

static enum status disk_flush(struct blkdev *d)
{
	(void)d;
	disk_flushes++;
	return OK;
}

static const struct blkdev_ops disk_ops = {.read = disk_read, .write = disk_write, .flush = disk_flush};
static struct blkdev disk = {.ops = &disk_ops, .name = "hda", .blocks = DISK_BLOCKS, .major = 3, .minor = 0};

struct blkdev *blkdev_at(unsigned i)
{
	return i == 0 ? &disk : NULL;
}

struct blkdev *blkdev_find(const char *name)
{
	return strcmp(name, disk.name) == 0 ? &disk : NULL;
}

struct blkdev *blkdev_find_number(unsigned major, unsigned minor)
{
	return major == 3 && minor == 0 ? &disk : NULL;
}

enum status blkdev_read(struct blkdev *d, uint32_t block, const paddr_t *pa, unsigned n)
{
	assert_true(n > 0 && n <= BLK_RUN_MAX && block < d->blocks && n <= d->blocks - block);
	return d->ops->read(d, block, pa, n);
}

enum status blkdev_write(struct blkdev *d, uint32_t block, const paddr_t *pa, unsigned n)
{
	assert_true(n > 0 && n <= BLK_RUN_MAX && block < d->blocks && n <= d->blocks - block);
	return d->ops->write(d, block, pa, n);
}

enum status blkdev_flush(struct blkdev *d)
{
	return d->ops->flush(d);
}

static struct list chardevs = LIST_INIT(chardevs);

void chardev_register(struct chardev *d)
{
	list_add_tail(&chardevs, &d->link);
}

struct chardev *chardev_at(unsigned i)
{
	list_foreach(l, &chardevs)
		if (i-- == 0)
			return LIST_ENTRY(l, struct chardev, link);
	return NULL;
}

struct chardev *chardev_find(const char *name, uint32_t len)
{
	struct chardev *d;

	for (unsigned i = 0; (d = chardev_at(i)) != NULL; i++)
		if (strlen(d->name) == len && memcmp(d->name, name, len) == 0)
			return d;
	return NULL;
}

struct chardev *chardev_find_number(unsigned major, unsigned minor)
{
	struct chardev *d;

	for (unsigned i = 0; (d = chardev_at(i)) != NULL; i++)
		if (d->major == major && d->minor == minor)
			return d;
	return NULL;
}

/* --- the image, reached without fs: to make it, and to check what fs has made of it --- */

static enum status raw_get(void *ctx, uint32_t n, struct dmfs_buf **buf)
{
	(void)ctx;
	*buf = malloc(sizeof **buf);
	(*buf)->data = disk_memory[n];
	return OK;
}

static enum status raw_get_new(void *ctx, uint32_t n, struct dmfs_buf **buf)
{
	memset(disk_memory[n], 0, PAGE_SIZE);
	return raw_get(ctx, n, buf);
}

static void raw_dirty(void *ctx, struct dmfs_buf *buf)
{
	(void)ctx, (void)buf;
}

static void raw_put(void *ctx, struct dmfs_buf *buf)
{
	(void)ctx;
	free(buf);
}

static void raw_forget(void *ctx, uint32_t n)
{
	(void)ctx, (void)n;
}

static struct dmfs_time raw_now(void *ctx)
{
	(void)ctx;
	return (struct dmfs_time){.sec = 1};
}

static void raw_lock(void *ctx)
{
	(void)ctx;
}

static const struct dmfs_ops raw_ops = {
	.get = raw_get,
	.get_new = raw_get_new,
	.dirty = raw_dirty,
	.put = raw_put,
	.forget = raw_forget,
	.now = raw_now,
	.lock_alloc = raw_lock,
	.unlock_alloc = raw_lock,
};

static void world_report(void *arg, const struct dmfs_finding *f)
{
	(void)arg;
	printf("image: %s (inode %u, block %u, found %u, not %u)\n", f->text, f->ino, f->block, f->found, f->expected);
}

/* The image on the disk is clean and without contradiction. */
static inline void world_check_image(void)
{
	struct dmfs fs;
	const char *why = "";
	uint32_t findings = 0;
	void *memory;

	assert_int_equal(dmfs_mount(&fs, &raw_ops, NULL, DISK_BLOCKS, 0, &why), OK);
	assert_true(fs.was_clean);
	memory = calloc(1, dmfs_check_memory(&fs));
	assert_int_equal(dmfs_check(&fs, memory, world_report, NULL, &findings), OK);
	assert_int_equal(findings, 0);
	free(memory);
	assert_int_equal(dmfs_unmount(&fs), OK);
}

/* --- start --- */

static struct proc world_proc;
static struct thread world_thread;

static noreturn_fn void world_panic(const struct trapframe *tf, const char *fmt, va_list ap)
{
	(void)tf;
	vfprintf(stderr, fmt, ap);
	fprintf(stderr, "\n");
	abort();
}

static inline void world_memory(void)
{
	static struct boot_info info = {.nram = 1, .max_pfn = WORLD_FRAMES};

	fake_ram = aligned_alloc(PAGE_SIZE, (size_t)WORLD_FRAMES * PAGE_SIZE);
	kernel_hooks.panic = world_panic;
	fake_irq_on = true;
	info.ram[0] = (struct boot_range){16, WORLD_FRAMES};
	frame_init(&info);
	kmalloc_init();
	world_thread.proc = &world_proc;
	fake_current = &world_thread;
}

/* All of it: a mounted root, and a process in it. */
static inline int world_start(void **state)
{
	const struct dmfs_geometry g = {.blocks = DISK_BLOCKS};
	const char *why = "";

	(void)state;
	world_memory();
	assert_int_equal(dmfs_make(&raw_ops, NULL, &g, &why), OK);
	fs_init();
	assert_int_equal(fs_mount_root(NULL), OK);
	assert_int_equal(files_create(&world_proc), OK);
	return 0;
}

/* Nothing is held, and the image is good. */
static inline int world_end(void **state)
{
	(void)state;
	files_exit(&world_proc);
	assert_int_equal(world_thread.nheld, 0);
	assert_int_equal(fs_shutdown(), OK);
	world_check_image();
	free(fake_ram);
	return 0;
}

/* --- short forms --- */

static inline struct file *open_file(const char *path, uint32_t flags)
{
	struct file *f;
	enum status st = file_open(NULL, path, flags, 0644, &f);

	if (st != OK)
		fail_msg("open %s: %d", path, st);
	return f;
}

static inline int open_status(const char *path, uint32_t flags)
{
	struct file *f;
	enum status st = file_open(NULL, path, flags, 0644, &f);

	if (st == OK)
		file_put(f);
	return st;
}

static inline int make_dir(const char *path)
{
	const struct vnode_make m = {.mode = S_IFDIR | 0755};

	return path_make(NULL, path, &m);
}

static inline void make_file(const char *path, const char *text)
{
	struct file *f = open_file(path, O_CREAT | O_WRONLY | O_TRUNC);

	memcpy(user_memory, text, strlen(text));
	assert_int_equal(file_write(f, user_addr(0), (uint32_t)strlen(text)), strlen(text));
	file_put(f);
}

/* What the file has, as a string; the buffer is the user memory. */
static inline const char *file_text(const char *path)
{
	struct file *f = open_file(path, O_RDONLY);
	int32_t n = file_read(f, user_addr(0), USER_BYTES - 1);

	assert_true(n >= 0);
	user_memory[n] = '\0';
	file_put(f);
	return (const char *)user_memory;
}

static inline int path_status(const char *path)
{
	struct vnode *vn;
	enum status st = path_lookup(NULL, path, &vn);

	if (st == OK)
		vnode_put(vn);
	return st;
}

#endif
