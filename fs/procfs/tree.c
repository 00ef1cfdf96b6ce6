/* The names of /proc.
   The root shows the entries of a table and, by their numbers, the processes; a process's directory shows those of
   another table; its fd/ the descriptors.  Nothing is kept: the names come from the process table at each look, and the
   name cache is not told (volatile_names). */
#include <fs/procfs.h>

#include "procfs_priv.h"

#include <abi/dirent.h>
#include <fs/fdtable.h>
#include <fs/fs.h>
#include <fs/mount.h>
#include <kern/pidmap.h>
#include <kern/time.h>
#include <lib/assert.h>
#include <lib/div64.h>
#include <lib/fmt.h>
#include <lib/string.h>
#include <mm/kmalloc.h>

#define PROCFS_DEV ABI_MKDEV(0, 3) /* st_dev: no device */

/* Numbers of nodes: the root, its entries, those of its directory sysvipc; per process its directory, that directory's
   entries, and descriptors. */
#define ROOT_INO 1u
#define ENTRY_INO 2u
#define SYSVIPC_INO 48u /* + n: entry n of sysvipc */
#define PROCESS_INO 64u /* + pid * PROCESS_SPAN; + 1 + n: entry n */
#define PROCESS_SPAN 32u
#define FD_INO 0x40000000u /* + pid * FD_MAX + descriptor */

/* Cookies of directories: ".", "..", then the entries of the table; in the root processes by their numbers, in fd/
   descriptors follow. */
#define FIRST_ENTRY 2u
#define FIRST_NUMBER 256u

static struct mount procfs;
static struct kmem_cache *nodes;

static enum status root_lookup(struct vnode *dir, const struct name *name, struct vnode **out);
static enum status root_readdir(struct vnode *dir, uint64_t *cookie, vnode_emit_fn emit, void *arg);
static enum status sysvipc_lookup(struct vnode *dir, const struct name *name, struct vnode **out);
static enum status sysvipc_readdir(struct vnode *dir, uint64_t *cookie, vnode_emit_fn emit, void *arg);
static enum status process_lookup(struct vnode *dir, const struct name *name, struct vnode **out);
static enum status process_readdir(struct vnode *dir, uint64_t *cookie, vnode_emit_fn emit, void *arg);
static enum status fd_lookup(struct vnode *dir, const struct name *name, struct vnode **out);
static enum status fd_readdir(struct vnode *dir, uint64_t *cookie, vnode_emit_fn emit, void *arg);

#define TEXT_MODE (S_IFREG | 0444)
#define OWN_MODE (S_IFREG | 0400)
#define LINK_MODE (S_IFLNK | 0777)
#define DIRECTORY_MODE (S_IFDIR | 0555)

static const struct proc_entry root_entry = {
	.name = "/", .mode = DIRECTORY_MODE, .lookup = root_lookup, .readdir = root_readdir};
static const struct proc_entry root_entries[] = {
	{.name = "cmdline", .mode = TEXT_MODE, .fill = kernel_cmdline_fill},
	{.name = "cpuinfo", .mode = TEXT_MODE, .fill = cpuinfo_fill},
	{.name = "filesystems", .mode = TEXT_MODE, .fill = filesystems_fill},
	{.name = "kpagecount", .mode = OWN_MODE, .words = kpagecount_words},
	{.name = "kpageflags", .mode = OWN_MODE, .words = kpageflags_words},
	{.name = "loadavg", .mode = TEXT_MODE, .fill = loadavg_fill},
	{.name = "meminfo", .mode = TEXT_MODE, .fill = meminfo_fill},
	{.name = "mounts", .mode = TEXT_MODE, .fill = mounts_fill},
	{.name = "self", .mode = LINK_MODE, .follow = self_follow, .readlink = self_readlink},
	{.name = "slabinfo", .mode = OWN_MODE, .fill = slabinfo_fill},
	{.name = "stat", .mode = TEXT_MODE, .fill = stat_fill},
	{.name = "sysvipc", .mode = DIRECTORY_MODE, .lookup = sysvipc_lookup, .readdir = sysvipc_readdir},
	{.name = "uptime", .mode = TEXT_MODE, .fill = uptime_fill},
	{.name = "version", .mode = TEXT_MODE, .fill = version_fill},
	{.name = "vmstat", .mode = TEXT_MODE, .fill = vmstat_fill},
};
static const struct proc_entry sysvipc_entries[] = {
	{.name = "shm", .mode = TEXT_MODE, .fill = sysvipc_shm_fill},
};
static const struct proc_entry process_entry = {
	.name = "", .mode = DIRECTORY_MODE, .lookup = process_lookup, .readdir = process_readdir};
