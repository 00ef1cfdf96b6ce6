/* Files, as xv6 programs have them: its flags, its struct stat, names of 14 characters, and errors that are only -1. */
#include <abi/stat.h>
#include <fs/fdtable.h>
#include <fs/file.h>
#include <fs/path.h>
#include <fs/vnode.h>
#include <kern/signal.h>
#include <lib/string.h>
#include <sys/file.h>

#include "../path_buf_priv.h"
#include "../sys_priv.h"
#include "xv6_priv.h"

#define CONSOLE_MAJOR 5 /* drivers/tty.c, as Linux */
#define CONSOLE_MINOR 1

/* ---- paths ---- */

/* Every component of PATH is cut to XV6_DIRSIZ characters. => whether one was longer. */
static bool cut_names(char *path)
{
	uint32_t len = 0;
	bool cut = false;
	char *to = path;

	for (const char *from = path; *from; from++) {
		len = *from == '/' ? 0 : len + 1;
		if (len > XV6_DIRSIZ)
			cut = true;
		else
			*to++ = *from;
	}
	*to = '\0';
	return cut;
}

/* CALL(PATH, ARG); when there is no such file, once more with its names cut. */
static no_inline int32_t with_found(uint32_t from, int32_t (*call)(const char *path, uint32_t arg), uint32_t arg)
{
	struct path_buf b;
	int32_t result = path_fetch(&b, from);

	if (result != OK)
		return result;
	result = call(b.text, arg);
	if (result == E_NOENT && cut_names(b.text))
		result = call(b.text, arg);
	path_drop(&b);
	return result;
}

/* CALL with names cut: what it makes has no longer ones. */
static no_inline int32_t with_made(uint32_t from, int32_t (*call)(const char *path, uint32_t arg), uint32_t arg)
{
	struct path_buf b;
	int32_t result = path_fetch(&b, from);

	if (result != OK)
		return result;
	cut_names(b.text);
	result = call(b.text, arg);
	path_drop(&b);
	return result;
}

/* ---- opening and closing ---- */

static uint32_t flags_of(uint32_t xv6)
{
	uint32_t flags = xv6 & XV6_O_WRONLY ? O_WRONLY : xv6 & XV6_O_RDWR ? O_RDWR : O_RDONLY;

	return flags | (xv6 & XV6_O_TRUNC ? O_TRUNC : 0) | (xv6 & XV6_O_NOFOLLOW ? O_NOFOLLOW : 0);
}

#define MODE_ALL 0777u /* there are no permissions: what is made may be run */

static bool is_directory(int32_t fd)
{
	const struct file *f = current_files()->slots[fd];

	return f->vnode && f->vnode->kind == VNODE_DIR;
}

/* A link itself, for fstat. */
static int32_t open_link(const char *path)
{
	struct file *f;
	enum status st = file_open_link(NULL, path, &f);
	int32_t fd;

	if (st != OK)
		return st;
	fd = fd_install(f, 0, false);
	if (fd < 0)
		file_put(f);
	return fd;
}

/* PATH is a link of /proc, which leads somewhere without a text. */
static bool is_proc_link(const char *path)
{
	struct vnode *vn;
	bool is;

	if (path_lookup_link(NULL, path, &vn) != OK)
		return false;
	is = vn->kind == VNODE_LINK && vn->ops->follow;
	vnode_put(vn);
	return is;
}

/* What is to be made if need be must not be a directory.  A link of /proc to one is itself: programs that walk through
   all folders below / know no links, and would never come back. */
static int32_t open_found(const char *path, uint32_t flags)
{
	int32_t fd = open_at(NULL, path, flags_of(flags), 0);

	if (fd == E_LOOP && (flags & XV6_O_NOFOLLOW))
		return open_link(path);
	if (fd < 0 || !is_directory(fd))
		return fd;
	if (!(flags & XV6_O_CREATE) && !is_proc_link(path))
		return fd;
	(void)fd_close((uint32_t)fd);
	return flags & XV6_O_CREATE ? (int32_t)E_ISDIR : open_link(path);
}

