/* Descriptors: an array of pointers that begins inside the table itself and doubles when it is full, beside a bitmap
   of what is taken.  The lowest free one is found from a hint upwards, a word at a time.
   Changes take the table's lock though nobody shares a table yet: it costs five instructions, and threads will. */
#include <fs/fdtable.h>

#include <fs/file.h>
#include <fs/mount.h>
#include <fs/path.h>
#include <fs/vnode.h>
#include <kern/procinfo.h>
#include <kern/sched.h>
#include <lib/assert.h>
#include <lib/bitmap.h>
#include <lib/string.h>
#include <mm/kmalloc.h>

static struct kmem_cache *tables;

static bool bit_test(const uint32_t *map, uint32_t n)
{
	return map[n / 32] & (1u << n % 32);
}

static void bit_set(uint32_t *map, uint32_t n, bool on)
{
	if (on)
		map[n / 32] |= 1u << n % 32;
	else
		map[n / 32] &= ~(1u << n % 32);
}

/* --- finding a file --- */

bool fd_hold_shared(struct proc_files *t, uint32_t fd, struct fd_hold *h)
{
	spin_lock(&t->lock);
	h->file = fd < t->capacity ? t->slots[fd] : NULL;
	h->counted = h->file != NULL;
	if (h->file)
		file_ref(h->file);
	spin_unlock(&t->lock);
	return h->counted;
}

void fd_drop_counted(struct fd_hold *h)
{
	file_put(h->file);
}

/* --- growing --- */

static bool slots_grow(struct proc_files *t) requires_lock(t->lock)
{
	uint32_t n = t->capacity * 2;
	struct file **slots = kmalloc(n * sizeof *slots);

	if (!slots)
		return false;
	memcpy(slots, t->slots, t->capacity * sizeof *slots);
	memset(slots + t->capacity, 0, t->capacity * sizeof *slots);
	memset(&t->used[t->capacity / 32], 0, t->capacity / 8);
	memset(&t->cloexec[t->capacity / 32], 0, t->capacity / 8);
	if (t->slots != t->inline_slots)
		kfree(t->slots);
	t->slots = slots;
	t->capacity = n;
	return true;
}

/* The lowest free descriptor >= FROM; capacity when there is none below it. */
static uint32_t lowest_free(const struct proc_files *t, uint32_t from)
{
	uint32_t word = from / 32;
	uint32_t taken;

	if (from >= t->capacity)
		return from;
	taken = t->used[word] | ((1u << from % 32) - 1);
	while (taken == UINT32_MAX) {
		if (++word == t->capacity / 32)
			return t->capacity;
		taken = t->used[word];
	}
	return word * 32 + (uint32_t)__builtin_ctz(~taken);
}

static int32_t reserve(struct proc_files *t, uint32_t from, bool cloexec) requires_lock(t->lock)
{
	uint32_t fd = lowest_free(t, from > t->lowest ? from : t->lowest);

	if (fd >= FD_MAX)
		return E_MFILE;
	while (fd >= t->capacity)
		if (!slots_grow(t))
			return E_NOMEM;
	bit_set(t->used, fd, true);
	bit_set(t->cloexec, fd, cloexec);
	if (from <= t->lowest)
		t->lowest = fd + 1;
	return (int32_t)fd;
}

/* --- descriptors of the current process --- */

int32_t fd_reserve(uint32_t from, bool cloexec)
{
	struct proc_files *t = current_files();
	int32_t fd;

	spin_lock(&t->lock);
	fd = reserve(t, from, cloexec);
	spin_unlock(&t->lock);
	return fd;
}

void fd_fill(uint32_t fd, struct file *f)
{
	struct proc_files *t = current_files();

	spin_lock(&t->lock);
	DEBUG_ASSERT(bit_test(t->used, fd) && !t->slots[fd]);
	t->slots[fd] = f;
	spin_unlock(&t->lock);
}

/* What FD was, which is free now. */
static struct file *take(struct proc_files *t, uint32_t fd) requires_lock(t->lock)
{
	struct file *f = t->slots[fd];

	t->slots[fd] = NULL;
	bit_set(t->used, fd, false);
	if (fd < t->lowest)
		t->lowest = fd;
	return f;
}

void fd_unreserve(uint32_t fd)
{
	struct proc_files *t = current_files();

	spin_lock(&t->lock);
	take(t, fd);
	spin_unlock(&t->lock);
}

int32_t fd_install(struct file *f, uint32_t from, bool cloexec)
{
	int32_t fd = fd_reserve(from, cloexec);

	if (fd >= 0)
		fd_fill((uint32_t)fd, f);
	return fd;
}

