/* The system calls of files: fetch, check, call down, return.  Errors come in the order in which Linux finds them. */
#include <sys/file.h>

#include <abi/fcntl.h>
#include <abi/misc.h>
#include <abi/stat.h>
#include <fs/fdtable.h>
#include <fs/file.h>
#include <fs/fs.h>
#include <fs/mount.h>
#include <fs/path.h>
#include <fs/vnode.h>
#include <kern/usercopy.h>
#include <lib/string.h>
#include <mm/kmalloc.h>

#include "path_buf_priv.h"

#define IOV_BATCH 8u
#define MODE_BITS 07777u

/* --- paths --- */

no_inline enum status path_fetch_long(struct path_buf *b, user_ptr_t from)
{
	int32_t len;

	b->text = kmalloc(PATH_MAX);
	if (!b->text)
		return E_NOMEM;
	len = copy_string_from_user(b->text, from, PATH_MAX);
	if (len >= 0)
		return OK;
	kfree(b->text);
	return (enum status)len;
}

/* A call of one path. */
static int32_t with_path(uint32_t from, enum status (*call)(struct vnode *start, const char *path))
{
	struct path_buf b;
	enum status st = path_fetch(&b, from);

	if (st != OK)
		return st;
	st = call(NULL, b.text);
	path_drop(&b);
	return st;
}

/* A call of two. */
static no_inline int32_t with_paths(const struct syscall_args *a,
                                    enum status (*call)(struct vnode *from_start, const char *from,
                                                        struct vnode *to_start, const char *to))
{
	struct path_buf from, to;
	enum status st = path_fetch(&from, a->v[0]);

	if (st != OK)
		return st;
	st = path_fetch(&to, a->v[1]);
	if (st == OK) {
		st = call(NULL, from.text, NULL, to.text);
		path_drop(&to);
	}
	path_drop(&from);
	return st;
}

/* Where the path of an *at call begins: *START NULL is the working directory.  On OK fd_drop(H) is due if H->file. */
static enum status at_start(int32_t dirfd, const char *path, struct fd_hold *h, struct vnode **start)
{
	h->file = NULL;
	h->counted = false;
	*start = NULL;
	if (path[0] == '/' || path[0] == '\0' || dirfd == AT_FDCWD)
		return OK; /* the empty path is nowhere, whatever DIRFD is */
	if (!fd_hold((uint32_t)dirfd, h)) {
		h->file = NULL;
		return E_BADF;
	}
	*start = h->file->vnode;
	if (*start && (*start)->kind == VNODE_DIR)
		return OK;
	fd_drop(h);
	return E_NOTDIR;
}

/* --- reading and writing --- */

int32_t sys_read(const struct syscall_args *a)
{
	struct fd_hold h;
	int32_t n;

	if (!fd_hold(a->v[0], &h))
		return E_BADF;
	n = file_read(h.file, user_ptr(a->v[1]), a->v[2]);
	fd_drop(&h);
	return n;
}

int32_t sys_write(const struct syscall_args *a)
{
	struct fd_hold h;
	int32_t n;

	if (!fd_hold(a->v[0], &h))
		return E_BADF;
	n = file_write(h.file, user_ptr(a->v[1]), a->v[2]);
	fd_drop(&h);
	return n;
}

/* The next elements of a vector in user memory, at most IOV_BATCH. */
static enum status iov_fetch(struct abi_iovec *out, uint32_t from, uint32_t at, uint32_t count, uint32_t *n)
{
	*n = count - at < IOV_BATCH ? count - at : IOV_BATCH;
	return copy_from_user(out, user_ptr(from + at * (uint32_t)sizeof *out), *n * sizeof *out);
}

/* The whole vector can be read, and its lengths add up to less than 2 GiB. */
static enum status iov_check(uint32_t from, uint32_t count)
{
	struct abi_iovec v[IOV_BATCH];
	uint32_t n, total = 0;

	if (count > ABI_IOV_MAX)
		return E_INVAL;
	for (uint32_t at = 0; at < count; at += n) {
		enum status st = iov_fetch(v, from, at, count, &n);

		if (st != OK)
			return st;
		for (uint32_t i = 0; i < n; i++) {
			if (v[i].len > (uint32_t)INT32_MAX - total)
				return E_INVAL;
			total += v[i].len;
		}
	}
	return OK;
}

