/* The walk from a path to a vnode.
   A link that a file system makes up (/proc/self) leads to a vnode.  One that has a text interrupts the walk: the text,
   and what is left of the path behind it, is a new path, which begins in the directory of the link.
   As long as the name cache knows the names, the whole walk happens under one hold of its lock and counts one
   reference, the last vnode's.  At the first name that it does not know the walk takes a reference, asks the
   directory, and goes on.  Taking each component's reference and lock in turn was not chosen: it is the same walk at
   three times the price.  Changes of names are in fs/namespace.c. */
#include <fs/path.h>

#include "path_priv.h"
#include "vnode_priv.h"

#include <abi/fcntl.h>
#include <fs/fdtable.h>
#include <fs/mount.h>
#include <fs/names.h>
#include <lib/assert.h>
#include <lib/hash.h>
#include <lib/string.h>
#include <mm/kmalloc.h>

/* Where a walk stands.  AT is safe while names_lock is held, or because HELD is the same vnode. */
struct walk {
	struct vnode *at;
	struct vnode *held; /* the one reference the walk has; NULL: none */
	const char *rest;   /* of the path */
	struct name name;   /* the component looked at */
	bool slash;         /* slashes follow it */
	bool follow;        /* also a link at the end of the path */
	struct walk_link *link;
};

/* The link that has interrupted a walk, with E_RESTART. */
struct walk_link {
	struct vnode *dir, *link; /* references */
	const char *rest;         /* of the path, behind it */
	bool slash;               /* it was followed by slashes */
};

static const struct name dotdot = {.text = "..", .len = 2, .hash = 0};

struct name name_dotdot(void)
{
	struct name n = dotdot;

	n.hash = hash_bytes(HASH_START, n.text, n.len);
	return n;
}

static struct vnode *walk_start(struct vnode *start, const char *path)
{
	const struct proc *p = current_proc();

	if (*path == '/')
		return root_vnode;
	if (start)
		return start;
	return p && p->files ? p->files->cwd : root_vnode;
}

/* The next component. => false: there is none, w->slash is as it was. */
static bool name_next(struct walk *w)
{
	const char *p = w->rest;
	uint32_t hash = HASH_START;

	while (*p == '/')
		p++;
	w->name.text = p;
	for (; *p != '\0' && *p != '/'; p++)
		hash = (hash ^ (uint8_t)*p) * HASH_PRIME;
	w->name.len = (uint32_t)(p - w->name.text);
	w->name.hash = hash;
	if (w->name.len == 0)
		return false;
	w->slash = *p == '/';
	while (*p == '/')
		p++;
	w->rest = p;
	return true;
}

static bool name_is_dot(const struct name *n)
{
	return n->len == 1 && n->text[0] == '.';
}

static bool name_is_dotdot(const struct name *n)
{
	return n->len == 2 && n->text[0] == '.' && n->text[1] == '.';
}

enum status directory_lookup(struct vnode *dir, const struct name *name, struct vnode **out)
{
	enum names_result r;
	enum status st;

	spin_lock(&names_lock);
	r = names_find(dir, name, out);
	if (r == NAMES_FOUND)
		vnode_ref_found(*out);
	spin_unlock(&names_lock);
	if (r != NAMES_UNKNOWN)
		return r == NAMES_FOUND ? OK : E_NOENT;
	if (unlikely(dir->unlinked || !dir->ops->lookup))
		return E_NOENT; /* what ".." of a removed directory was may be another node by now */
	st = dir->ops->lookup(dir, name, out);
	if (dir->mount->volatile_names)
		return st;
	if (st == OK)
		names_enter(dir, name, *out);
	else if (st == E_NOENT)
		names_enter(dir, name, NULL);
	return st;
}

/* VN, to which the name just looked at led, is a link whose text is to be followed. */
static bool is_interruption(const struct walk *w, const struct vnode *vn)
{
	return link_has_text(vn) && (w->follow || w->slash || *w->rest != '\0');
}

/* The references become the walk's link. */
static enum status interrupt(struct walk *w, struct vnode *dir, struct vnode *link)
{
	*w->link = (struct walk_link){dir, link, w->rest, w->slash};
	return E_RESTART;
}

/* NEXT, in the directory AT, is such a link. */
static no_inline enum status walk_interrupt(struct walk *w, struct vnode *next) requires_lock(names_lock)
{
	vnode_ref_found(w->at);
	vnode_ref_found(next);
	return interrupt(w, w->at, next);
}