static int32_t open_made(const char *path, uint32_t flags)
{
	return open_at(NULL, path, flags_of(flags) | O_CREAT, MODE_ALL);
}

/* What is there under its full name is opened, as without O_CREATE. */
int32_t xv6_open(const struct syscall_args *a)
{
	int32_t fd = with_found(a->v[0], open_found, a->v[1]);

	return fd == E_NOENT && (a->v[1] & XV6_O_CREATE) ? with_made(a->v[0], open_made, a->v[1]) : fd;
}

static int32_t make(const char *path, uint32_t mode, uint32_t rdev)
{
	const struct vnode_make m = {.mode = mode & ~current_files()->umask, .rdev = rdev};

	return path_make(NULL, path, &m);
}

static int32_t make_device(const char *path, uint32_t rdev)
{
	return make(path, S_IFCHR | MODE_ALL, rdev);
}

static int32_t make_directory(const char *path, uint32_t unused)
{
	(void)unused;
	return make(path, S_IFDIR | MODE_ALL, 0);
}

/* Device numbers are 16 bits each in xv6, 12 and 8 here. */
int32_t xv6_mknod(const struct syscall_args *a)
{
	uint32_t major = (uint16_t)a->v[1], minor = (uint16_t)a->v[2];

	if (major == XV6_CONSOLE_MAJOR && minor == XV6_CONSOLE_MINOR) {
		major = CONSOLE_MAJOR;
		minor = CONSOLE_MINOR;
	}
	if (major > ABI_MAJOR(UINT32_MAX) || minor > ABI_MINOR(UINT32_MAX))
		return E_INVAL;
	return with_made(a->v[0], make_device, ABI_MKDEV(major, minor));
}

int32_t xv6_mkdir(const struct syscall_args *a)
{
	return with_made(a->v[0], make_directory, 0);
}

/* ---- names ---- */

static int32_t change_directory(const char *path, uint32_t unused)
{
	(void)unused;
	return directory_change(NULL, path);
}

int32_t xv6_chdir(const struct syscall_args *a)
{
	return with_found(a->v[0], change_directory, 0);
}

static int32_t unlink_any(const char *path, uint32_t unused)
{
	enum status st = path_unlink(NULL, path);

	(void)unused;
	return st == E_ISDIR ? path_rmdir(NULL, path) : st;
}

int32_t xv6_unlink(const struct syscall_args *a)
{
	return with_found(a->v[0], unlink_any, 0);
}

static int32_t symlink_pair(const struct path_buf *text, struct path_buf *path)
{
	cut_names(path->text);
	return link_make(text->text, path->text);
}

static int32_t link_pair(struct path_buf *from, struct path_buf *to)
{
	int32_t result;

	cut_names(to->text);
	result = path_link(NULL, from->text, NULL, to->text);
	if (result == E_NOENT && cut_names(from->text))
		result = path_link(NULL, from->text, NULL, to->text);
	return result;
}

static no_inline int32_t make_name(const struct syscall_args *a, bool symbolic)
{
	struct path_buf from, to;
	int32_t result = path_fetch(&from, a->v[0]);

	if (result != OK)
		return result;
	result = path_fetch(&to, a->v[1]);
	if (result == OK) {
		result = symbolic ? symlink_pair(&from, &to) : link_pair(&from, &to);
		path_drop(&to);
	}
	path_drop(&from);
	return result;
}

int32_t xv6_link(const struct syscall_args *a)
{
	return make_name(a, false);
}

int32_t xv6_symlink(const struct syscall_args *a)
{
	return make_name(a, true);
}

static int32_t run(const char *path, uint32_t argv)
{
	return exec_xv6(path, user_ptr(argv));
}

int32_t xv6_exec(const struct syscall_args *a)
{
	return with_found(a->v[0], run, a->v[1]);
}

/* ---- reading and writing ---- */

static uint32_t reads; /* (!) */

