/* Changes of names: make, link, unlink, rename, and the making half of open.
   Each finds the directory, locks it, looks once more what the name means, checks everything, and then lets the file
   system change it; the name cache is told before the directory is unlocked.  A vnode that has lost its name goes when
   its last reference does, after all locks are let go.
   Rename between directories is one at a time in a mount: then no directory above another moves, and "ancestor first"
   is an order that all keep. */
#include <fs/path.h>

#include "path_priv.h"
#include "vnode_priv.h"

#include <abi/fcntl.h>
#include <fs/mount.h>
#include <fs/names.h>
#include <fs/pagecache.h>
#include <kern/sched.h>
#include <lib/assert.h>
#include <mm/kmalloc.h>

/* The vnode that covers VN: its reference is exchanged. */
static struct vnode *cross_mount(struct vnode *vn)
{
	struct vnode *over;

	if (likely(!vn->mounted))
		return vn;
	spin_lock(&names_lock);
	over = vnode_cover(vn);
	vnode_ref_found(over);
	spin_unlock(&names_lock);
	vnode_put(vn);
	return over;
}

/* --- make --- */

/* DIR is locked and does not have NAME. */
static enum status make_in(struct vnode *dir, const struct name *name, const struct vnode_make *m, struct vnode **out)
{
	enum status st;

	if (dir->unlinked)
		return E_NOENT;
	if (dir->mount->readonly)
		return E_ROFS;
	if (!dir->ops->make)
		return E_PERM;
	st = dir->ops->make(dir, name, m, out);
	if (st == OK)
		names_enter(dir, name, *out);
	return st;
}

static enum status make_once(struct vnode *start, const char *path, const struct vnode_make *m)
{
	struct vnode *vn = NULL;
	struct path_parent p;
	enum status st = path_parent(start, path, &p);

	if (st != OK)
		return st;
	if (p.last != PATH_NAME) {
		vnode_put(p.dir);
		return E_EXIST;
	}
	pagecache_throttle(); /* nodes are dirty blocks too */
	mutex_lock(&p.dir->lock);
	st = directory_lookup(p.dir, &p.name, &vn);
	if (st == OK)
		st = E_EXIST;
	else if (st == E_NOENT)
		st = p.slash && (m->mode & S_IFMT) != S_IFDIR ? E_NOENT : make_in(p.dir, &p.name, m, &vn);
	mutex_unlock(&p.dir->lock);
	vnode_put(vn);
	vnode_put(p.dir);
	return st;
}

enum status path_make(struct vnode *start, const char *path, const struct vnode_make *m)
{
	enum status st = make_once(start, path, m);

	return unlikely(st == E_NOSPC) && vnode_make_room() ? make_once(start, path, m) : st;
}

/* The node for open(O_CREAT); P.last is a name. */
static enum status find_or_make(const struct path_parent *p, uint32_t mode, struct vnode **out, bool *made)
{
	const struct vnode_make make = {.mode = S_IFREG | (mode & 07777)};
	enum status st;

	mutex_lock(&p->dir->lock);
	st = directory_lookup(p->dir, &p->name, out);
	if (st == E_NOENT) {
		st = make_in(p->dir, &p->name, &make, out);
		*made = st == OK;
	}
	mutex_unlock(&p->dir->lock);
	if (st == OK)
		*out = cross_mount(*out);
	return st;
}

/* *VN is a link that is to be followed: its reference is exchanged. */
static enum status exchange_link(struct vnode **vn)
{
	struct vnode *to;
	enum status st = link_follow(*vn, &to);

	if (st != OK)
		return st;
	vnode_put(*vn);
	*vn = cross_mount(to);
	return OK;
}

static enum status open_create(struct vnode *start, const char *path, uint32_t mode, struct vnode **out, bool *made)
{
	struct path_parent p;
	enum status st = path_parent(start, path, &p);

	if (st != OK)
		return st;
	if (p.last != PATH_NAME) {
		*out = p.dir; /* ".", "..", "/": some directory, and that is all that matters */
		return OK;
	}
	pagecache_throttle();
	st = p.slash ? E_ISDIR : find_or_make(&p, mode, out, made);
	vnode_put(p.dir);
	return st;
}

/* The text of LINK, of which the reference is let go, as a path in TEXT of PATH_MAX bytes. */
static enum status take_text(struct vnode *link, char *text)
{
	int32_t n = link->ops->readlink ? link->ops->readlink(link, text, PATH_MAX) : (int32_t)E_LOOP;

	vnode_put(link);
	if (n == PATH_MAX)
		return E_NAMETOOLONG;
	text[n > 0 ? n : 0] = '\0';
	return n < 0 ? (enum status)n : OK;
}