/* The name cache does not know: ask the directory, with names_lock let go meanwhile. */
static no_inline enum status walk_ask(struct walk *w) requires_lock(names_lock)
{
	struct vnode *dir = w->at, *found = NULL, *old = w->held;
	enum status st;

	if (dir != old)
		vnode_ref_found(dir);
	spin_unlock(&names_lock);
	if (dir != old)
		vnode_put(old);
	mutex_lock(&dir->lock);
	st = directory_lookup(dir, &w->name, &found);
	mutex_unlock(&dir->lock);
	if (st == OK && unlikely(is_interruption(w, found)))
		st = interrupt(w, dir, found);
	else
		vnode_put(dir);
	spin_lock(&names_lock);
	w->held = st == OK ? found : NULL;
	w->at = w->held;
	return st;
}

enum status link_follow(struct vnode *link, struct vnode **out)
{
	return link->ops->follow ? link->ops->follow(link, out) : E_LOOP;
}

/* AT is a link: go where it leads. */
static no_inline enum status walk_follow(struct walk *w) requires_lock(names_lock)
{
	struct vnode *link = w->at, *found = NULL, *old = w->held;
	enum status st;

	if (link != old)
		vnode_ref_found(link);
	spin_unlock(&names_lock);
	if (link != old)
		vnode_put(old);
	st = link_follow(link, &found);
	vnode_put(link);
	spin_lock(&names_lock);
	w->held = st == OK ? found : NULL;
	w->at = st == OK ? vnode_cover(found) : NULL;
	return st;
}

/* AT is to be a directory, maybe by way of a link. */
static no_inline enum status walk_into(struct walk *w) requires_lock(names_lock)
{
	enum status st = w->at->kind == VNODE_LINK ? walk_follow(w) : E_NOTDIR;

	return st == OK && w->at->kind != VNODE_DIR ? E_NOTDIR : st;
}

/* From AT to the entry NAME of it. */
static enum status walk_step(struct walk *w) requires_lock(names_lock)
{
	struct vnode *next;
	enum status st;

	if (unlikely(w->at->kind != VNODE_DIR)) {
		st = walk_into(w);
		if (st != OK)
			return st;
	}
	if (unlikely(w->name.len > NAME_MAX))
		return E_NAMETOOLONG;
	if (w->name.text[0] == '.') {
		if (name_is_dot(&w->name))
			return OK;
		if (name_is_dotdot(&w->name)) {
			while (w->at == w->at->mount->root && w->at->mount->covered)
				w->at = w->at->mount->covered;
			if (w->at == root_vnode)
				return OK;
		}
	}
	switch (names_find(w->at, &w->name, &next)) {
	case NAMES_FOUND:
		if (unlikely(is_interruption(w, next)))
			return walk_interrupt(w, next);
		w->at = next;
		break;
	case NAMES_ABSENT: return E_NOENT;
	case NAMES_UNKNOWN:
		st = walk_ask(w);
		if (st != OK)
			return st;
		break;
	}
	w->at = vnode_cover(w->at);
	return OK;
}

/* The walk ends at AT. => a reference to it. */
static struct vnode *walk_finish(struct walk *w, enum status st) releases(names_lock)
{
	struct vnode *at = st == OK ? w->at : NULL;

	if (at && at != w->held)
		vnode_ref_found(at);
	spin_unlock(&names_lock);
	if (unlikely(w->held) && w->held != at)
		vnode_put(w->held);
	return at;
}

static always_inline enum status walk(struct vnode *start, const char *path, bool follow, struct walk_link *link,
                                      struct vnode **out)
{
	struct walk w = {.at = walk_start(start, path), .held = NULL, .rest = path, .follow = follow, .link = link};
	enum status st = OK;

	if (unlikely(*path == '\0'))
		return E_NOENT;
	spin_lock(&names_lock);
	w.at = vnode_cover(w.at);
	while (name_next(&w)) {
		st = walk_step(&w);
		if (unlikely(st != OK))
			break;
	}
	if (unlikely(w.slash && st == OK && w.at->kind != VNODE_DIR))
		st = walk_into(&w);
	else if (follow && st == OK && unlikely(w.at->kind == VNODE_LINK))
		st = walk_follow(&w);
	*out = walk_finish(&w, st);
	return st;
}

/* --- links that have a text --- */

/* TEXT, a buffer of PATH_MAX bytes in which L->rest may lie, becomes the path that goes on behind the link. */
static enum status text_join(const struct walk_link *l, char *text)
{
	uint32_t rest = (uint32_t)strlen(l->rest) + 1, join = l->slash || rest > 1 ? 1 : 0, room;
	char *end = text + PATH_MAX - rest;
	int32_t n;