static const struct proc_entry process_entries[] = {
	{.name = "cmdline", .mode = TEXT_MODE, .fill = process_cmdline_fill},
	{.name = "comm", .mode = TEXT_MODE, .fill = process_comm_fill},
	{.name = "cwd", .mode = LINK_MODE, .follow = cwd_follow, .readlink = cwd_readlink},
	{.name = "environ", .mode = OWN_MODE, .fill = process_environ_fill},
	{.name = "exe", .mode = LINK_MODE, .follow = exe_follow, .readlink = exe_readlink},
	{.name = "fd", .mode = S_IFDIR | 0500, .lookup = fd_lookup, .readdir = fd_readdir},
	{.name = "maps", .mode = TEXT_MODE, .fill = maps_fill},
	{.name = "mounts", .mode = TEXT_MODE, .fill = mounts_fill},
	{.name = "pagemap", .mode = OWN_MODE, .words = pagemap_words},
	{.name = "root", .mode = LINK_MODE, .follow = root_follow, .readlink = root_readlink},
	{.name = "smaps", .mode = TEXT_MODE, .fill = smaps_fill},
	{.name = "stat", .mode = TEXT_MODE, .fill = process_stat_fill},
	{.name = "statm", .mode = TEXT_MODE, .fill = process_statm_fill},
	{.name = "status", .mode = TEXT_MODE, .fill = process_status_fill},
};
static const struct proc_entry fd_entry = {.name = "", .mode = S_IFLNK, .follow = fd_follow, .readlink = fd_readlink};
_Static_assert(FIRST_ENTRY + ARRAY_SIZE(root_entries) <= FIRST_NUMBER, "cookies");
_Static_assert(ENTRY_INO + ARRAY_SIZE(root_entries) <= SYSVIPC_INO, "numbers of nodes");
_Static_assert(SYSVIPC_INO + ARRAY_SIZE(sysvipc_entries) <= PROCESS_INO, "numbers of nodes");
_Static_assert(1 + ARRAY_SIZE(process_entries) <= PROCESS_SPAN, "numbers of nodes");
_Static_assert(PROCESS_INO + PID_MAX * PROCESS_SPAN <= FD_INO, "numbers of nodes");
#if UINTPTR_MAX == UINT32_MAX
_Static_assert(FD_MAX <= (UINT32_MAX - FD_INO) / PID_MAX, "numbers of nodes");
#endif

/* --- numbers --- */

static bool is_of_sysvipc(const struct proc_entry *e)
{
	return e >= sysvipc_entries && e < sysvipc_entries + ARRAY_SIZE(sysvipc_entries);
}

static uint32_t process_ino(int32_t pid)
{
	return PROCESS_INO + (uint32_t)pid * PROCESS_SPAN;
}

static uint32_t fd_ino(int32_t pid, uint32_t fd)
{
	return FD_INO + (uint32_t)pid * FD_MAX + fd;
}

static uint32_t ino_of(const struct proc_entry *e, const struct proc_ref *who, uint32_t fd)
{
	if (e == &root_entry)
		return ROOT_INO;
	if (e == &process_entry)
		return process_ino(who->pid);
	if (e == &fd_entry)
		return fd_ino(who->pid, fd);
	if ((e->mode & S_IFMT) == S_IFIFO)
		return fd; /* a pipe has its own number */
	if (is_of_sysvipc(e))
		return SYSVIPC_INO + (uint32_t)(e - sysvipc_entries);
	if (who->pid)
		return process_ino(who->pid) + 1 + (uint32_t)(e - process_entries);
	return ENTRY_INO + (uint32_t)(e - root_entries);
}