enum status fd_install_pair(struct file *a, struct file *b, bool cloexec, int32_t fd[2])
{
	fd[0] = fd_reserve(0, cloexec);
	if (fd[0] < 0)
		return (enum status)fd[0];
	fd[1] = fd_reserve(0, cloexec);
	if (fd[1] < 0) {
		fd_unreserve((uint32_t)fd[0]);
		return (enum status)fd[1];
	}
	fd_fill((uint32_t)fd[0], a);
	fd_fill((uint32_t)fd[1], b);
	return OK;
}

enum status fd_close(uint32_t fd)
{
	struct proc_files *t = current_files();
	struct file *f = NULL;

	spin_lock(&t->lock);
	if (fd < t->capacity && t->slots[fd])
		f = take(t, fd);
	spin_unlock(&t->lock);
	if (!f)
		return E_BADF;
	file_put(f);
	return OK;
}

/* OLD is open and NEW another one. */
static int32_t replace(struct proc_files *t, uint32_t old, uint32_t new_fd, struct file **was) requires_lock(t->lock)
{
	while (new_fd >= t->capacity)
		if (!slots_grow(t))
			return E_NOMEM;
	if (bit_test(t->used, new_fd) && !t->slots[new_fd])
		return E_BUSY; /* another thread is opening it just now */
	*was = t->slots[new_fd];
	file_ref(t->slots[old]);
	t->slots[new_fd] = t->slots[old];
	bit_set(t->used, new_fd, true);
	bit_set(t->cloexec, new_fd, false);
	return (int32_t)new_fd;
}

int32_t fd_dup2(uint32_t old, uint32_t new_fd)
{
	struct proc_files *t = current_files();
	struct file *was = NULL;
	int32_t result = E_BADF;

	spin_lock(&t->lock);
	if (old < t->capacity && t->slots[old] && new_fd < FD_MAX)
		result = old == new_fd ? (int32_t)new_fd : replace(t, old, new_fd, &was);
	spin_unlock(&t->lock);
	if (was)
		file_put(was);
	return result;
}

int32_t fd_get_cloexec(uint32_t fd)
{
	struct proc_files *t = current_files();
	int32_t result = E_BADF;

	spin_lock(&t->lock);
	if (fd < t->capacity && t->slots[fd])
		result = bit_test(t->cloexec, fd);
	spin_unlock(&t->lock);
	return result;
}

enum status fd_set_cloexec(uint32_t fd, bool on)
{
	struct proc_files *t = current_files();
	enum status st = E_BADF;

	spin_lock(&t->lock);
	if (fd < t->capacity && t->slots[fd]) {
		bit_set(t->cloexec, fd, on);
		st = OK;
	}
	spin_unlock(&t->lock);
	return st;
}

/* Close the descriptors of T that MAP has, with 32 in each word. */
static void close_all(struct proc_files *t, const uint32_t *map)
{
	for (uint32_t word = 0; word < t->capacity / 32; word++) {
		uint32_t left = map[word] & t->used[word];

		for (; left != 0; left &= left - 1) {
			uint32_t fd = word * 32 + (uint32_t)__builtin_ctz(left);
			struct file *f;

			spin_lock(&t->lock);
			f = take(t, fd);
			spin_unlock(&t->lock);
			if (f)
				file_put(f);
		}
		sched_point();
	}
}

void files_close_on_exec(void)
{
	struct proc_files *t = current_files();

	close_all(t, t->cloexec);
}

/* --- of other processes: the lock of processes keeps the table, its own lock what is in it --- */

struct file *files_get(struct proc *p, uint32_t fd)
{
	struct proc_files *t = p->files;
	struct file *f = NULL;

	if (!t)
		return NULL;
	spin_lock(&t->lock);
	if (fd < t->capacity)
		f = t->slots[fd];
	if (f)
		file_ref(f);
	spin_unlock(&t->lock);
	return f;
}

/* A reference to what WHERE, a field of T, has. */
static struct vnode *get_vnode(struct proc_files *t, struct vnode *const *where)
{
	struct vnode *vn;

	spin_lock(&t->lock);
	vn = *where;
	if (vn)
		vnode_ref(vn);
	spin_unlock(&t->lock);
	return vn;
}

struct vnode *files_get_cwd(struct proc *p)
{
	return p->files ? get_vnode(p->files, &p->files->cwd) : NULL;
}

struct vnode *files_get_program(struct proc *p)
{
	return p->files ? get_vnode(p->files, &p->files->program) : NULL;
}