/* *OUT is what START and PATH lead to, a link with a text: make, or find, what it leads to.  TEXT is a buffer. */
static enum status create_behind(struct vnode *start, const char *path, char *text, uint32_t mode, struct vnode **out,
                                 bool *made)
{
	struct vnode *dir = NULL;
	enum status st = OK;

	for (unsigned links = 0; st == OK && link_has_text(*out); links++) {
		struct vnode *link = *out;
		struct path_parent p;

		*out = NULL;
		st = links < LINKS_MAX ? path_parent(dir ? dir : start, path, &p) : E_LOOP;
		if (st != OK) {
			vnode_put(link);
			break;
		}
		vnode_put(dir);
		dir = p.dir;
		st = take_text(link, text);
		path = text;
		if (st == OK)
			st = open_create(dir, path, mode, out, made);
	}
	vnode_put(dir);
	return st;
}

static no_inline enum status open_create_behind(struct vnode *start, const char *path, uint32_t mode,
                                                struct vnode **out, bool *made)
{
	char *text = kmalloc(PATH_MAX);
	enum status st = text ? create_behind(start, path, text, mode, out, made) : E_NOMEM;

	kfree(text);
	return st;
}

static bool follows(uint32_t flags)
{
	return !(flags & O_NOFOLLOW) && (flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL);
}

static enum status open_check(const struct vnode *vn, uint32_t flags, bool made)
{
	bool writes = (flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC);

	if ((flags & O_CREAT) && (flags & O_EXCL) && !made)
		return E_EXIST;
	if (vn->kind == VNODE_DIR && (writes || (flags & O_CREAT)))
		return E_ISDIR;
	if (vn->kind != VNODE_DIR && (flags & O_DIRECTORY))
		return E_NOTDIR;
	if (vn->kind == VNODE_LINK)
		return E_LOOP;
	if (vn->kind == VNODE_FILE && writes && vn->mount->readonly)
		return E_ROFS;
	return OK;
}

enum status path_open(struct vnode *start, const char *path, uint32_t flags, uint32_t mode, struct vnode **out,
                      bool *made)
{
	enum status st;

	*made = false;
	if (flags & O_CREAT)
		st = open_create(start, path, mode, out, made);
	else
		st = follows(flags) ? path_lookup(start, path, out) : path_lookup_link(start, path, out);
	if (unlikely(st == E_NOSPC) && vnode_make_room())
		st = open_create(start, path, mode, out, made);
	if (st != OK)
		return st;
	if (unlikely((*out)->kind == VNODE_LINK) && follows(flags))
		st = link_has_text(*out) ? open_create_behind(start, path, mode, out, made) : exchange_link(out);
	if (st == OK)
		st = open_check(*out, flags, *made);
	if (st != OK)
		vnode_put(*out);
	return st;
}

/* --- link, unlink, rmdir --- */

/* Both are locked; the name must not be there. */
static enum status link_in(struct vnode *dir, const struct name *name, struct vnode *vn)
{
	struct vnode *there;
	enum status st = directory_lookup(dir, name, &there);

	if (st == OK) {
		vnode_put(there);
		return E_EXIST;
	}
	if (st != E_NOENT)
		return st;
	if (dir->unlinked || vn->unlinked)
		return E_NOENT;
	if (!dir->ops->link)
		return E_PERM;
	st = dir->ops->link(dir, name, vn);
	if (st == OK)
		names_enter(dir, name, vn);
	return st;
}

enum status path_link(struct vnode *from_start, const char *from, struct vnode *to_start, const char *to)
{
	struct path_parent p;
	struct vnode *vn;
	enum status st = path_lookup_link(from_start, from, &vn);

	if (st != OK)
		return st;
	st = path_parent(to_start, to, &p);
	if (st != OK)
		goto put_vnode;
	if (p.last != PATH_NAME)
		st = E_EXIST;
	else if (vn->mount != p.dir->mount)
		st = E_XDEV;
	else if (vn->kind == VNODE_DIR)
		st = E_PERM;
	else if (p.slash)
		st = E_NOENT;
	if (st == OK) {
		mutex_lock(&p.dir->lock);
		mutex_lock(&vn->lock);
		st = link_in(p.dir, &p.name, vn);
		mutex_unlock(&vn->lock);
		mutex_unlock(&p.dir->lock);
	}
	vnode_put(p.dir);
put_vnode:
	vnode_put(vn);
	return st;
}

/* DIR is locked; VN, which NAME means, loses that name. */
static enum status unlink_from(struct vnode *dir, const struct name *name, struct vnode *vn) no_lock_check
{
	enum status st;