/* One element; DONE bytes were moved before. */
static int32_t iov_move_one(struct file *f, const struct abi_iovec *v, bool write, int32_t done)
{
	if (write)
		return file_write(f, user_ptr(v->base), v->len);
	return done > 0 ? file_read_more(f, user_ptr(v->base), v->len) : file_read(f, user_ptr(v->base), v->len);
}

/* Move the elements in turn, until one is moved in part only. */
static int32_t iov_move(struct file *f, uint32_t from, uint32_t count, bool write)
{
	struct abi_iovec v[IOV_BATCH];
	uint32_t n;
	int32_t done = 0;

	for (uint32_t at = 0; at < count; at += n) {
		int32_t got = iov_fetch(v, from, at, count, &n);

		for (uint32_t i = 0; got >= 0 && i < n; i++) {
			if (v[i].len > (uint32_t)(INT32_MAX - done))
				return done; /* another thread has changed the vector */
			got = iov_move_one(f, &v[i], write, done);
			if (got >= 0)
				done += got;
			if (got >= 0 && (uint32_t)got < v[i].len)
				return done;
		}
		if (got < 0)
			return done > 0 ? done : got;
	}
	return done;
}

static int32_t move_vector(const struct syscall_args *a, bool write)
{
	struct fd_hold h;
	int32_t result;

	if (!fd_hold(a->v[0], &h))
		return E_BADF;
	if (write ? !file_can_write(h.file) : !file_can_read(h.file))
		result = E_BADF;
	else
		result = iov_check(a->v[1], a->v[2]);
	if (result == OK)
		result = iov_move(h.file, a->v[1], a->v[2], write);
	fd_drop(&h);
	return result;
}

int32_t sys_readv(const struct syscall_args *a)
{
	return move_vector(a, false);
}

int32_t sys_writev(const struct syscall_args *a)
{
	return move_vector(a, true);
}

static enum status seek(uint32_t fd, int64_t offset, uint32_t whence, uint64_t *at)
{
	struct fd_hold h;
	enum status st;

	if (!fd_hold(fd, &h))
		return E_BADF;
	st = file_seek(h.file, offset, (int)whence, at);
	fd_drop(&h);
	return st;
}

int32_t sys_lseek(const struct syscall_args *a)
{
	uint64_t at;
	enum status st = seek(a->v[0], (int32_t)a->v[1], a->v[2], &at);

	if (st != OK)
		return st;
	return at > INT32_MAX ? E_OVERFLOW : (int32_t)at;
}

int32_t sys_llseek(const struct syscall_args *a)
{
	uint64_t at;
	enum status st = user_fault_in_range(user_ptr(a->v[3]), sizeof at, true); /* before the offset moves */

	if (st == OK)
		st = seek(a->v[0], (int64_t)((uint64_t)a->v[1] << 32 | a->v[2]), a->v[4], &at);
	if (st != OK)
		return st;
	return copy_to_user(user_ptr(a->v[3]), &at, sizeof at);
}

static int32_t truncate_to(uint32_t fd, int64_t size)
{
	struct fd_hold h;
	enum status st;

	if (size < 0)
		return E_INVAL;
	if (!fd_hold(fd, &h))
		return E_BADF;
	st = file_truncate(h.file, (uint64_t)size);
	fd_drop(&h);
	return st;
}

int32_t sys_ftruncate(const struct syscall_args *a)
{
	return truncate_to(a->v[0], (int32_t)a->v[1]);
}

int32_t sys_ftruncate64(const struct syscall_args *a)
{
	return truncate_to(a->v[0], (int64_t)((uint64_t)a->v[2] << 32 | a->v[1]));
}

int32_t sys_sync(const struct syscall_args *a)
{
	enum status st = fs_sync_all();

	(void)a;
	(void)st; /* sync has no result; errors are in the log */
	return 0;
}

int32_t sys_fsync(const struct syscall_args *a)
{
	struct fd_hold h;
	enum status st;

	if (!fd_hold(a->v[0], &h))
		return E_BADF;
	st = h.file->vnode && h.file->vnode->kind != VNODE_CHAR ? vnode_sync(h.file->vnode) : E_INVAL;
	fd_drop(&h);
	return st;
}

int32_t sys_ioctl(const struct syscall_args *a)
{
	struct fd_hold h;
	int32_t result;

	if (!fd_hold(a->v[0], &h))
		return E_BADF;
	result = file_ioctl(h.file, a->v[1], a->v[2]);
	fd_drop(&h);
	return result;
}

