/* The regions of a process.  Some at a time are copied under the lock of the address space, with a reference to the
   file behind each, and shown when it is let go: to find the path of a file may mean to wait for the disk.  The cursor
   is the lowest address at which the next region may begin. */
#include "procfs_priv.h"

#include <abi/stat.h>
#include <fs/mount.h>
#include <kern/shm.h>
#include <mm/kmalloc.h>
#include <mm/look.h>

#define REGIONS_AT_ONCE 16u
#define SYSV_DEV ABI_MKDEV(0, 1)

struct region {
	vaddr_t start, end;
	uint8_t prot, flags, kind; /* as in struct vma */
	uint32_t page;
	struct vnode *file; /* a reference; NULL: none */
	struct shm_label shm;
	struct page_tally tally;
};

struct regions {
	unsigned n;
	bool more; /* there are some above */
	struct region item[REGIONS_AT_ONCE];
	char path[PATH_SHOWN];
};
_Static_assert(sizeof(struct regions) <= KMALLOC_MAX, "one piece of kmalloc");

static void region_copy(struct region *r, const struct vma *v)
{
	*r = (struct region){v->start, v->end, v->prot, v->flags, v->kind, v->object_page, NULL, {0}, {0}};
	if (v->object) {
		r->file = vnode_of_mapping(v->object);
		r->shm = shm_label_of(v->object);
	}
	if (r->file)
		vnode_ref(r->file);
}

static void regions_collect(struct regions *r, struct aspace *as, vaddr_t from, bool tally) requires_lock(*as)
{
	const struct vma *v = vma_find_above(&as->vmas, from);

	if (v && v->start < from) /* it was shown, and has grown since */
		v = vma_next(&as->vmas, v);
	for (; v && r->n < REGIONS_AT_ONCE; v = vma_next(&as->vmas, v)) {
		if (v->start == v->end) /* kept for what comes next */
			continue;
		region_copy(&r->item[r->n], v);
		if (tally)
			aspace_tally(as, v->start, v->end, &r->item[r->n].tally);
		r->n++;
	}
	r->more = v != NULL;
}

static void regions_drop(struct regions *r)
{
	while (r->n > 0)
		vnode_put(r->item[--r->n].file);
	kfree(r);
}

/* => OK: regions_drop is due; E_SRCH, E_NOMEM. */
static enum status regions_get(const struct proc_node *n, vaddr_t from, bool tally, struct regions **out)
{
	struct uspace *us;
	enum status st = proc_get_uspace(&n->who, &us);
	struct regions *r;

	if (st != OK)
		return st;
	r = kmalloc(sizeof *r);
	if (r) {
		r->n = 0;
		r->more = false;
		if (us) {
			uspace_lock(us);
			regions_collect(r, &us->as, from, tally);
			uspace_unlock(us);
		}
		*out = r;
	}
	if (us)
		uspace_put(us);
	return r ? OK : E_NOMEM;
}

/* The name of shared memory, in PATH. => NULL: it is none, or has none */
static const char *shm_name(const struct shm_label *l, char *path)
{
	struct text t = {.buf = path, .size = PATH_SHOWN};

	switch (l->kind) {
	case SHM_NONE: return NULL;
	case SHM_PAGE: text_put(&t, "[shmem:%d]", (int)l->number); break;
	case SHM_SYSV: text_put(&t, "/SYSV%08x (deleted)", (unsigned)l->key); break;
	}
	return path;
}

/* The name of R, in PATH when it is a file's or shared memory's. *OUT NULL: none */
static enum status region_name(const struct region *r, char *path, const char **out)
{
	enum status st;

	*out = r->kind == VMA_HEAP ? "[heap]" : r->kind == VMA_STACK ? "[stack]" : shm_name(&r->shm, path);
	if (*out || !r->file)
		return OK;
	*out = path;
	st = path_show(r->file, path);
	if (st == OK && !text_escape(path, PATH_SHOWN, "\n"))
		*out = LONG_PATH;
	return st;
}

/* Segments of System V look like files of a device that nobody sees, numbered by their ids. */
static void put_region(struct text *t, const struct region *r, const char *name)
{
	bool sysv = r->shm.kind == SHM_SYSV;
	struct region_line line = {
		.start = r->start,
		.end = r->end,
		.prot = r->prot,
		.shared = r->flags & VMA_SHARED,
		.page = r->file || r->shm.kind != SHM_NONE ? r->page : 0,
		.dev = r->file ? r->file->mount->dev
	               : sysv  ? SYSV_DEV
	                       : 0,
		.ino = r->file ? r->file->ino
	               : sysv  ? (uint32_t)r->shm.number
	                       : 0,
		.name = name,
	};

	text_put_region(t, &line);
}

static void put_pages(struct text *t, const char *name, uint32_t pages)
{
	text_put_kb(t, name, pages * (PAGE_SIZE / 1024));
}

/* A page of zeros is nobody's, and counts as resident nowhere. */
static void put_tally(struct text *t, const struct region *r)
{
	const struct page_tally *c = &r->tally;

	put_pages(t, "Size", (r->end - r->start) >> PAGE_SHIFT);
	put_pages(t, "KernelPageSize", 1);
	put_pages(t, "MMUPageSize", 1);
	put_pages(t, "Rss", c->present);
	text_put_kb(t, "Pss", c->share / 1024);
	put_pages(t, "Shared_Clean", c->shared_clean);
	put_pages(t, "Shared_Dirty", c->shared_dirty);
	put_pages(t, "Private_Clean", c->private_clean);
	put_pages(t, "Private_Dirty", c->private_dirty);
	put_pages(t, "Anonymous", c->anon);
	put_pages(t, "Swap", 0);
}

static enum status regions_fill(const struct proc_node *n, uint64_t *cursor, struct text *t, bool tally)
{
	struct regions *r;
	enum status st = regions_get(n, (vaddr_t)*cursor, tally, &r);

	if (st != OK)
		return st;
	for (unsigned i = 0; i < r->n; i++) {
		uint32_t before = t->len;
		const char *name;

		st = region_name(&r->item[i], r->path, &name);
		if (st != OK)
			break;
		put_region(t, &r->item[i], name);
		if (tally)
			put_tally(t, &r->item[i]);
		if (t->full) {
			t->len = before;
			r->more = true;
			break;
		}
		*cursor = r->item[i].end;
	}
	if (!r->more)
		*cursor = CURSOR_END;
	regions_drop(r);
	return st;
}

enum status maps_fill(struct proc_node *n, uint64_t *cursor, struct text *t)
{
	return regions_fill(n, cursor, t, false);
}

enum status smaps_fill(struct proc_node *n, uint64_t *cursor, struct text *t)
{
	return regions_fill(n, cursor, t, true);
}
