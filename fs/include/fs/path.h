/* From paths to vnodes.  A path is a NUL-terminated string in kernel memory.  START is the directory that a relative
   path begins at; NULL: the working directory of the current process (a kernel thread's is the root).  Links
   that a file system makes up (/proc/self) are followed.  All may sleep; no lock is held. */
#ifndef FS_PATH_H
#define FS_PATH_H

#include <fs/vnode.h>

/* A reference to what PATH names. => E_NOENT (also: the empty path), E_NOTDIR, E_NAMETOOLONG, E_IO, E_NOMEM. */
enum status path_lookup(struct vnode *start, const char *path, struct vnode **out) must_check;
/* The same; when PATH names a link, it is that. */
enum status path_lookup_link(struct vnode *start, const char *path, struct vnode **out) must_check;

enum path_last {
	PATH_NAME,   /* an ordinary name */
	PATH_DOT,    /* "." */
	PATH_DOTDOT, /* ".." */
	PATH_ROOT,   /* the path was all slashes */
};

struct path_parent {
	struct vnode *dir; /* a reference; a directory */
	struct name name;  /* within the path's memory; PATH_NAME only */
	enum path_last last;
	bool slash; /* slashes followed the last name: it must be a directory */
};
/* All of PATH but its last name. */
enum status path_parent(struct vnode *start, const char *path, struct path_parent *out) must_check;

/* --- changes of names, as the system calls have them --- */

/* MODE has its type bits (S_IFREG, S_IFDIR, S_IFCHR, S_IFBLK) and the umask applied. */
enum status path_make(struct vnode *start, const char *path, const struct vnode_make *m) must_check;
enum status path_link(struct vnode *from_start, const char *from, struct vnode *to_start, const char *to) must_check;
enum status path_unlink(struct vnode *start, const char *path) must_check;
enum status path_rmdir(struct vnode *start, const char *path) must_check;
enum status path_rename(struct vnode *from_start, const char *from, struct vnode *to_start, const char *to) must_check;

/* What open does: find PATH, or with O_CREAT make it (MODE: permission bits, umask applied; *MADE says so), and the
   checks that need only the vnode: O_EXCL, O_DIRECTORY, directories are not written. */
enum status path_open(struct vnode *start, const char *path, uint32_t flags, uint32_t mode, struct vnode **out,
                      bool *made) must_check;

/* The program that execve is to load: a regular file with an execute bit, whose writers are denied from now on.  The
   caller either hands it to files_set_program() or undoes it with program_close().  => also E_ACCES, E_TXTBSY. */
enum status program_open(const char *path, struct vnode **out) must_check;
void program_close(struct vnode *vn);

/* The text of the link that PATH names, at most SIZE bytes, without a NUL. => bytes; E_INVAL: it is no link. */
int32_t path_readlink(struct vnode *start, const char *path, char *to, uint32_t size) must_check;

/* The path of VN, of any kind, as path_of_directory has it; of hard links, one of them. => also E_NOENT: it has none,
   or none is known. */
int32_t path_of_vnode(struct vnode *vn, char *buf, uint32_t size) must_check;
/* The path of DIR from the root into BUF of SIZE bytes, with its NUL. => its length with the NUL; E_RANGE; E_NOENT:
   DIR was removed; E_NOMEM, E_IO. */
int32_t path_of_directory(struct vnode *dir, char *buf, uint32_t size) must_check;

#endif