static int32_t read_file(struct file *f, user_ptr_t to, uint32_t n)
{
	if (f->vnode && f->vnode->kind == VNODE_DIR)
		return xv6_read_directory(f, to, n);
	return file_read(f, to, n);
}

int32_t xv6_read(const struct syscall_args *a)
{
	struct fd_hold h;
	int32_t n;

	__atomic_add_fetch(&reads, 1, __ATOMIC_RELAXED);
	if ((int32_t)a->v[2] < 0)
		return E_INVAL;
	if (!fd_hold(a->v[0], &h))
		return E_BADF;
	n = read_file(h.file, user_ptr(a->v[1]), a->v[2]);
	fd_drop(&h);
	return n;
}

int32_t xv6_getreadcount(const struct syscall_args *a)
{
	(void)a;
	return (int32_t)(__atomic_load_n(&reads, __ATOMIC_RELAXED) & INT32_MAX);
}

/* As xv6 writes to a file: not behind its end (where a truncation may have left the offset), and all or -1, though what
   could be written before it failed is in the file. */
static int32_t write_to_file(struct file *f, user_ptr_t from, uint32_t n)
{
	uint64_t at;
	enum status st = file_seek(f, 0, SEEK_CUR, &at);
	int32_t done;

	if (st != OK)
		return st;
	if (at > vnode_size(f->vnode))
		return E_INVAL;
	done = file_write(f, from, n);
	return done >= 0 && (uint32_t)done < n ? E_IO : done;
}

/* A write to a pipe that nobody reads is an error, not an end. */
int32_t xv6_write(const struct syscall_args *a)
{
	struct fd_hold h;
	int32_t n;

	if ((int32_t)a->v[2] < 0)
		return E_INVAL;
	if (!fd_hold(a->v[0], &h))
		return E_BADF;
	if (h.file->vnode && h.file->vnode->kind == VNODE_FILE)
		n = write_to_file(h.file, user_ptr(a->v[1]), a->v[2]);
	else
		n = file_write(h.file, user_ptr(a->v[1]), a->v[2]);
	if (!h.file->vnode && n != (int32_t)a->v[2])
		signal_forget(SIGPIPE);
	fd_drop(&h);
	return n;
}

/* ---- fstat ---- */

static int16_t type_of(uint32_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR: return XV6_T_DIR;
	case S_IFREG: return XV6_T_FILE;
	case S_IFLNK: return XV6_T_SYMLINK;
	}
	return XV6_T_DEV;
}

/* What both layouts of struct stat say. */
static no_inline int32_t look_at(uint32_t fd, struct xv6_stat *out)
{
	struct abi_stat64 sb;
	int32_t st = E_INVAL;
	struct fd_hold h;

	if (!fd_hold(fd, &h))
		return E_BADF;
	if (h.file->vnode) {
		file_stat(h.file, &sb);
		*out = (struct xv6_stat){
			.type = type_of(sb.mode),
			.dev = (int32_t)sb.dev,
			.ino = (uint32_t)sb.ino,
			.nlink = (int16_t)sb.nlink,
			.size = (uint32_t)sb.size,
		};
		st = out->type == XV6_T_DIR ? xv6_directory_size(h.file, &out->size) : OK;
	}
	fd_drop(&h);
	return st;
}

int32_t xv6_fstat(const struct syscall_args *a)
{
	struct xv6_stat s;
	int32_t st = look_at(a->v[0], &s);

	return st == OK ? (int32_t)copy_to_user(user_ptr(a->v[1]), &s, sizeof s) : st;
}

int32_t xv6_rv_fstat(const struct syscall_args *a)
{
	struct xv6_rv_stat r;
	struct xv6_stat s;
	int32_t st = look_at(a->v[0], &s);

	if (st != OK)
		return st;
	r = (struct xv6_rv_stat){.dev = s.dev, .ino = s.ino, .type = s.type, .nlink = s.nlink, .size = s.size};
	return copy_to_user(user_ptr(a->v[1]), &r, sizeof r);
}