/* --- opening --- */

int32_t open_at(struct vnode *start, const char *path, uint32_t flags, uint32_t mode)
{
	int32_t fd = fd_reserve(0, flags & O_CLOEXEC);
	struct file *f;
	enum status st;

	if (fd < 0)
		return fd;
	st = file_open(start, path, flags, mode & MODE_BITS & ~current_files()->umask, &f);
	if (st == OK) {
		fd_fill((uint32_t)fd, f);
		return fd;
	}
	fd_unreserve((uint32_t)fd);
	return st;
}

int32_t sys_open(const struct syscall_args *a)
{
	struct path_buf b;
	int32_t fd;

	if ((a->v[1] & O_ACCMODE) == O_ACCMODE)
		return E_INVAL;
	fd = path_fetch(&b, a->v[0]);
	if (fd != OK)
		return fd;
	fd = open_at(NULL, b.text, a->v[1], a->v[2]);
	path_drop(&b);
	return fd;
}

int32_t sys_openat(const struct syscall_args *a)
{
	struct path_buf b;
	struct vnode *start;
	struct fd_hold h;
	int32_t fd;

	if ((a->v[2] & O_ACCMODE) == O_ACCMODE)
		return E_INVAL;
	fd = path_fetch(&b, a->v[1]);
	if (fd != OK)
		return fd;
	fd = at_start((int32_t)a->v[0], b.text, &h, &start);
	if (fd == OK) {
		fd = open_at(start, b.text, a->v[2], a->v[3]);
		if (h.file)
			fd_drop(&h);
	}
	path_drop(&b);
	return fd;
}

int32_t sys_close(const struct syscall_args *a)
{
	return fd_close(a->v[0]);
}

static int32_t dup_from(uint32_t fd, uint32_t from, bool cloexec)
{
	struct fd_hold h;
	int32_t result;

	if (!fd_hold(fd, &h))
		return E_BADF;
	if (from >= FD_MAX) {
		result = E_INVAL;
	} else {
		file_ref(h.file);
		result = fd_install(h.file, from, cloexec);
		if (result < 0)
			file_put(h.file);
	}
	fd_drop(&h);
	return result;
}

int32_t sys_dup(const struct syscall_args *a)
{
	return dup_from(a->v[0], 0, false);
}

int32_t sys_dup2(const struct syscall_args *a)
{
	return fd_dup2(a->v[0], a->v[1]);
}

int32_t sys_pipe(const struct syscall_args *a)
{
	struct file *reader, *writer;
	int32_t fd[2];
	enum status st = pipe_create(0, &reader, &writer);

	if (st != OK)
		return st;
	st = fd_install_pair(reader, writer, false, fd);
	if (st != OK) {
		file_put(reader);
		file_put(writer);
		return st;
	}
	st = copy_to_user(user_ptr(a->v[0]), fd, sizeof fd);
	if (st != OK) {
		(void)fd_close((uint32_t)fd[0]);
		(void)fd_close((uint32_t)fd[1]);
	}
	return st;
}

/* --- fcntl --- */

#define SETFL_FLAGS (O_APPEND | O_NONBLOCK)

static int32_t fcntl_file(struct file *f, uint32_t command, uint32_t arg)
{
	switch (command) {
	case F_GETFL: return (int32_t)f->flags;
	case F_SETFL: f->flags = (f->flags & ~(uint32_t)SETFL_FLAGS) | (arg & SETFL_FLAGS); return 0;
	}
	return E_INVAL;
}

int32_t sys_fcntl64(const struct syscall_args *a)
{
	struct fd_hold h;
	int32_t result;

	if (!fd_hold(a->v[0], &h))
		return E_BADF;
	switch (a->v[1]) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC: result = dup_from(a->v[0], a->v[2], a->v[1] == F_DUPFD_CLOEXEC); break;
	case F_GETFD: result = fd_get_cloexec(a->v[0]); break;
	case F_SETFD: result = fd_set_cloexec(a->v[0], a->v[2] & FD_CLOEXEC); break;
	default: result = fcntl_file(h.file, a->v[1], a->v[2]); break;
	}
	fd_drop(&h);
	return result;
}

/* --- names --- */

int32_t sys_link(const struct syscall_args *a)
{
	return with_paths(a, path_link);
}