	memmove(end, l->rest, rest);
	room = PATH_MAX - rest - join;
	n = l->link->ops->readlink ? l->link->ops->readlink(l->link, text, room) : (int32_t)E_LOOP;
	if (n <= 0)
		return n < 0 ? (enum status)n : E_NOENT;
	if ((uint32_t)n == room)
		return E_NAMETOOLONG; /* perhaps it was cut */
	if (join)
		text[n] = '/';
	memmove(text + n + join, end, rest);
	return OK;
}

/* One walk, from START through PATH. => E_RESTART: *LINK interrupts it. */
typedef enum status (*walk_fn)(struct vnode *start, const char *path, struct walk_link *link, void *arg);

/* Go on behind L, which is let go of, and what other links there are. */
static no_inline enum status walk_links(struct walk_link *l, walk_fn again, void *arg)
{
	char *text = kmalloc(PATH_MAX);
	enum status st = E_RESTART;

	for (unsigned links = 0; st == E_RESTART; links++) {
		struct walk_link here = *l;

		if (!text)
			st = E_NOMEM;
		else
			st = links < LINKS_MAX ? text_join(&here, text) : E_LOOP;
		vnode_put(here.link);
		if (st == OK)
			st = again(here.dir, text, l, arg);
		vnode_put(here.dir);
	}
	kfree(text);
	return st;
}

struct lookup {
	bool follow;
	struct vnode **out;
};

static enum status lookup_again(struct vnode *start, const char *path, struct walk_link *link, void *arg)
{
	const struct lookup *l = arg;

	return walk(start, path, l->follow, link, l->out);
}

static always_inline enum status lookup(struct vnode *start, const char *path, bool follow, struct vnode **out)
{
	struct walk_link link;
	enum status st = walk(start, path, follow, &link, out);

	if (unlikely(st == E_RESTART)) {
		struct lookup l = {follow, out};

		st = walk_links(&link, lookup_again, &l);
	}
	return st;
}

enum status path_lookup(struct vnode *start, const char *path, struct vnode **out)
{
	return lookup(start, path, true, out);
}

enum status path_lookup_link(struct vnode *start, const char *path, struct vnode **out)
{
	return lookup(start, path, false, out);
}

int32_t path_readlink(struct vnode *start, const char *path, char *to, uint32_t size)
{
	struct vnode *vn;
	int32_t n = path_lookup_link(start, path, &vn);

	if (n != OK)
		return n;
	n = vn->ops->readlink ? vn->ops->readlink(vn, to, size) : (int32_t)E_INVAL;
	vnode_put(vn);
	return n;
}

static enum path_last last_kind(const struct name *n)
{
	if (n->len == 0)
		return PATH_ROOT;
	return name_is_dot(n) ? PATH_DOT : name_is_dotdot(n) ? PATH_DOTDOT : PATH_NAME;
}

static enum status parent_walk(struct vnode *start, const char *path, struct walk_link *link, struct path_parent *out)
{
	struct walk w = {.at = walk_start(start, path), .held = NULL, .rest = path, .link = link};
	enum status st = OK;

	if (unlikely(*path == '\0'))
		return E_NOENT;
	spin_lock(&names_lock);
	w.at = vnode_cover(w.at);
	while (name_next(&w) && *w.rest != '\0') {
		st = walk_step(&w);
		if (unlikely(st != OK))
			break;
	}
	if (st == OK && unlikely(w.at->kind != VNODE_DIR))
		st = walk_into(&w);
	if (st == OK && w.name.len > NAME_MAX)
		st = E_NAMETOOLONG;
	out->name = w.name;
	out->last = last_kind(&w.name);
	out->slash = w.slash;
	out->dir = walk_finish(&w, st);
	return st;
}

struct parent_lookup {
	struct path_parent *out;
	uint32_t tail; /* bytes from the last name to the end of the path */
};

static enum status parent_again(struct vnode *start, const char *path, struct walk_link *link, void *arg)
{
	struct parent_lookup *l = arg;
	enum status st = parent_walk(start, path, link, l->out);

	l->tail = (uint32_t)strlen(l->out->name.text);
	return st;
}

enum status path_parent(struct vnode *start, const char *path, struct path_parent *out)
{
	struct walk_link link;
	struct parent_lookup l = {out, 0};
	enum status st = parent_walk(start, path, &link, out);

