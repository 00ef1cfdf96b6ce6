/* A directory as xv6 programs see it: a file of records of 16 bytes.
   File systems here have cookies instead, so the offset of the open directory holds both: how many bytes were read in
   its lower half, and in the upper the cookie of the record that byte is in.  Then reading on needs no search; after an
   lseek, which knows nothing of cookies, the records before are counted from the beginning.  A copy of the whole
   directory at open was not taken: it would cost memory in the kernel for as long as a program likes. */
#include <arch/compiler.h>
#include <fs/file.h>
#include <fs/vnode.h>
#include <kern/sched.h>
#include <kern/usercopy.h>
#include <lib/string.h>

#include "xv6_priv.h"

#define RECORD ((uint32_t)sizeof(struct xv6_dirent))
#define BATCH 16u /* records at once, on the stack */
#define COOKIE_SHIFT 32

struct batch {
	struct xv6_dirent record[BATCH];
	uint64_t after[BATCH]; /* the cookie behind each */
	uint32_t skip;         /* records still to be left out */
	uint64_t skipped_to;   /* the cookie behind the last of them */
	uint32_t n;
};

static bool take_record(void *arg, const char *name, uint32_t len, uint64_t ino, uint8_t type, uint64_t next)
{
	struct batch *b = arg;
	struct xv6_dirent *e = &b->record[b->n];

	(void)type;
	if (b->skip > 0) {
		b->skip--;
		b->skipped_to = next;
		return true;
	}
	if (b->n == BATCH)
		return false;
	memset(e, 0, sizeof *e);
	memcpy(e->name, name, len < XV6_DIRSIZ ? len : XV6_DIRSIZ);
	e->inum = (uint16_t)ino ? (uint16_t)ino : UINT16_MAX;
	b->after[b->n++] = next;
	return true;
}

/* A removed directory is empty. */
static enum status list(struct vnode *dir, uint64_t cookie, vnode_emit_fn emit, void *arg)
{
	enum status st = OK;

	mutex_lock(&dir->lock);
	if (!dir->unlinked && dir->ops->readdir)
		st = dir->ops->readdir(dir, &cookie, emit, arg);
	mutex_unlock(&dir->lock);
	return st;
}

/* What one batch has of the N bytes at *OFFSET, which moves on. => bytes; 0: the directory ends. */
static int32_t read_batch(struct vnode *dir, uint64_t *offset, user_ptr_t to, uint32_t n)
{
	uint32_t at = (uint32_t)*offset, in = at % RECORD, got, whole;
	uint64_t cookie = *offset >> COOKIE_SHIFT;
	struct batch b = {.skip = cookie == 0 ? at / RECORD : 0, .skipped_to = cookie};
	enum status st = list(dir, cookie, take_record, &b);

	if (st != OK || b.n * RECORD <= in)
		return st;
	got = n < b.n * RECORD - in ? n : b.n * RECORD - in;
	st = copy_to_user(to, (const char *)b.record + in, got);
	if (st != OK)
		return st;
	whole = (in + got) / RECORD;
	cookie = whole > 0 ? b.after[whole - 1] : b.skipped_to;
	*offset = cookie << COOKIE_SHIFT | (uint32_t)(at + got);
	return (int32_t)got;
}

int32_t xv6_read_directory(struct file *f, user_ptr_t to, uint32_t n)
{
	uint64_t offset = f->offset;
	uint32_t done = 0;
	int32_t got = 0;

	while (done < n) {
		got = read_batch(f->vnode, &offset, user_ptr_add(to, done), n - done);
		if (got <= 0)
			break;
		done += (uint32_t)got;
		f->offset = offset;
		sched_point();
	}
	return done > 0 ? (int32_t)done : got;
}

static bool count_record(void *arg, const char *name, uint32_t len, uint64_t ino, uint8_t type, uint64_t next)
{
	(void)name, (void)len, (void)ino, (void)type, (void)next;
	*(uint32_t *)arg += RECORD;
	return true;
}

int32_t xv6_directory_size(struct file *f, uint32_t *size)
{
	*size = 0;
	return list(f->vnode, 0, count_record, size);
}
