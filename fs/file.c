/* Open file descriptions.
   The offset of one that is shared (dup, fork) is claimed before the bytes are moved: who reads or writes at the same
   time gets the bytes after.  What was claimed and not delivered is given back, unless somebody has claimed what
   follows.  A lock over the whole call was not taken: user memory is copied in it, and a page fault must not wait for
   it.  An unshared one needs none of this. */
#include <fs/file.h>

#include <abi/dirent.h>
#include <dev/blk.h>
#include <dev/chardev.h>
#include <fs/mount.h>
#include <fs/pagecache.h>
#include <fs/path.h>
#include <fs/vnode.h>
#include <kern/sched.h>
#include <kern/usercopy.h>
#include <lib/assert.h>
#include <lib/string.h>
#include <mm/kmalloc.h>

#define READDIR_CHUNK 4096u /* bytes of records between two copies to the user */
#define RW_MAX 0x7ffff000u  /* bytes of one call, as on Linux */

static struct kmem_cache *files;
static uint32_t nfiles; /* (!) */

/* --- a claim on part of a shared file --- */

static bool file_is_shared(const struct file *f)
{
	return __atomic_load_n(&f->refs, __ATOMIC_RELAXED) > 1;
}

/* The offset, moved on by N, at most to LIMIT. => where it was; *N is what was claimed. */
static uint64_t offset_claim(struct file *f, uint32_t *n, uint64_t limit)
{
	uint64_t at;

	spin_lock(&f->lock);
	at = f->offset;
	if (at >= limit)
		*n = 0;
	else if (*n > limit - at)
		*n = (uint32_t)(limit - at);
	f->offset += *n;
	spin_unlock(&f->lock);
	return at;
}

/* Of the N bytes claimed at AT only DONE were delivered. */
static void offset_return(struct file *f, uint64_t at, uint32_t n, uint32_t done)
{
	spin_lock(&f->lock);
	if (f->offset == at + n)
		f->offset = at + done;
	spin_unlock(&f->lock);
}

/* --- regular files and disks --- */

/* For every vnode, and whoever else has the file. */
static no_inline int32_t vnode_file_read_shared(struct file *f, user_ptr_t to, uint32_t n)
{
	uint64_t limit = f->vnode->ops->read ? UINT64_MAX : vnode_size(f->vnode);
	uint64_t at = offset_claim(f, &n, limit);
	int32_t done = vnode_read_user(f->vnode, at, to, n);

	offset_return(f, at, n, done > 0 ? (uint32_t)done : 0);
	return done;
}

/* DONE of the N bytes are read; nobody shares F. */
static no_inline int32_t vnode_file_read_on(struct file *f, user_ptr_t to, uint32_t n, uint32_t done)
{
	int32_t got = vnode_read_user_on(f->vnode, f->offset, to, n, done);

	if (got > 0)
		f->offset += (uint32_t)got;
	return got;
}

/* Most reads want a part of one page, which is cached, of a file that nobody shares. */
static int32_t vnode_file_read(struct file *f, user_ptr_t to, uint32_t n)
{
	uint32_t done;

	if (unlikely(file_is_shared(f) || f->vnode->ops->read))
		return vnode_file_read_shared(f, to, n);
	done = page_read_user(f->vnode, f->offset, to, n);
	if (unlikely(done < n))
		return vnode_file_read_on(f, to, n, done);
	f->offset += n;
	return (int32_t)n;
}

static no_inline int32_t vnode_file_append(struct file *f, user_ptr_t from, uint32_t n)
{
	uint64_t at = 0;
	int32_t done = vnode_write_user(f->vnode, &at, from, n, true);

	if (done > 0) {
		spin_lock(&f->lock);
		f->offset = at + (uint32_t)done;
		spin_unlock(&f->lock);
	}
	return done;
}

static int32_t vnode_file_write(struct file *f, user_ptr_t from, uint32_t n)
{
	uint64_t at;
	int32_t done;

	if (f->flags & O_APPEND)
		return vnode_file_append(f, from, n);
	at = offset_claim(f, &n, UINT64_MAX);
	done = vnode_write_user(f->vnode, &at, from, n, false);
	if (unlikely(done != (int32_t)n))
		offset_return(f, at, n, done > 0 ? (uint32_t)done : 0);
	return done;
}