	if (!dir->ops->unlink)
		return E_PERM;
	if (vn->kind == VNODE_DIR)
		mutex_lock_second(&vn->lock);
	else
		mutex_lock(&vn->lock);
	st = dir->ops->unlink(dir, name, vn);
	if (st == OK && vn->kind == VNODE_DIR) {
		spin_lock(&names_lock);
		names_forget_vnode(vn);
		spin_unlock(&names_lock);
	}
	if (st == OK)
		names_gone(dir, name, vn);
	mutex_unlock(&vn->lock);
	return st;
}

static enum status unlink_check(const struct path_parent *p, const struct vnode *vn, bool directory)
{
	if (vn->mounted)
		return E_BUSY;
	if (directory)
		return vn->kind == VNODE_DIR ? OK : E_NOTDIR;
	if (vn->kind == VNODE_DIR)
		return E_ISDIR;
	return p->slash ? E_NOTDIR : OK;
}

static enum status remove_name(const struct path_parent *p, bool directory)
{
	struct vnode *vn = NULL;
	enum status st;

	mutex_lock(&p->dir->lock);
	st = directory_lookup(p->dir, &p->name, &vn);
	if (st == OK)
		st = unlink_check(p, vn, directory);
	if (st == OK)
		st = unlink_from(p->dir, &p->name, vn);
	mutex_unlock(&p->dir->lock);
	vnode_put(vn);
	return st;
}

enum status path_unlink(struct vnode *start, const char *path)
{
	struct path_parent p;
	enum status st = path_parent(start, path, &p);

	if (st != OK)
		return st;
	st = p.last == PATH_NAME ? remove_name(&p, false) : E_ISDIR;
	vnode_put(p.dir);
	return st;
}

enum status path_rmdir(struct vnode *start, const char *path)
{
	struct path_parent p;
	enum status st = path_parent(start, path, &p);

	if (st != OK)
		return st;
	switch (p.last) {
	case PATH_NAME: st = remove_name(&p, true); break;
	case PATH_DOT: st = E_INVAL; break;
	case PATH_DOTDOT: st = E_NOTEMPTY; break;
	case PATH_ROOT: st = E_BUSY; break;
	}
	vnode_put(p.dir);
	return st;
}

/* --- rename --- */

/* A rename under way.  Vnodes are references. */
struct rename {
	struct path_parent from, to;
	struct vnode *moved, *victim;
	/* What lies on the way up from one directory to the other, by number: a vnode that nobody refers to may go and
	   come again meanwhile. */
	uint32_t above_to;   /* the child of from.dir that to.dir is or lies below; 0: none */
	uint32_t above_from; /* the child of to.dir that from.dir is or lies below; 0: none */
};

/* Walk up from DIR: the number of the child of TOP on the way, 0 when TOP is not met.  The mount's rename lock is held,
   so the way stays as it is.  On a damaged disk it may be a circle: then it comes by the place that it marks at its
   1st, 2nd, 4th, ... step. => also E_UCLEAN */
static enum status find_on_way_up(struct vnode *dir, const struct vnode *top, uint32_t *child)
{
	uint32_t mark = 0;
	enum status st = OK;

	*child = 0;
	vnode_ref(dir);
	for (uint32_t step = 1; st == OK && dir != dir->mount->root && dir != top; step++) {
		struct vnode *parent;

		if (dir->ino == mark)
			st = E_UCLEAN;
		else
			st = directory_parent(dir, &parent);
		if (st != OK)
			break;
		if (parent == top)
			*child = dir->ino;
		if ((step & (step - 1)) == 0)
			mark = dir->ino;
		vnode_put(dir);
		dir = parent;
		sched_point();
	}
	vnode_put(dir);
	return st;
}

/* Lock both directories, the ancestor first, else in address order. */
static enum status rename_lock(struct rename *r) no_lock_check
{
	struct vnode *first = r->from.dir, *second = r->to.dir;
	enum status st;

	if (first == second) {
		mutex_lock(&first->lock);
		return OK;
	}
	mutex_lock(&first->mount->rename_lock);
	st = find_on_way_up(r->to.dir, r->from.dir, &r->above_to);
	if (st == OK)
		st = find_on_way_up(r->from.dir, r->to.dir, &r->above_from);
	if (st != OK) {
		mutex_unlock(&first->mount->rename_lock);
		return st;
	}
	if (r->above_from || (!r->above_to && (uintptr_t)first > (uintptr_t)second)) {
		first = r->to.dir;
		second = r->from.dir;
	}
	mutex_lock(&first->lock);
	mutex_lock_second(&second->lock);
	return OK;
}