int32_t files_next(struct proc *p, uint32_t from)
{
	struct proc_files *t = p->files;
	uint32_t fd = BITMAP_NONE;

	if (!t)
		return E_BADF;
	spin_lock(&t->lock);
	do
		fd = bitmap_find_set(t->used, t->capacity, fd == BITMAP_NONE ? from : fd + 1);
	while (fd != BITMAP_NONE && !t->slots[fd]); /* reserved, not open yet */
	spin_unlock(&t->lock);
	return fd == BITMAP_NONE ? (int32_t)E_BADF : (int32_t)fd;
}

uint32_t files_umask(struct proc *p)
{
	return p->files ? p->files->umask : 0;
}

uint32_t files_capacity(struct proc *p)
{
	return p->files ? p->files->capacity : 0;
}

/* --- the table as a whole --- */

void files_set_program(struct vnode *vn)
{
	struct proc_files *t = current_files();
	struct vnode *old;

	spin_lock(&t->lock);
	old = t->program;
	t->program = vn;
	spin_unlock(&t->lock);
	if (old)
		program_close(old);
}

void files_set_cwd(struct vnode *dir)
{
	struct proc_files *t = current_files();
	struct vnode *old;

	spin_lock(&t->lock);
	old = t->cwd;
	t->cwd = dir;
	spin_unlock(&t->lock);
	vnode_put(old);
}

static struct proc_files *table_alloc(void)
{
	struct proc_files *t = kmem_alloc(tables);

	if (!t)
		return NULL;
	spinlock_init(&t->lock, RANK_FILES, "descriptors");
	t->users = 1;
	t->capacity = FD_INLINE;
	t->lowest = 0;
	t->slots = t->inline_slots;
	t->program = NULL;
	memset(t->inline_slots, 0, sizeof t->inline_slots);
	t->used[0] = 0;
	t->cloexec[0] = 0;
	return t;
}

enum status files_create(struct proc *p)
{
	struct proc_files *t = table_alloc();

	if (!t)
		return E_NOMEM;
	vnode_ref(root_vnode);
	t->cwd = root_vnode;
	t->umask = 022;
	p->files = t;
	return OK;
}

enum status files_open_standard(const char *path)
{
	struct file *f;
	enum status st = current_files() ? OK : files_create(current_proc());
	int32_t fd;

	if (st == OK)
		st = file_open(root_vnode, path, O_RDWR, 0, &f);
	if (st != OK)
		return st;
	fd = fd_install(f, 0, false);
	if (fd < 0) {
		file_put(f);
		return (enum status)fd;
	}
	for (uint32_t i = 1; i <= 2 && fd >= 0; i++)
		fd = fd_dup2(0, i);
	return fd < 0 ? (enum status)fd : OK;
}

/* TO, which is empty, gets the descriptors of FROM. */
static void slots_copy(struct proc_files *to, const struct proc_files *from)
{
	uint32_t words = from->capacity / 32;

	for (uint32_t word = 0; word < words; word++) {
		to->used[word] = 0;
		to->cloexec[word] = from->cloexec[word];
		for (uint32_t left = from->used[word]; left != 0; left &= left - 1) {
			uint32_t fd = word * 32 + (uint32_t)__builtin_ctz(left);

			if (!from->slots[fd])
				continue; /* reserved by another thread */
			file_ref(from->slots[fd]);
			to->slots[fd] = from->slots[fd];
			bit_set(to->used, fd, true);
		}
	}
	to->lowest = from->lowest;
}

enum status files_fork(struct proc *parent, struct proc *child)
{
	struct proc_files *from = parent->files, *to = table_alloc();

	if (!to)
		return E_NOMEM;
	while (to->capacity < from->capacity) {
		bool grown;

		spin_lock(&to->lock);
		grown = slots_grow(to);
		spin_unlock(&to->lock);
		if (!grown)
			goto free_table;
	}
	slots_copy(to, from);
	vnode_ref(from->cwd);
	to->cwd = from->cwd;
	to->umask = from->umask;
	if (from->program && vnode_deny_writers(from->program) == OK) { /* it is denied already: this only counts */
		vnode_ref(from->program);
		to->program = from->program;
	}
	child->files = to;
	return OK;
free_table:
	if (to->slots != to->inline_slots)
		kfree(to->slots);
	kmem_free(tables, to);
	return E_NOMEM;
}

void files_exit(struct proc *p)
{
	struct proc_files *t = proc_take_files(p);

	if (!t)
		return; /* a fork that failed before it had any */
	close_all(t, t->used);
	vnode_put(t->cwd);
	if (t->program)
		program_close(t->program);
	if (t->slots != t->inline_slots)
		kfree(t->slots);
	kmem_free(tables, t);
}

void files_init(void)
{
	tables = kmem_cache_create("descriptors", sizeof(struct proc_files), KMEM_PLAIN);
}
