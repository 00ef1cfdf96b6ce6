/* Open file descriptions: what a descriptor refers to, shared by dup and fork.  A vnode, a device or one end of a
   pipe, with an offset and flags. */
#ifndef FS_FILE_H
#define FS_FILE_H

#include <abi/fcntl.h>
#include <abi/stat.h>
#include <arch/types.h>
#include <lib/status.h>
#include <sync/spinlock.h>

struct chardev;
struct file;
struct mem_object;
struct pipe;
struct vnode;

/* No lock is held; may sleep. */
struct file_ops {
	/* => bytes, or a status; the offset moves by what was delivered.  NULL: E_INVAL.  The access mode was
	   checked. */
	int32_t (*read)(struct file *f, user_ptr_t to, uint32_t n);
	int32_t (*write)(struct file *f, user_ptr_t from, uint32_t n);
	int32_t (*ioctl)(struct file *f, uint32_t request, uint32_t arg); /* NULL: E_NOTTY */
	void (*release)(struct file *f);                                  /* with the last reference, but the vnode */
	bool seekable;
};

struct file {
	const struct file_ops *ops; /* (c) */
	uint32_t refs;              /* (!) descriptors, and calls under way when the table is shared */
	uint32_t flags;             /* (!) O_ACCMODE (constant), O_APPEND, O_NONBLOCK, O_LARGEFILE */
	struct vnode *vnode;        /* (c) a reference; NULL: a pipe */
	union {
		struct pipe *pipe;       /* (c) */
		struct chardev *chardev; /* (c) of a VNODE_CHAR */
	};
	struct spinlock lock; /* RANK_FILES: offset */
	uint64_t offset;      /* lock, or refs is 1; of a directory: the cookie, without: any value is good */
};

static inline bool file_can_read(const struct file *f)
{
	return (f->flags & O_ACCMODE) != O_WRONLY;
}
static inline bool file_can_write(const struct file *f)
{
	return (f->flags & O_ACCMODE) != O_RDONLY;
}

/* Open PATH as open(2) does, MODE with the umask applied; START as in fs/path.h. */
enum status file_open(struct vnode *start, const char *path, uint32_t flags, uint32_t mode, struct file **out)
	must_check;
/* The link that PATH names itself: it can be looked at, and neither read nor written. => E_INVAL: it is none. */
enum status file_open_link(struct vnode *start, const char *path, struct file **out) must_check;
/* A file with one reference and no vnode; for pipes. => NULL: no memory. */
struct file *file_alloc(const struct file_ops *ops, uint32_t flags) must_check;
void file_ref(struct file *f);
/* The last reference closes it.  May sleep; no lock held. */
void file_put(struct file *f);

/* With the checks of read(2) and write(2): E_BADF for the wrong access mode. */
int32_t file_read(struct file *f, user_ptr_t to, uint32_t n) must_check;
int32_t file_write(struct file *f, user_ptr_t from, uint32_t n) must_check;
/* Go on with what file_read began, for the next part of a vector: nothing is waited for, and a device that gives a line
   for each read has given it.  => as file_read; E_AGAIN */
int32_t file_read_more(struct file *f, user_ptr_t to, uint32_t n) must_check;
/* => OK and the new offset; E_SPIPE, E_INVAL. */
enum status file_seek(struct file *f, int64_t offset, int whence, uint64_t *out) must_check;
int32_t file_ioctl(struct file *f, uint32_t request, uint32_t arg) must_check;
void file_stat(struct file *f, struct abi_stat64 *st);
/* What a mapping of F shows: *OUT, which F keeps; NULL: zeros of its own (/dev/zero).
   => E_NODEV: it cannot be mapped. */
enum status file_object(struct file *f, struct mem_object **out) must_check;
/* The file of a vnode that is written. => E_INVAL: it is not, or cannot be cut. */
enum status file_truncate(struct file *f, uint64_t size) must_check;
/* At most N bytes of struct abi_dirent64 records. => bytes; E_NOTDIR; E_INVAL: not even one fits; E_NOENT: removed. */
int32_t file_getdents(struct file *f, user_ptr_t to, uint32_t n) must_check;

void file_init(void);
uint32_t file_count(void);

/* Both ends of a new pipe; FLAGS: O_NONBLOCK or 0. => E_NOMEM. */
enum status pipe_create(uint32_t flags, struct file **reader, struct file **writer) must_check;
/* Tells the pipe of F, which has no vnode, from others: what stat has as its inode number. */
uint32_t file_pipe_number(const struct file *f);
void pipe_init(void);

#endif