enum status link_make(const char *text, const char *path)
{
	const struct vnode_make m = {.mode = S_IFLNK | 0777, .target = text, .target_len = (uint32_t)strlen(text)};

	return m.target_len > 0 ? path_make(NULL, path, &m) : E_NOENT;
}

/* In the form of with_paths(). */
static enum status symlink_pair(struct vnode *no_start, const char *text, struct vnode *start, const char *path)
{
	(void)no_start, (void)start;
	return link_make(text, path);
}

int32_t sys_symlink(const struct syscall_args *a)
{
	return with_paths(a, symlink_pair);
}

int32_t sys_rename(const struct syscall_args *a)
{
	return with_paths(a, path_rename);
}

int32_t sys_unlink(const struct syscall_args *a)
{
	return with_path(a->v[0], path_unlink);
}

int32_t sys_rmdir(const struct syscall_args *a)
{
	return with_path(a->v[0], path_rmdir);
}

static int32_t make(uint32_t path, uint32_t type, uint32_t mode, uint32_t rdev)
{
	const struct vnode_make m = {.mode = type | (mode & MODE_BITS & ~current_files()->umask), .rdev = rdev};
	struct path_buf b;
	enum status st = path_fetch(&b, path);

	if (st != OK)
		return st;
	st = path_make(NULL, b.text, &m);
	path_drop(&b);
	return st;
}

int32_t sys_mkdir(const struct syscall_args *a)
{
	return make(a->v[0], S_IFDIR, a->v[1], 0);
}

/* Named pipes are not there. */
int32_t sys_mknod(const struct syscall_args *a)
{
	switch (a->v[1] & S_IFMT) {
	case 0:
	case S_IFREG: return make(a->v[0], S_IFREG, a->v[1], 0);
	case S_IFCHR:
	case S_IFBLK: return make(a->v[0], a->v[1] & S_IFMT, a->v[1], a->v[2]);
	case S_IFDIR: return E_PERM;
	}
	return E_INVAL;
}

int32_t sys_umask(const struct syscall_args *a)
{
	struct proc_files *t = current_files();
	uint32_t old = t->umask;

	t->umask = a->v[0] & 0777;
	return (int32_t)old;
}

enum status directory_change(struct vnode *start, const char *path)
{
	struct vnode *dir;
	enum status st = path_lookup(start, path, &dir);

	if (st != OK)
		return st;
	if (dir->kind != VNODE_DIR) {
		vnode_put(dir);
		return E_NOTDIR;
	}
	files_set_cwd(dir);
	return OK;
}

int32_t sys_chdir(const struct syscall_args *a)
{
	return with_path(a->v[0], directory_change);
}

int32_t sys_getcwd(const struct syscall_args *a)
{
	char *buf = kmalloc(PATH_MAX);
	int32_t len;

	if (!buf)
		return E_NOMEM;
	len = path_of_directory(current_files()->cwd, buf, PATH_MAX);
	if (len > 0 && (uint32_t)len > a->v[1])
		len = E_RANGE;
	if (len > 0) {
		enum status st = copy_to_user(user_ptr(a->v[0]), buf, (uint32_t)len);

		if (st != OK)
			len = st;
	}
	kfree(buf);
	return len;
}

/* The one user may do all, but to run what has no execute bit and to write on what is read-only. */
static enum status access_check(struct vnode *vn, uint32_t mode)
{
	struct abi_stat64 sb;

	if ((mode & W_OK) && vn->mount->readonly && (vn->kind == VNODE_FILE || vn->kind == VNODE_DIR))
		return E_ROFS;
	if (!(mode & X_OK) || vn->kind == VNODE_DIR)
		return OK;
	vnode_stat(vn, &sb);
	return sb.mode & 0111 ? OK : E_ACCES;
}

int32_t sys_access(const struct syscall_args *a)
{
	struct path_buf b;
	struct vnode *vn;
	enum status st;

	if (a->v[1] & ~(uint32_t)(R_OK | W_OK | X_OK))
		return E_INVAL;
	st = path_fetch(&b, a->v[0]);
	if (st != OK)
		return st;
	st = path_lookup(NULL, b.text, &vn);
	path_drop(&b);
	if (st != OK)
		return st;
	st = access_check(vn, a->v[1]);
	vnode_put(vn);
	return st;
}