static const struct file_ops vnode_file_ops = {.read = vnode_file_read, .write = vnode_file_write, .seekable = true};

/* --- directories --- */

static int32_t dir_read(struct file *f, user_ptr_t to, uint32_t n)
{
	(void)f, (void)to, (void)n;
	return E_ISDIR;
}

static const struct file_ops dir_file_ops = {.read = dir_read, .seekable = true};

/* --- character devices --- */

static int32_t char_read(struct file *f, user_ptr_t to, uint32_t n)
{
	struct chardev *d = f->chardev;

	return d->ops->read ? d->ops->read(d, to, n, f->flags) : E_INVAL;
}

static int32_t char_write(struct file *f, user_ptr_t from, uint32_t n)
{
	struct chardev *d = f->chardev;

	return d->ops->write ? d->ops->write(d, from, n, f->flags) : E_INVAL;
}

static int32_t char_ioctl(struct file *f, uint32_t request, uint32_t arg)
{
	struct chardev *d = f->chardev;

	return d->ops->ioctl ? d->ops->ioctl(d, request, arg) : E_NOTTY;
}

static void char_release(struct file *f)
{
	if (f->chardev->ops->close)
		f->chardev->ops->close(f->chardev);
}

static const struct file_ops char_file_ops = {
	.read = char_read,
	.write = char_write,
	.ioctl = char_ioctl,
	.release = char_release,
};

/* --- references --- */

struct file *file_alloc(const struct file_ops *ops, uint32_t flags)
{
	struct file *f = kmem_alloc(files);

	if (!f)
		return NULL;
	f->ops = ops;
	f->refs = 1;
	f->flags = flags;
	f->vnode = NULL;
	f->pipe = NULL;
	spinlock_init(&f->lock, RANK_FILES, "file");
	f->offset = 0;
	__atomic_add_fetch(&nfiles, 1, __ATOMIC_RELAXED);
	return f;
}

static void file_free(struct file *f)
{
	__atomic_sub_fetch(&nfiles, 1, __ATOMIC_RELAXED);
	kmem_free(files, f);
}

void file_ref(struct file *f)
{
	__atomic_add_fetch(&f->refs, 1, __ATOMIC_RELAXED);
}

static bool has_writer(const struct file *f)
{
	return file_can_write(f) && (f->vnode->kind == VNODE_FILE || f->vnode->kind == VNODE_BLOCK);
}