	if (likely(st != E_RESTART))
		return st;
	st = walk_links(&link, parent_again, &l);
	/* Links change what is in front of the last name: it is as it was, in the path that was given. */
	out->name.text = path + strlen(path) - l.tail;
	return st;
}

enum status program_open(const char *path, struct vnode **out)
{
	struct abi_stat64 sb;
	enum status st = path_lookup(NULL, path, out);

	if (st != OK)
		return st;
	vnode_stat(*out, &sb);
	if ((*out)->kind != VNODE_FILE || (sb.mode & 0111) == 0)
		st = E_ACCES;
	else
		st = vnode_deny_writers(*out);
	if (st != OK)
		vnode_put(*out);
	return st;
}

void program_close(struct vnode *vn)
{
	vnode_allow_writers(vn);
	vnode_put(vn);
}

/* --- the way back: getcwd --- */

/* Looks for the name of inode INO; puts it in front of what BUF + AT holds. */
struct name_search {
	uint64_t ino;
	char *buf;
	uint32_t at;
	bool found, full;
};

static bool search_entry(void *arg, const char *name, uint32_t len, uint64_t ino, uint8_t type, uint64_t next)
{
	struct name_search *s = arg;

	(void)type, (void)next;
	if (ino != s->ino || (len == 1 && name[0] == '.') || (len == 2 && name[0] == '.' && name[1] == '.'))
		return true;
	s->found = true;
	s->full = s->at < len + 1;
	if (!s->full) {
		s->at -= len + 1;
		s->buf[s->at] = '/';
		for (uint32_t i = 0; i < len; i++)
			s->buf[s->at + 1 + i] = name[i];
	}
	return false;
}

enum status directory_parent(struct vnode *dir, struct vnode **out)
{
	const struct name up = name_dotdot();
	enum status st;

	mutex_lock(&dir->lock);
	st = directory_lookup(dir, &up, out);
	mutex_unlock(&dir->lock);
	return st;
}

/* Put the name of INO in DIR in front of what S has. */
static enum status name_in_directory(struct vnode *dir, uint32_t ino, struct name_search *s)
{
	uint64_t cookie = 0;
	enum status st;

	s->ino = ino;
	s->found = false;
	mutex_lock(&dir->lock);
	st = dir->ops->readdir(dir, &cookie, search_entry, s);
	mutex_unlock(&dir->lock);
	if (st == OK && !s->found)
		st = E_NOENT;
	return st == OK && s->full ? E_RANGE : st;
}

/* *DIR (a reference, exchanged for one to its parent) is not the root of all: put its name in front. */
static enum status name_of_directory(struct vnode **dir, struct name_search *s)
{
	struct vnode *parent, *child = *dir;
	enum status st;

	if (child == child->mount->root) {
		child = child->mount->covered;
		vnode_ref(child);
		vnode_put(*dir);
		*dir = child;
	}
	st = directory_parent(child, &parent);
	if (st != OK)
		return st;
	st = name_in_directory(parent, child->ino, s);
	vnode_put(child);
	*dir = parent;
	return st;
}

/* In front of what S has: the name of VN, no directory. *DIR: a reference to where it is. */
static enum status name_of_file(struct vnode *vn, struct vnode **dir, struct name_search *s)
{
	enum status st = vnode_directory(vn, dir);

	if (st != OK)
		return st;
	st = (*dir)->kind == VNODE_DIR ? name_in_directory(*dir, vn->ino, s) : E_NOENT;
	if (st != OK)
		vnode_put(*dir);
	return st;
}

int32_t path_of_directory(struct vnode *dir, char *buf, uint32_t size)
{
	return dir->kind == VNODE_DIR ? path_of_vnode(dir, buf, size) : (int32_t)E_NOTDIR;
}

int32_t path_of_vnode(struct vnode *vn, char *buf, uint32_t size)
{
	struct name_search s = {.buf = buf, .at = size - 1};
	struct vnode *dir = vn;
	enum status st = OK;

	if (size < 2)
		return E_RANGE;
	if (vn->unlinked)
		return E_NOENT;
	buf[s.at] = '\0';
	if (vn->kind == VNODE_DIR)
		vnode_ref(dir);
	else
		st = name_of_file(vn, &dir, &s);
	if (st != OK)
		return st;
	while (st == OK && dir != root_vnode)
		st = name_of_directory(&dir, &s);
	vnode_put(dir);
	if (st != OK)
		return st;
	if (s.at == size - 1)
		buf[--s.at] = '/';
	memmove(buf, buf + s.at, size - s.at);
	return (int32_t)(size - s.at);
}