/* NAME as a decimal number below LIMIT, without leading zeros. => -1: it is none */
static int32_t number_of(const struct name *name, uint32_t limit)
{
	uint32_t n = 0;

	if (name->len > 1 && name->text[0] == '0')
		return -1;
	for (uint32_t i = 0; i < name->len; i++) {
		uint32_t digit = (uint32_t)(name->text[i] - '0');

		if (digit > 9 || n >= limit)
			return -1;
		n = n * 10 + digit;
	}
	return n < limit ? (int32_t)n : -1;
}

/* --- nodes --- */

static uint64_t began_at(const struct proc_node *n)
{
	return n->who.pid ? time_wall_ns() - time_uptime_ns() + n->who.start_ns : time_wall_ns();
}

static void node_stat(struct vnode *vn, struct abi_stat64 *st)
{
	const struct proc_node *n = node_of(vn);

	st->mode = n->entry->mode;
	if (vn->kind == VNODE_FIFO)
		st->dev = 0; /* as fstat says of a pipe */
	else if (n->entry == &fd_entry)
		st->mode = S_IFLNK | fd_permissions(vn);
	st->nlink = vn->kind == VNODE_DIR ? 2 : 1;
	st->atime = st->mtime = st->ctime = (uint32_t)div64_u32(began_at(n), NS_PER_S, NULL);
}

static enum status link_to(struct vnode *vn, struct vnode **out)
{
	return node_of(vn)->entry->follow(vn, out);
}

static int32_t link_text(struct vnode *vn, char *to, uint32_t size)
{
	return node_of(vn)->entry->readlink(vn, to, size);
}

static enum status directory_find(struct vnode *dir, const struct name *name, struct vnode **out)
{
	return node_of(dir)->entry->lookup(dir, name, out);
}

static enum status directory_show(struct vnode *dir, uint64_t *cookie, vnode_emit_fn emit, void *arg)
{
	return node_of(dir)->entry->readdir(dir, cookie, emit, arg);
}

static enum status sysvipc_directory(struct vnode **out)
{
	for (unsigned i = 0; i < ARRAY_SIZE(root_entries); i++)
		if (root_entries[i].lookup == sysvipc_lookup)
			return node_make(&root_entries[i], NULL, 0, out);
	return E_NOENT;
}

/* Files; links are never open, and directories have "..". */
static enum status parent_of(struct vnode *vn, struct vnode **out)
{
	const struct proc_ref *who = &node_of(vn)->who;

	if (who->pid)
		return process_directory(who, out);
	if (is_of_sysvipc(node_of(vn)->entry))
		return sysvipc_directory(out);
	vnode_ref(procfs.root);
	*out = procfs.root;
	return OK;
}

static void node_destroy(struct vnode *vn)
{
	struct proc_node *n = node_of(vn);

	if (n->piece)
		piece_drop(n->piece);
	kmem_free(nodes, n);
}

static const struct vnode_ops file_ops = {
	.read = node_read, .parent = parent_of, .stat = node_stat, .destroy = node_destroy};
static const struct vnode_ops link_ops = {
	.follow = link_to, .readlink = link_text, .stat = node_stat, .destroy = node_destroy};
static const struct vnode_ops directory_ops = {
	.lookup = directory_find, .readdir = directory_show, .stat = node_stat, .destroy = node_destroy};

static const struct vnode_ops *ops_of(const struct proc_entry *e)
{
	if (e->lookup)
		return &directory_ops;
	return e->follow ? &link_ops : &file_ops;
}

enum status node_make(const struct proc_entry *e, const struct proc_ref *who, uint32_t fd, struct vnode **out)
{
	struct proc_node *n = kmem_alloc(nodes);

	if (!n)
		return E_NOMEM;
	n->entry = e;
	n->who = who ? *who : (struct proc_ref){.pid = 0};
	n->fd = fd;
	spinlock_init(&n->lock, RANK_FILES, "proc node");
	n->piece = NULL;
	vnode_init(&n->v, &procfs, ino_of(e, &n->who, fd), ops_of(e));
	vnode_set_kind(&n->v, e->mode);
	vnode_set_transient(&n->v);
	*out = &n->v;
	return OK;
}