void file_put(struct file *f)
{
	DEBUG_ASSERT(f->refs > 0);
	if (__atomic_sub_fetch(&f->refs, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	if (f->ops->release)
		f->ops->release(f);
	if (f->vnode) {
		if (has_writer(f))
			vnode_writer_end(f->vnode);
		vnode_put(f->vnode);
	}
	file_free(f);
}

/* --- open --- */

static enum status open_char(struct file *f)
{
	struct vnode *vn = f->vnode;
	struct chardev *d = chardev_find_number(ABI_MAJOR(vn->rdev), ABI_MINOR(vn->rdev));

	if (!d)
		return E_NXIO;
	f->chardev = d;
	f->ops = &char_file_ops;
	return d->ops->open ? d->ops->open(d, f->flags) : OK;
}

/* All nodes of one disk share the one vnode that has its pages. */
static enum status open_block(struct file *f)
{
	struct vnode *vn = f->vnode, *disk;
	struct blkdev *d = blkdev_find_number(ABI_MAJOR(vn->rdev), ABI_MINOR(vn->rdev));
	enum status st;

	if (!d)
		return E_NXIO;
	if (d->readonly && file_can_write(f))
		return E_ROFS;
	st = devfs_disk(d, &disk);
	if (st != OK)
		return st;
	vnode_put(vn);
	f->vnode = disk;
	return file_can_write(f) ? vnode_writer_begin(disk) : OK;
}

static enum status open_regular(struct file *f, bool truncate)
{
	enum status st = OK;

	if (file_can_write(f) || truncate)
		st = vnode_writer_begin(f->vnode);
	if (st == OK && truncate) {
		st = vnode_truncate(f->vnode, 0);
		if (st != OK || !file_can_write(f))
			vnode_writer_end(f->vnode);
	}
	return st;
}

/* What there is to do by the kind of F's vnode. */
static enum status open_by_kind(struct file *f, bool truncate)
{
	switch ((enum vnode_kind)f->vnode->kind) {
	case VNODE_FILE: return open_regular(f, truncate);
	case VNODE_DIR: f->ops = &dir_file_ops; return OK;
	case VNODE_CHAR: return open_char(f);
	case VNODE_BLOCK: return open_block(f);
	case VNODE_FIFO: return E_NXIO;
	case VNODE_LINK: return E_LOOP;
	}
	UNREACHABLE();
}

#define OPEN_KEPT_FLAGS (O_ACCMODE | O_APPEND | O_NONBLOCK | O_LARGEFILE | O_DIRECTORY)

enum status file_open(struct vnode *start, const char *path, uint32_t flags, uint32_t mode, struct file **out)
{
	struct file *f = file_alloc(&vnode_file_ops, flags);
	enum status st;
	bool made;

	if (!f)
		return E_NOMEM;
	st = path_open(start, path, flags, mode, &f->vnode, &made);
	if (st != OK)
		goto free_file;
	st = open_by_kind(f, (flags & O_TRUNC) && !made);
	if (st != OK)
		goto put_vnode;
	f->flags = flags & OPEN_KEPT_FLAGS;
	*out = f;
	return OK;
put_vnode:
	vnode_put(f->vnode);
free_file:
	file_free(f);
	return st;
}

static const struct file_ops link_file_ops = {.read = NULL, .write = NULL};

enum status file_open_link(struct vnode *start, const char *path, struct file **out)
{
	struct file *f = file_alloc(&link_file_ops, O_RDONLY);
	enum status st;

	if (!f)
		return E_NOMEM;
	st = path_lookup_link(start, path, &f->vnode);
	if (st != OK) {
		file_free(f);
		return st;
	}
	*out = f;
	if (f->vnode->kind == VNODE_LINK)
		return OK;
	file_put(f);
	return E_INVAL;
}

/* --- use --- */

int32_t file_read(struct file *f, user_ptr_t to, uint32_t n)
{
	if (unlikely(!file_can_read(f)))
		return E_BADF;
	if (unlikely(!f->ops->read))
		return E_INVAL;
	return f->ops->read(f, to, n < RW_MAX ? n : RW_MAX);
}

/* Pipes have nothing in struct file but flags and what is constant, so a copy of it can be one that does not wait. */
int32_t file_read_more(struct file *f, user_ptr_t to, uint32_t n)
{
	struct file now;

	if (f->ops->seekable)
		return file_read(f, to, n);
	if (f->vnode)
		return E_AGAIN;
	now = *f;
	now.flags |= O_NONBLOCK;
	return file_read(&now, to, n);
}

int32_t file_write(struct file *f, user_ptr_t from, uint32_t n)
{
	if (unlikely(!file_can_write(f)))
		return E_BADF;
	if (unlikely(!f->ops->write))
		return E_INVAL;
	return f->ops->write(f, from, n < RW_MAX ? n : RW_MAX);
}

int32_t file_ioctl(struct file *f, uint32_t request, uint32_t arg)
{
	return f->ops->ioctl ? f->ops->ioctl(f, request, arg) : E_NOTTY;
}

enum status file_seek(struct file *f, int64_t offset, int whence, uint64_t *out)
{
	int64_t base = 0;
	enum status st = OK;

	if (whence != SEEK_SET && whence != SEEK_CUR && whence != SEEK_END)
		return E_INVAL;
	if (!f->ops->seekable)
		return E_SPIPE;
	if (whence == SEEK_END)
		base = (int64_t)vnode_size(f->vnode);
	spin_lock(&f->lock);
	if (whence == SEEK_CUR)
		base = (int64_t)f->offset;
	if (offset < -base || (offset > 0 && base > INT64_MAX - offset))
		st = E_INVAL;
	else
		*out = f->offset = (uint64_t)(base + offset);
	spin_unlock(&f->lock);
	return st;
}

void file_stat(struct file *f, struct abi_stat64 *st)
{
	if (f->vnode) {
		vnode_stat(f->vnode, st);
		return;
	}
	*st = (struct abi_stat64){0};
	st->mode = S_IFIFO | 0600;
	st->nlink = 1;
	st->ino = st->ino32 = file_pipe_number(f);
	st->blksize = PAGE_SIZE;
}

enum status file_object(struct file *f, struct mem_object **out)
{
	const struct vnode *vn = f->vnode;

	*out = NULL;
	if (!vn)
		return E_NODEV;
	if (vn->kind == VNODE_CHAR)
		return f->chardev->ops->maps_zeros ? OK : E_NODEV;
	if (vn->kind != VNODE_BLOCK && (vn->kind != VNODE_FILE || !vn->ops->map))
		return E_NODEV;
	*out = &f->vnode->object;
	return OK;
}

enum status file_truncate(struct file *f, uint64_t size)
{
	if (!f->vnode || !file_can_write(f) || f->vnode->kind != VNODE_FILE)
		return E_INVAL;
	return vnode_truncate(f->vnode, size);
}

/* --- getdents --- */

struct dents {
	char *buf;
	uint32_t size, used;
	bool full; /* a record did not fit */
};

static bool dents_emit(void *arg, const char *name, uint32_t len, uint64_t ino, uint8_t type, uint64_t next)
{
	struct dents *d = arg;
	uint32_t head = (uint32_t)offsetof(struct abi_dirent64, name);
	uint32_t reclen = (head + len + 1 + 7) & ~7u;
	struct abi_dirent64 *e = (void *)(d->buf + d->used);

	d->full = d->size - d->used < reclen;
	if (d->full)
		return false;
	e->ino = ino;
	e->off = (int64_t)next;
	e->reclen = (uint16_t)reclen;
	e->type = type;
	memcpy(e->name, name, len);
	memset(e->name + len, 0, reclen - head - len);
	d->used += reclen;
	return true;
}

/* As many records from f->offset on as fit into D; the offset does not move yet. */
static enum status dents_fill(struct file *f, struct dents *d, uint64_t *cookie)
{
	struct vnode *dir = f->vnode;
	enum status st;

	d->used = 0;
	d->full = false;
	*cookie = f->offset;
	mutex_lock(&dir->lock);
	if (dir->unlinked)
		st = E_NOENT;
	else
		st = dir->ops->readdir ? dir->ops->readdir(dir, cookie, dents_emit, d) : OK;
	mutex_unlock(&dir->lock);
	return st;
}

int32_t file_getdents(struct file *f, user_ptr_t to, uint32_t n)
{
	struct dents d = {.size = 0};
	uint32_t done = 0;
	uint64_t cookie;
	enum status st;

	if (!f->vnode || f->vnode->kind != VNODE_DIR)
		return E_NOTDIR;
	d.buf = kmalloc(READDIR_CHUNK);
	if (!d.buf)
		return E_NOMEM;
	do {
		d.size = n - done < READDIR_CHUNK ? n - done : READDIR_CHUNK;
		st = dents_fill(f, &d, &cookie);
		if (st == OK && d.used == 0 && d.full)
			st = E_INVAL;
		if (st == OK && d.used > 0)
			st = copy_to_user(user_ptr_add(to, done), d.buf, d.used);
		if (st == OK) {
			f->offset = cookie;
			done += d.used;
		}
		sched_point();
	} while (st == OK && d.full);
	kfree(d.buf);
	return done > 0 ? (int32_t)done : st;
}

void file_init(void)
{
	files = kmem_cache_create("file", sizeof(struct file), KMEM_PLAIN);
}

uint32_t file_count(void)
{
	return __atomic_load_n(&nfiles, __ATOMIC_RELAXED);
}