/* --- stat --- */

static int32_t stat_at(struct vnode *start, const char *path, bool follow, uint32_t to)
{
	struct abi_stat64 sb;
	struct vnode *vn;
	enum status st = follow ? path_lookup(start, path, &vn) : path_lookup_link(start, path, &vn);

	if (st != OK)
		return st;
	vnode_stat(vn, &sb);
	vnode_put(vn);
	return copy_to_user(user_ptr(to), &sb, sizeof sb);
}

static int32_t stat_fd(uint32_t fd, uint32_t to)
{
	struct abi_stat64 sb;
	struct fd_hold h;

	if (!fd_hold(fd, &h))
		return E_BADF;
	file_stat(h.file, &sb);
	fd_drop(&h);
	return copy_to_user(user_ptr(to), &sb, sizeof sb);
}

static int32_t stat_path(const struct syscall_args *a, bool follow)
{
	struct path_buf b;
	int32_t st = path_fetch(&b, a->v[0]);

	if (st != OK)
		return st;
	st = stat_at(NULL, b.text, follow, a->v[1]);
	path_drop(&b);
	return st;
}

int32_t sys_stat64(const struct syscall_args *a)
{
	return stat_path(a, true);
}

int32_t sys_lstat64(const struct syscall_args *a)
{
	return stat_path(a, false);
}

int32_t sys_fstat64(const struct syscall_args *a)
{
	return stat_fd(a->v[0], a->v[1]);
}

static int32_t fstatat(int32_t dirfd, const char *path, uint32_t to, uint32_t flags)
{
	struct vnode *start;
	struct fd_hold h;
	int32_t st;

	if (path[0] == '\0' && (flags & AT_EMPTY_PATH))
		return dirfd == AT_FDCWD ? stat_at(NULL, ".", true, to) : stat_fd((uint32_t)dirfd, to);
	st = at_start(dirfd, path, &h, &start);
	if (st != OK)
		return st;
	st = stat_at(start, path, !(flags & AT_SYMLINK_NOFOLLOW), to);
	if (h.file)
		fd_drop(&h);
	return st;
}

int32_t sys_fstatat64(const struct syscall_args *a)
{
	struct path_buf b;
	int32_t st;

	if (a->v[3] & ~(uint32_t)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return E_INVAL;
	st = path_fetch(&b, a->v[1]);
	if (st != OK)
		return st;
	st = fstatat((int32_t)a->v[0], b.text, a->v[2], a->v[3]);
	path_drop(&b);
	return st;
}

/* --- links --- */

/* Of the link PATH to SIZE bytes at TO. => bytes */
static int32_t readlink_at(struct vnode *start, const char *path, uint32_t to, uint32_t size)
{
	uint32_t room = size < PATH_MAX ? size : PATH_MAX;
	enum status st;
	char *text;
	int32_t n;

	if (size == 0 || size > INT32_MAX)
		return E_INVAL;
	text = kmalloc(PATH_MAX);
	if (!text)
		return E_NOMEM;
	n = path_readlink(start, path, text, room);
	if (n > 0) {
		st = copy_to_user(user_ptr(to), text, (uint32_t)n);
		n = st == OK ? n : st;
	}
	kfree(text);
	return n;
}

int32_t sys_readlink(const struct syscall_args *a)
{
	struct path_buf b;
	int32_t n = path_fetch(&b, a->v[0]);

	if (n != OK)
		return n;
	n = readlink_at(NULL, b.text, a->v[1], a->v[2]);
	path_drop(&b);
	return n;
}

int32_t sys_readlinkat(const struct syscall_args *a)
{
	struct path_buf b;
	struct vnode *start;
	struct fd_hold h;
	int32_t n = path_fetch(&b, a->v[1]);

	if (n != OK)
		return n;
	n = at_start((int32_t)a->v[0], b.text, &h, &start);
	if (n == OK) {
		n = readlink_at(start, b.text, a->v[2], a->v[3]);
		if (h.file)
			fd_drop(&h);
	}
	path_drop(&b);
	return n;
}

int32_t sys_getdents64(const struct syscall_args *a)
{
	struct fd_hold h;
	int32_t n;

	if (!fd_hold(a->v[0], &h))
		return E_BADF;
	n = file_getdents(h.file, user_ptr(a->v[1]), a->v[2]);
	fd_drop(&h);
	return n;
}