enum status process_directory(const struct proc_ref *who, struct vnode **out)
{
	return node_make(&process_entry, who, 0, out);
}

/* --- directories in general --- */

static bool name_is(const struct name *name, const char *text)
{
	return strlen(text) == name->len && memcmp(name->text, text, name->len) == 0;
}

static enum status root_of_mount(struct vnode **out)
{
	vnode_ref(procfs.root);
	*out = procfs.root;
	return OK;
}

static enum status table_lookup(const struct proc_entry *table, unsigned n, const struct proc_ref *who,
                                const struct name *name, struct vnode **out)
{
	for (unsigned i = 0; i < n; i++)
		if (name_is(name, table[i].name))
			return node_make(&table[i], who, 0, out);
	return E_NOENT;
}

/* A directory that is being shown. */
struct listing {
	uint64_t *cookie;
	vnode_emit_fn emit;
	void *arg;
};

/* Show one entry; it is at AT, and the next at NEXT. => false: it was not taken. */
static bool show(struct listing *l, const char *name, uint32_t ino, uint32_t mode, uint64_t next)
{
	if (!l->emit(l->arg, name, (uint32_t)strlen(name), ino, (uint8_t)((mode & S_IFMT) >> 12), next))
		return false;
	*l->cookie = next;
	return true;
}

static bool show_number(struct listing *l, uint32_t number, uint32_t ino, uint32_t mode)
{
	char name[12];

	(void)fmt_snprintf(name, sizeof name, "%u", (unsigned)number);
	return show(l, name, ino, mode, FIRST_NUMBER + (uint64_t)number + 1);
}

/* ".", ".." and the table, as far as they come after the cookie. => false: not all were taken. */
static bool show_table(struct listing *l, const struct proc_entry *table, unsigned n, const struct proc_ref *who,
                       const uint32_t dots[2])
{
	while (*l->cookie < FIRST_ENTRY + n) {
		uint32_t at = (uint32_t)*l->cookie;
		const struct proc_entry *e = at < FIRST_ENTRY ? NULL : &table[at - FIRST_ENTRY];
		const char *name = e ? e->name : at == 0 ? "." : "..";

		if (!show(l, name, e ? ino_of(e, who, 0) : dots[at], e ? e->mode : S_IFDIR, at + 1))
			return false;
	}
	if (*l->cookie < FIRST_NUMBER)
		*l->cookie = FIRST_NUMBER;
	return true;
}

/* --- the root --- */

static enum status root_lookup(struct vnode *dir, const struct name *name, struct vnode **out)
{
	int32_t pid = number_of(name, PID_MAX);
	struct proc_ref who;

	(void)dir;
	if (name_is(name, ".."))
		return root_of_mount(out);
	if (pid < 0)
		return table_lookup(root_entries, ARRAY_SIZE(root_entries), NULL, name, out);
	return proc_find(pid, &who) == OK ? process_directory(&who, out) : E_NOENT;
}

static enum status root_readdir(struct vnode *dir, uint64_t *cookie, vnode_emit_fn emit, void *arg)
{
	static const uint32_t dots[2] = {ROOT_INO, ROOT_INO};
	static const struct proc_ref nobody = {.pid = 0};
	struct listing l = {cookie, emit, arg};
	struct proc_ref who;

	(void)dir;
	if (!show_table(&l, root_entries, ARRAY_SIZE(root_entries), &nobody, dots))
		return OK;
	while (*cookie - FIRST_NUMBER < PID_MAX && proc_next((int32_t)(*cookie - FIRST_NUMBER) - 1, &who))
		if (!show_number(&l, (uint32_t)who.pid, process_ino(who.pid), DIRECTORY_MODE))
			break;
	return OK;
}

/* --- sysvipc --- */

static enum status sysvipc_lookup(struct vnode *dir, const struct name *name, struct vnode **out)
{
	(void)dir;
	if (name_is(name, ".."))
		return root_of_mount(out);
	return table_lookup(sysvipc_entries, ARRAY_SIZE(sysvipc_entries), NULL, name, out);
}

