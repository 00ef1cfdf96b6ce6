/* The links of /proc: to the directory of the caller, and from a process to what it has.  They are followed by handing
   out the very node, not by walking their text: that works for what has lost its name, and for a pipe. */
#include "procfs_priv.h"

#include <fs/fdtable.h>
#include <fs/file.h>
#include <fs/mount.h>
#include <fs/path.h>
#include <lib/string.h>
#include <mm/kmalloc.h>

static const struct proc_entry pipe_entry = {.name = "pipe", .mode = S_IFIFO | 0600};

/* TEXT into TO of SIZE bytes, cut. => bytes */
static int32_t text_out(char *to, uint32_t size, const char *text)
{
	uint32_t len = (uint32_t)strlen(text);

	len = len < size ? len : size;
	memcpy(to, text, len);
	return (int32_t)len;
}

/* The file of VN has no name that is known. */
static const char *nameless(const struct vnode *vn, enum status why)
{
	if (why == E_RANGE)
		return LONG_PATH;
	return vn->unlinked ? "(deleted)" : "(unknown)";
}

enum status path_show(struct vnode *vn, char path[PATH_SHOWN])
{
	int32_t n = path_of_vnode(vn, path, PATH_SHOWN);

	if (n != E_RANGE && n != E_NOENT)
		return n > 0 ? OK : (enum status)n;
	(void)str_copy(path, PATH_SHOWN, nameless(vn, (enum status)n));
	return OK;
}

int32_t path_text(struct vnode *vn, char *to, uint32_t size)
{
	char *path = kmalloc(PATH_SHOWN);
	enum status st;
	int32_t n;

	if (!path)
		return E_NOMEM;
	st = path_show(vn, path);
	n = st == OK ? text_out(to, size, path) : (int32_t)st;
	kfree(path);
	return n;
}

/* --- self and root --- */

enum status self_follow(struct vnode *link, struct vnode **out)
{
	const struct proc *self = current_proc();
	struct proc_ref who;

	(void)link;
	if (!self)
		return E_NOENT;
	who = (struct proc_ref){self->pid, self->start_ns};
	return process_directory(&who, out);
}

int32_t self_readlink(struct vnode *link, char *to, uint32_t size)
{
	char number[12];
	struct text t = {.buf = number, .size = sizeof number};

	(void)link;
	text_put(&t, "%d", current_proc() ? (int)current_proc()->pid : 0);
	return text_out(to, size, number);
}

enum status root_follow(struct vnode *link, struct vnode **out)
{
	if (!proc_exists(&node_of(link)->who))
		return E_NOENT;
	vnode_ref(root_vnode);
	*out = root_vnode;
	return OK;
}

int32_t root_readlink(struct vnode *link, char *to, uint32_t size)
{
	return proc_exists(&node_of(link)->who) ? text_out(to, size, "/") : (int32_t)E_NOENT;
}

/* --- the working directory and the program --- */

static void get_cwd(struct proc *p, void *arg)
{
	*(struct vnode **)arg = files_get_cwd(p);
}

static void get_program(struct proc *p, void *arg)
{
	*(struct vnode **)arg = files_get_program(p);
}

/* What GET finds in the process of LINK. => E_NOENT: it has gone, or has none. */
static enum status follow(struct vnode *link, void (*get)(struct proc *p, void *arg), struct vnode **out)
{
	*out = NULL;
	if (proc_visit(&node_of(link)->who, get, out) != OK || !*out)
		return E_NOENT;
	return OK;
}

static int32_t show(struct vnode *link, void (*get)(struct proc *p, void *arg), char *to, uint32_t size)
{
	struct vnode *vn;
	int32_t n = follow(link, get, &vn);

	if (n != OK)
		return n;
	n = path_text(vn, to, size);
	vnode_put(vn);
	return n;
}

enum status cwd_follow(struct vnode *link, struct vnode **out)
{
	return follow(link, get_cwd, out);
}

int32_t cwd_readlink(struct vnode *link, char *to, uint32_t size)
{
	return show(link, get_cwd, to, size);
}

enum status exe_follow(struct vnode *link, struct vnode **out)
{
	return follow(link, get_program, out);
}

int32_t exe_readlink(struct vnode *link, char *to, uint32_t size)
{
	return show(link, get_program, to, size);
}

/* --- a descriptor --- */

struct fd_get {
	uint32_t fd;
	struct file *file;
};

static void get_file(struct proc *p, void *arg)
{
	struct fd_get *g = arg;

	g->file = files_get(p, g->fd);
}

/* => a reference; NULL: it is closed by now. */
static struct file *file_of(struct vnode *link)
{
	const struct proc_node *n = node_of(link);
	struct fd_get g = {.fd = n->fd};

	return proc_visit(&n->who, get_file, &g) == OK ? g.file : NULL;
}

uint32_t fd_permissions(struct vnode *link)
{
	struct file *f = file_of(link);
	uint32_t bits = 0;

	if (!f)
		return 0;
	bits |= file_can_read(f) ? 0500 : 0;
	bits |= file_can_write(f) ? 0300 : 0;
	file_put(f);
	return bits;
}

/* A pipe has no node; it gets one that can be looked at. */
enum status fd_follow(struct vnode *link, struct vnode **out)
{
	struct file *f = file_of(link);
	enum status st = OK;

	if (!f)
		return E_NOENT;
	*out = f->vnode;
	if (f->vnode)
		vnode_ref(f->vnode);
	else
		st = node_make(&pipe_entry, NULL, file_pipe_number(f), out);
	file_put(f);
	return st;
}

int32_t fd_readlink(struct vnode *link, char *to, uint32_t size)
{
	char name[24];
	struct text t = {.buf = name, .size = sizeof name};
	struct file *f = file_of(link);
	int32_t n;

	if (!f)
		return E_NOENT;
	if (f->vnode) {
		n = path_text(f->vnode, to, size);
	} else {
		text_put(&t, "pipe:[%u]", (unsigned)file_pipe_number(f));
		n = text_out(to, size, name);
	}
	file_put(f);
	return n;
}