static void rename_unlock(struct rename *r) no_lock_check
{
	if (r->from.dir != r->to.dir) {
		mutex_unlock(&r->to.dir->lock);
		mutex_unlock(&r->from.dir->mount->rename_lock);
	}
	mutex_unlock(&r->from.dir->lock);
}

static enum status rename_check(const struct rename *r)
{
	bool is_dir = r->moved->kind == VNODE_DIR;

	if (r->moved->ino == r->above_to || r->moved == r->to.dir)
		return E_INVAL;
	if (r->victim && (r->victim->ino == r->above_from || r->victim == r->from.dir))
		return E_NOTEMPTY;
	if (r->to.dir->unlinked)
		return E_NOENT;
	if (r->moved->mounted || (r->victim && r->victim->mounted))
		return E_BUSY;
	if (!is_dir && (r->from.slash || r->to.slash))
		return E_NOTDIR;
	if (r->victim && is_dir && r->victim->kind != VNODE_DIR)
		return E_NOTDIR;
	if (r->victim && !is_dir && r->victim->kind == VNODE_DIR)
		return E_ISDIR;
	return r->from.dir->ops->rename ? OK : E_PERM;
}

/* The two that may be locked below the directories: a directory that gets another parent, and who loses its name. */
static void lock_lower(struct vnode *vn) no_lock_check
{
	if (vn && vn->kind == VNODE_DIR)
		mutex_lock_second(&vn->lock);
	else if (vn)
		mutex_lock(&vn->lock);
}

static void unlock_lower(struct vnode *vn) no_lock_check
{
	if (vn)
		mutex_unlock(&vn->lock);
}

static void rename_tell_names(const struct rename *r)
{
	const struct name up = name_dotdot();

	if (r->victim)
		names_gone(r->to.dir, &r->to.name, r->victim);
	names_gone(r->from.dir, &r->from.name, r->moved);
	names_enter(r->to.dir, &r->to.name, r->moved);
	if (r->moved->kind == VNODE_DIR)
		names_forget(r->moved, &up);
	if (r->victim && r->victim->kind == VNODE_DIR) {
		spin_lock(&names_lock);
		names_forget_vnode(r->victim);
		spin_unlock(&names_lock);
	}
}

static enum status rename_do(struct rename *r)
{
	bool new_parent = r->moved->kind == VNODE_DIR && r->from.dir != r->to.dir;
	struct vnode *a = new_parent ? r->moved : NULL, *b = r->victim;
	const struct vnode_rename args = {
		.from_dir = r->from.dir,
		.to_dir = r->to.dir,
		.from = r->from.name,
		.to = r->to.name,
		.moved = r->moved,
		.victim = r->victim,
	};
	enum status st;

	if (a && b && (uintptr_t)a > (uintptr_t)b) {
		a = r->victim;
		b = r->moved;
	}
	lock_lower(a);
	lock_lower(b);
	st = r->from.dir->ops->rename(&args);
	if (st == OK)
		rename_tell_names(r);
	unlock_lower(b);
	unlock_lower(a);
	return st;
}

/* Both directories are locked. */
static enum status rename_names(struct rename *r)
{
	enum status st = directory_lookup(r->from.dir, &r->from.name, &r->moved);

	if (st != OK)
		return st;
	st = directory_lookup(r->to.dir, &r->to.name, &r->victim);
	if (st != OK && st != E_NOENT)
		return st;
	if (st == E_NOENT)
		r->victim = NULL;
	st = rename_check(r);
	if (st != OK || r->moved == r->victim) /* two names of one file: nothing to do, as POSIX has it */
		return st;
	return rename_do(r);
}

static enum status rename_between(struct rename *r)
{
	enum status st;

	if (r->from.last != PATH_NAME || r->to.last != PATH_NAME)
		return E_BUSY;
	if (r->from.dir->mount != r->to.dir->mount)
		return E_XDEV;
	st = rename_lock(r);
	if (st != OK)
		return st;
	st = rename_names(r);
	rename_unlock(r);
	return st;
}

enum status path_rename(struct vnode *from_start, const char *from, struct vnode *to_start, const char *to)
{
	struct rename r = {.moved = NULL};
	enum status st = path_parent(from_start, from, &r.from);

	if (st != OK)
		return st;
	st = path_parent(to_start, to, &r.to);
	if (st == OK) {
		st = rename_between(&r);
		vnode_put(r.to.dir);
	}
	vnode_put(r.moved);
	vnode_put(r.victim);
	vnode_put(r.from.dir);
	return st;
}