static enum status sysvipc_readdir(struct vnode *dir, uint64_t *cookie, vnode_emit_fn emit, void *arg)
{
	const uint32_t dots[2] = {dir->ino, ROOT_INO};
	static const struct proc_ref nobody = {.pid = 0};
	struct listing l = {cookie, emit, arg};

	(void)show_table(&l, sysvipc_entries, ARRAY_SIZE(sysvipc_entries), &nobody, dots);
	return OK;
}

/* --- a process --- */

static enum status process_lookup(struct vnode *dir, const struct name *name, struct vnode **out)
{
	const struct proc_ref *who = &node_of(dir)->who;

	if (name_is(name, ".."))
		return root_of_mount(out);
	if (!proc_exists(who))
		return E_NOENT;
	return table_lookup(process_entries, ARRAY_SIZE(process_entries), who, name, out);
}

static enum status process_readdir(struct vnode *dir, uint64_t *cookie, vnode_emit_fn emit, void *arg)
{
	const struct proc_ref *who = &node_of(dir)->who;
	const uint32_t dots[2] = {dir->ino, ROOT_INO};
	struct listing l = {cookie, emit, arg};

	if (!proc_exists(who))
		return E_NOENT;
	(void)show_table(&l, process_entries, ARRAY_SIZE(process_entries), who, dots);
	return OK;
}

/* --- its descriptors --- */

struct fd_search {
	uint32_t from;
	int32_t found;
};

static void fd_search(struct proc *p, void *arg)
{
	struct fd_search *s = arg;

	s->found = files_next(p, s->from);
}

/* The lowest open descriptor >= FROM. => E_BADF: there is none; E_SRCH */
static int32_t fd_next(const struct proc_ref *who, uint32_t from)
{
	struct fd_search s = {.from = from};
	enum status st = proc_visit(who, fd_search, &s);

	return st == OK ? s.found : (int32_t)st;
}

static enum status fd_lookup(struct vnode *dir, const struct name *name, struct vnode **out)
{
	const struct proc_ref *who = &node_of(dir)->who;
	int32_t fd = number_of(name, FD_MAX);

	if (name_is(name, ".."))
		return proc_exists(who) ? process_directory(who, out) : E_NOENT;
	if (fd < 0 || fd_next(who, (uint32_t)fd) != fd)
		return E_NOENT;
	return node_make(&fd_entry, who, (uint32_t)fd, out);
}

static enum status fd_readdir(struct vnode *dir, uint64_t *cookie, vnode_emit_fn emit, void *arg)
{
	const struct proc_ref *who = &node_of(dir)->who;
	const uint32_t dots[2] = {dir->ino, process_ino(who->pid)};
	struct listing l = {cookie, emit, arg};
	int32_t fd = E_BADF;

	if (!proc_exists(who))
		return E_NOENT;
	if (!show_table(&l, NULL, 0, who, dots))
		return OK;
	while (*cookie - FIRST_NUMBER < FD_MAX && (fd = fd_next(who, (uint32_t)(*cookie - FIRST_NUMBER))) >= 0)
		if (!show_number(&l, (uint32_t)fd, fd_ino(who->pid, (uint32_t)fd), S_IFLNK))
			break;
	return OK;
}

/* --- the mount --- */

/* vnode_get is not for nodes that are in no table: nobody asks. */
static struct vnode *no_alloc(struct mount *m, uint32_t ino)
{
	(void)m, (void)ino;
	return NULL;
}

static enum status no_load(struct vnode *vn)
{
	(void)vn;
	return E_NOENT;
}

static const struct mount_ops procfs_ops = {.alloc = no_alloc, .load = no_load};

enum status procfs_mount(const char *cmdline)
{
	enum status st;

	kernel_cmdline = cmdline;
	nodes = kmem_cache_create("proc-node", sizeof(struct proc_node), KMEM_PLAIN);
	mount_init(&procfs, &procfs_ops, "proc", NULL, PROCFS_DEV);
	procfs.readonly = true;
	procfs.volatile_names = true;
	st = node_make(&root_entry, NULL, 0, &procfs.root);
	return st == OK ? fs_attach(&procfs, "/proc") : st;
}
