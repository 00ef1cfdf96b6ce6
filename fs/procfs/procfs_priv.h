/* What the files of procfs share.

   A node is made afresh by each lookup, is in no table, and ends with its last reference; so there is one for each
   open, and it may keep what belongs to the open: the piece of text that is being read.  A node of a process knows it
   by struct proc_ref, which nobody else will ever have, and keeps nothing of it alive. */
#ifndef FS_PROCFS_PRIV_H
#define FS_PROCFS_PRIV_H

#include <fs/procfs_format.h>
#include <fs/vnode.h>
#include <kern/procinfo.h>

#define LONG_PATH "(long path)"
#define PATH_SHOWN 2800u /* bytes of a path with its NUL, at most; a longer one is shown as "(long path)" */

/* Part of a file's text.  refs: lock of its node; the rest is constant once others can see it. */
struct piece {
	uint32_t refs;
	uint32_t len;
	uint64_t at;   /* where in the file it begins */
	uint64_t next; /* the cursor at which the next one begins */
	char text[];
};
#define PIECE_BYTES (PAGE_SIZE - (uint32_t)sizeof(struct piece))

struct proc_node {
	struct vnode v;
	const struct proc_entry *entry; /* (c) */
	struct proc_ref who;            /* (c) pid 0: of no process */
	uint32_t fd;                    /* (c) of an entry of fd/; of a pipe: its number */
	struct spinlock lock;           /* RANK_FILES: piece */
	struct piece *piece;            /* read last; NULL: none yet.  A reference */
};

static inline struct proc_node *node_of(struct vnode *vn)
{
	return container_of(vn, struct proc_node, v);
}

/* Cursors say which record of a file comes next; 0: the first. */
#define CURSOR_END UINT64_MAX

/* What a name of /proc means.  One of the functions is there, or it is a directory. */
struct proc_entry {
	const char *name;
	uint32_t mode; /* S_IF* and permission bits */
	/* Append whole records from *CURSOR on, as many as fit (at least one fits into PIECE_BYTES); *CURSOR becomes
	   where to go on.  Called with nothing locked; may sleep.  => E_SRCH, E_NOMEM. */
	enum status (*fill)(struct proc_node *n, uint64_t *cursor, struct text *t);
	/* Words FIRST to FIRST + COUNT of an array (COUNT <= PAGE_SIZE / 8). => how many there are; E_SRCH. */
	int32_t (*words)(struct proc_node *n, uint64_t first, uint64_t *to, uint32_t count);
	enum status (*follow)(struct vnode *link, struct vnode **out);    /* as vnode_ops */
	int32_t (*readlink)(struct vnode *link, char *to, uint32_t size); /* as vnode_ops */
	enum status (*lookup)(struct vnode *dir, const struct name *name, struct vnode **out);
	enum status (*readdir)(struct vnode *dir, uint64_t *cookie, vnode_emit_fn emit, void *arg);
};

/* --- tree.c --- */

/* A node with one reference. => E_NOMEM */
enum status node_make(const struct proc_entry *e, const struct proc_ref *who, uint32_t fd, struct vnode **out)
	must_check;
enum status process_directory(const struct proc_ref *who, struct vnode **out) must_check;

/* --- read.c --- */

int32_t node_read(struct vnode *vn, uint64_t offset, user_ptr_t to, uint32_t n);
void piece_drop(struct piece *p); /* the node ends */

/* --- machine.c --- */

enum status meminfo_fill(struct proc_node *n, uint64_t *cursor, struct text *t);
enum status vmstat_fill(struct proc_node *n, uint64_t *cursor, struct text *t);
enum status slabinfo_fill(struct proc_node *n, uint64_t *cursor, struct text *t);
enum status stat_fill(struct proc_node *n, uint64_t *cursor, struct text *t);
enum status uptime_fill(struct proc_node *n, uint64_t *cursor, struct text *t);
enum status loadavg_fill(struct proc_node *n, uint64_t *cursor, struct text *t);
enum status version_fill(struct proc_node *n, uint64_t *cursor, struct text *t);
enum status cpuinfo_fill(struct proc_node *n, uint64_t *cursor, struct text *t);
enum status mounts_fill(struct proc_node *n, uint64_t *cursor, struct text *t);
enum status filesystems_fill(struct proc_node *n, uint64_t *cursor, struct text *t);
enum status kernel_cmdline_fill(struct proc_node *n, uint64_t *cursor, struct text *t);
enum status sysvipc_shm_fill(struct proc_node *n, uint64_t *cursor, struct text *t);
extern const char *kernel_cmdline; /* (c) after the mount */

/* --- process.c --- */

enum status process_stat_fill(struct proc_node *n, uint64_t *cursor, struct text *t);
enum status process_statm_fill(struct proc_node *n, uint64_t *cursor, struct text *t);
enum status process_status_fill(struct proc_node *n, uint64_t *cursor, struct text *t);
enum status process_comm_fill(struct proc_node *n, uint64_t *cursor, struct text *t);
enum status process_cmdline_fill(struct proc_node *n, uint64_t *cursor, struct text *t);
enum status process_environ_fill(struct proc_node *n, uint64_t *cursor, struct text *t);

/* --- maps.c --- */

enum status maps_fill(struct proc_node *n, uint64_t *cursor, struct text *t);
enum status smaps_fill(struct proc_node *n, uint64_t *cursor, struct text *t);

/* --- pages.c --- */

int32_t kpagecount_words(struct proc_node *n, uint64_t first, uint64_t *to, uint32_t count);
int32_t kpageflags_words(struct proc_node *n, uint64_t first, uint64_t *to, uint32_t count);
int32_t pagemap_words(struct proc_node *n, uint64_t first, uint64_t *to, uint32_t count);

/* --- links.c --- */

/* The path of VN, or what there is to say instead. => E_NOMEM, E_IO. */
enum status path_show(struct vnode *vn, char path[PATH_SHOWN]) must_check;
/* The same, cut to SIZE bytes, without a NUL. => bytes */
int32_t path_text(struct vnode *vn, char *to, uint32_t size) must_check;
enum status self_follow(struct vnode *link, struct vnode **out);
int32_t self_readlink(struct vnode *link, char *to, uint32_t size);
enum status cwd_follow(struct vnode *link, struct vnode **out);
int32_t cwd_readlink(struct vnode *link, char *to, uint32_t size);
enum status exe_follow(struct vnode *link, struct vnode **out);
int32_t exe_readlink(struct vnode *link, char *to, uint32_t size);
enum status root_follow(struct vnode *link, struct vnode **out);
int32_t root_readlink(struct vnode *link, char *to, uint32_t size);
enum status fd_follow(struct vnode *link, struct vnode **out);
uint32_t fd_permissions(struct vnode *link); /* what the descriptor was opened for, as permission bits */
int32_t fd_readlink(struct vnode *link, char *to, uint32_t size);

#endif
