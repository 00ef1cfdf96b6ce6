/* The cache of vnodes: a hash by (mount, inode number), and a list by age for those nobody refers to.
   Its lock is the name cache's: a path is resolved and its last vnode counted under one hold, and a vnode that goes
   takes its names along under the same.  References above one are counted without the lock; only the steps between 0
   and 1 take it.  A vnode that is being read from disk is in the table already (LOADING), so that nobody reads it
   twice, and one that goes stays there until it has gone (DYING), so that its number is not used again too early;
   waiting for either is rare, and one wait queue serves all. */
#include <fs/vnode.h>

#include "vnode_priv.h"

#include <dev/blk.h>
#include <fs/mount.h>
#include <fs/pagecache.h>
#include <kern/sched.h>
#include <lib/assert.h>
#include <lib/hash.h>

#define TABLE_BUCKETS 512u
#define IDLE_MIN 64u /* vnodes kept though nobody refers to them, at least */
#define IDLE_MAX 2048u
#define FRAMES_PER_IDLE 32u /* of RAM */
#define TRIM_SCAN 64u       /* vnodes looked at in one go when there are too many */

uint32_t vnode_idle;

static struct {
	struct list bucket[TABLE_BUCKETS]; /* names_lock */
	struct list age;                   /* names_lock: all in the table, the longest unused first, roughly */
	struct list dirty;                 /* names_lock: those with attributes_dirty */
	uint32_t count;                    /* names_lock: in the table */
	uint32_t ndirty;                   /* names_lock: on the dirty list */
	struct list orphans;               /* names_lock: DYING ones whose storage is to be freed, by dirty_link */
	uint32_t ending;                   /* names_lock: orphans off that list, whose storage is being freed */
	uint32_t idle_max;                 /* (c) */
	struct waitq changed;              /* a vnode stops being LOADING, or has gone */
} table = {
	.age = LIST_INIT(table.age),
	.dirty = LIST_INIT(table.dirty),
	.orphans = LIST_INIT(table.orphans),
	.changed = WAITQ_INIT(table.changed),
};

/* --- as the object of mappings --- */

static struct vnode *vnode_of_object(struct mem_object *o)
{
	return container_of(o, struct vnode, object);
}

static bool object_find_page(struct mem_object *o, uint32_t index, bool write, paddr_t *pa)
{
	return page_find(vnode_of_object(o), index, write, pa);
}

static enum status object_get_page(struct mem_object *o, uint32_t index, bool write, paddr_t *pa)
{
	struct vnode *vn = vnode_of_object(o);

	return write ? vnode_get_page_to_write(vn, index, pa) : page_get(vn, index, 0, pa);
}

static void object_get(struct mem_object *o)
{
	vnode_ref(vnode_of_object(o));
}

static void object_put(struct mem_object *o)
{
	vnode_put(vnode_of_object(o));
}

static const struct mem_object_ops vnode_object_ops = {
	.find_page = object_find_page,
	.get_page = object_get_page,
	.get = object_get,
	.put = object_put,
};

struct vnode *vnode_of_mapping(struct mem_object *o)
{
	return o->ops == &vnode_object_ops ? vnode_of_object(o) : NULL;
}

/* --- the table; all with names_lock held --- */

static struct list *table_bucket(const struct mount *m, uint32_t ino)
{
	return &table.bucket[hash_pair((uint32_t)(uintptr_t)m, ino) % TABLE_BUCKETS];
}

static struct vnode *table_find(const struct mount *m, uint32_t ino)
{
	struct vnode *vn;

	list_foreach_entry(vn, table_bucket(m, ino), table_link)
		if (vn->ino == ino && vn->mount == m)
			return vn;
	return NULL;
}

static void table_add(struct vnode *vn, enum vnode_state state)
{
	vn->state = (uint8_t)state;
	list_add_head(table_bucket(vn->mount, vn->ino), &vn->table_link);
	list_add_tail(&table.age, &vn->age_link);
	table.count++;
}

static void table_remove(struct vnode *vn)
{
	list_remove(&vn->table_link);
	list_remove(&vn->age_link);
	table.count--;
}

static void table_wait(void) requires_lock(names_lock)
{
	enum status st = waitq_wait(&table.changed, &names_lock, WAIT_UNINTERRUPTIBLE, NO_DEADLINE);

	(void)st;
}

static void dirty_list_remove(struct vnode *vn)
{
	if (list_is_empty(&vn->dirty_link))
		return;
	list_remove(&vn->dirty_link);
	table.ndirty--;
}

/* --- beginning --- */

void vnode_init(struct vnode *vn, struct mount *m, uint32_t ino, const struct vnode_ops *ops)
{
	mem_object_init(&vn->object, &vnode_object_ops);
	vn->ops = ops;
	vn->mount = m;
	vn->device = NULL;
	vn->ino = ino;
	vn->rdev = 0;
	vn->kind = VNODE_FILE;
	vn->state = VNODE_LOADING;
	vn->unlinked = false;
	vn->attributes_dirty = false;
	vn->cutting = false;
	vn->mapped_writes = false;
	vn->transient = false;
	vn->named_in = 0;
	vn->write_error = OK;
	vn->refs = 1;
	vn->writers = 0;
	vn->size = 0;
	vn->ndirty = 0;
	vn->nwriting = 0;
	vn->mounted = NULL;
	list_init(&vn->pages);
	list_init(&vn->dirty_pages);
	list_init(&vn->table_link);
	list_init(&vn->age_link);
	list_init(&vn->dirty_link);
	list_init(&vn->names_here);
	list_init(&vn->names_of);
}

static enum vnode_kind kind_of_mode(uint32_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR: return VNODE_DIR;
	case S_IFCHR: return VNODE_CHAR;
	case S_IFBLK: return VNODE_BLOCK;
	case S_IFIFO: return VNODE_FIFO;
	case S_IFLNK: return VNODE_LINK;
	}
	return VNODE_FILE;
}

void vnode_set_kind(struct vnode *vn, uint32_t mode)
{
	vn->kind = (uint8_t)kind_of_mode(mode);
	if (vn->kind == VNODE_DIR)
		mutex_init(&vn->lock, RANK_DIR, "directory");
	else
		mutex_init(&vn->lock, RANK_VNODE, "vnode");
}

void vnode_set_transient(struct vnode *vn)
{
	vn->transient = true;
	vn->state = VNODE_READY;
}

void vnode_insert(struct vnode *vn)
{
	spin_lock(&names_lock);
	while (table_find(vn->mount, vn->ino))
		table_wait(); /* the last user of the number is on its way out */
	table_add(vn, VNODE_READY);
	spin_unlock(&names_lock);
}

/* The vnode in the table, if there is one and it can be had: waits for one that is being read or goes. */
static struct vnode *table_get(struct mount *m, uint32_t ino) requires_lock(names_lock)
{
	struct vnode *vn;

	while ((vn = table_find(m, ino)) != NULL && vn->state != VNODE_READY)
		table_wait();
	if (vn)
		vnode_ref_found(vn);
	return vn;
}

/* VN is in the table as LOADING and has the maker's reference alone: nobody counts one before it is READY. */
static enum status vnode_load(struct vnode *vn)
{
	enum status st = vn->mount->ops->load(vn);

	spin_lock(&names_lock);
	if (st == OK)
		vn->state = VNODE_READY;
	else
		table_remove(vn);
	spin_unlock(&names_lock);
	waitq_wake_all(&table.changed);
	if (st != OK)
		vn->ops->destroy(vn);
	return st;
}

static no_inline enum status vnode_get_new(struct mount *m, uint32_t ino, struct vnode **out)
{
	struct vnode *vn = m->ops->alloc(m, ino);
	struct vnode *other;
	enum status st;

	if (!vn)
		return E_NOMEM;
	spin_lock(&names_lock);
	other = table_get(m, ino);
	if (!other)
		table_add(vn, VNODE_LOADING);
	spin_unlock(&names_lock);
	if (other) {
		vn->ops->destroy(vn);
		*out = other;
		return OK;
	}
	st = vnode_load(vn);
	*out = st == OK ? vn : NULL; /* callers put what they got, on errors too */
	return st;
}

static void vnode_shrink(void);

enum status vnode_get(struct mount *m, uint32_t ino, struct vnode **out)
{
	spin_lock(&names_lock);
	*out = table_get(m, ino);
	spin_unlock(&names_lock);
	return *out ? OK : vnode_get_new(m, ino, out);
}

/* What named_in says is looked up and made findable under one hold of the lock: as long as it is said, the directory
   has that name; so it is not removed, and once it is in the table nobody removes it without having waited for it. */
enum status vnode_directory(struct vnode *vn, struct vnode **out)
{
	struct vnode *dir, *new;
	enum status st = OK;
	uint32_t ino;

	if (vn->ops->parent)
		return vn->ops->parent(vn, out);
	new = vn->mount->ops->alloc(vn->mount, 0);
	if (!new)
		return E_NOMEM;
	spin_lock(&names_lock);
	do {
		ino = vn->named_in;
		dir = ino ? table_get(vn->mount, ino) : NULL; /* may wait */
	} while (!dir && ino != vn->named_in);
	if (!dir && ino) {
		new->ino = ino;
		table_add(new, VNODE_LOADING);
	}
	spin_unlock(&names_lock);
	if (dir || !ino)
		new->ops->destroy(new);
	else
		st = vnode_load(new);
	if (st == OK && !ino)
		st = E_NOENT;
	*out = dir ? dir : new;
	return st;
}

/* --- end --- */

void vnode_ref(struct vnode *vn)
{
	DEBUG_ASSERT(vn->refs > 0);
	__atomic_add_fetch(&vn->refs, 1, __ATOMIC_RELAXED);
}

/* To the orphans with VN, which is DYING. */
static void orphan_add(struct vnode *vn)
{
	spin_lock(&names_lock);
	list_add_tail(&table.orphans, &vn->dirty_link);
	spin_unlock(&names_lock);
}

/* VN is DYING and has no pages.  => E_NOMEM: its storage could not be freed, it is an orphan. */
static enum status vnode_finish(struct vnode *vn)
{
	if (vn->unlinked && vn->ops->free_storage && vn->ops->free_storage(vn) == E_NOMEM) {
		orphan_add(vn);
		return E_NOMEM;
	}
	if (!vn->transient) {
		spin_lock(&names_lock);
		table_remove(vn);
		spin_unlock(&names_lock);
		waitq_wake_all(&table.changed);
	}
	vn->ops->destroy(vn);
	return OK;
}

/* VN is DYING: nobody can find it any more. */
static void vnode_end(struct vnode *vn)
{
	struct thread *t = current_thread();
	enum status st;

	page_drop(vn, 0, PAGE_DROP_ALL);
	t->cached_only++;
	st = vnode_finish(vn);
	t->cached_only--;
	if (unlikely(st != OK))
		pagecache_note_orphans();
}

void vnode_abandon(struct vnode *vn)
{
	vn->refs = 0;
	vn->unlinked = true;
	spin_lock(&names_lock);
	table_add(vn, VNODE_DYING);
	spin_unlock(&names_lock);
	vnode_end(vn);
}

/* The next orphan; waits for those that others are about to free.  => NULL: there is none left. */
static struct vnode *take_orphan(void)
{
	struct vnode *vn;

	spin_lock(&names_lock);
	while ((vn = LIST_FIRST_ENTRY(&table.orphans, struct vnode, dirty_link)) == NULL && table.ending > 0)
		table_wait();
	if (vn) {
		list_remove(&vn->dirty_link);
		table.ending++;
	}
	spin_unlock(&names_lock);
	return vn;
}

static enum status orphan_free(struct vnode *vn)
{
	enum status st = vnode_finish(vn);

	spin_lock(&names_lock);
	table.ending--;
	spin_unlock(&names_lock);
	waitq_wake_all(&table.changed);
	return st;
}

enum status vnode_free_orphans(void)
{
	struct vnode *vn;

	while ((vn = take_orphan()) != NULL) {
		if (orphan_free(vn) != OK)
			return E_NOMEM;
		sched_point();
	}
	return OK;
}

bool vnode_make_room(void)
{
	bool any;

	spin_lock(&names_lock);
	any = !list_is_empty(&table.orphans) || table.ending > 0;
	spin_unlock(&names_lock);
	return any && vnode_free_orphans() == OK;
}

static void vnode_begin_end(struct vnode *vn) requires_lock(names_lock)
{
	vn->state = VNODE_DYING;
	names_forget_vnode(vn);
	dirty_list_remove(vn);
}

static no_inline void vnode_put_last(struct vnode *vn)
{
	bool end, crowded;

	spin_lock(&names_lock);
	if (__atomic_sub_fetch(&vn->refs, 1, __ATOMIC_ACQ_REL) != 0) {
		spin_unlock(&names_lock);
		return;
	}
	end = vn->unlinked || vn->transient;
	if (end)
		vnode_begin_end(vn);
	else
		vnode_idle++;
	crowded = vnode_idle > table.idle_max;
	spin_unlock(&names_lock);
	if (end)
		vnode_end(vn);
	if (unlikely(crowded))
		vnode_shrink();
}

void vnode_put(struct vnode *vn)
{
	uint32_t refs;

	if (!vn)
		return;
	refs = __atomic_load_n(&vn->refs, __ATOMIC_RELAXED);
	while (refs > 1)
		if (__atomic_compare_exchange_n(&vn->refs, &refs, refs - 1, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			return;
	vnode_put_last(vn);
}

static bool vnode_is_spare(const struct vnode *vn)
{
	return vn->refs == 0 && vn->state == VNODE_READY && vn->ndirty == 0 && !vn->attributes_dirty;
}

/* Take the oldest spare vnode among the first N out, ready for vnode_end.  Others move to the young end. => NULL:
   none. */
static struct vnode *take_spare(uint32_t n)
{
	struct vnode *vn = NULL;

	spin_lock(&names_lock);
	if (n > table.count)
		n = table.count;
	while (n-- > 0) {
		vn = LIST_FIRST_ENTRY(&table.age, struct vnode, age_link);
		list_remove(&vn->age_link);
		list_add_tail(&table.age, &vn->age_link);
		if (vnode_is_spare(vn))
			break;
		vn = NULL;
	}
	if (vn) {
		vnode_begin_end(vn);
		vnode_idle--;
	}
	spin_unlock(&names_lock);
	return vn;
}

static void vnode_shrink(void)
{
	struct vnode *vn = take_spare(TRIM_SCAN);

	if (vn)
		vnode_end(vn);
}

void vnode_trim(void)
{
	struct vnode *vn;

	while ((vn = take_spare(UINT32_MAX)) != NULL) {
		vnode_end(vn);
		sched_point();
	}
}

/* --- attributes --- */

void vnode_mark_dirty(struct vnode *vn)
{
	if (vn->attributes_dirty)
		return;
	vn->attributes_dirty = true;
	spin_lock(&names_lock);
	if (list_is_empty(&vn->dirty_link)) {
		list_add_tail(&table.dirty, &vn->dirty_link);
		table.ndirty++;
	}
	spin_unlock(&names_lock);
}

/* VN is locked. */
static enum status attributes_write(struct vnode *vn)
{
	enum status st = OK;

	if (vn->attributes_dirty) {
		vn->attributes_dirty = false;
		st = vn->ops->sync(vn);
		if (st != OK)
			vnode_mark_dirty(vn);
	}
	return st;
}

static struct vnode *take_dirty(void)
{
	struct vnode *vn;

	spin_lock(&names_lock);
	vn = LIST_FIRST_ENTRY(&table.dirty, struct vnode, dirty_link);
	if (vn) {
		dirty_list_remove(vn);
		vnode_ref_found(vn);
	}
	spin_unlock(&names_lock);
	return vn;
}

enum status vnode_sync_attributes(void)
{
	enum status first = OK;

	for (uint32_t n = table.ndirty; n > 0; n--) { /* no more than there are now: a failing one comes back */
		struct vnode *vn = take_dirty();
		enum status st;

		if (!vn)
			break;
		mutex_lock(&vn->lock);
		st = attributes_write(vn);
		mutex_unlock(&vn->lock);
		vnode_put(vn);
		if (first == OK)
			first = st;
	}
	return first;
}

enum status vnode_sync(struct vnode *vn)
{
	struct vnode *disk = vn->mount->disk;
	enum status st, also;

	if (vn->mapped_writes) {
		mutex_lock(&vn->lock);
		page_clear_tail(vn);
		mutex_unlock(&vn->lock);
	}
	st = page_write_back(vn);
	mutex_lock(&vn->lock);
	also = attributes_write(vn);
	mutex_unlock(&vn->lock);
	st = st != OK ? st : also;
	if (disk) {
		also = page_write_back(disk);
		st = st != OK ? st : also;
	}
	if (disk || vn->kind == VNODE_BLOCK) {
		also = blkdev_flush(disk ? disk->device : vn->device);
		st = st != OK ? st : also;
	}
	also = page_take_error(vn);
	return st != OK ? st : also;
}

void vnode_stat(struct vnode *vn, struct abi_stat64 *st)
{
	*st = (struct abi_stat64){0};
	st->dev = vn->mount->dev;
	st->ino = vn->ino;
	st->ino32 = vn->ino;
	st->rdev = vn->rdev;
	st->blksize = PAGE_SIZE;
	st->size = (int64_t)vnode_size(vn);
	vn->ops->stat(vn, st);
}

/* --- writers and those who deny them --- */

enum status vnode_writer_begin(struct vnode *vn)
{
	enum status st = OK;

	spin_lock(&names_lock);
	if (vn->writers >= 0)
		vn->writers++;
	else
		st = vn->kind == VNODE_BLOCK ? E_BUSY : E_TXTBSY;
	spin_unlock(&names_lock);
	return st;
}

void vnode_writer_end(struct vnode *vn)
{
	spin_lock(&names_lock);
	vn->writers--;
	spin_unlock(&names_lock);
}

enum status vnode_deny_writers(struct vnode *vn)
{
	enum status st = OK;

	spin_lock(&names_lock);
	/* A mapping may write on when the descriptor it was made with is closed: it was counted before that. */
	if (vn->writers < 0 || (vn->writers == 0 && __atomic_load_n(&vn->object.writers, __ATOMIC_RELAXED) == 0))
		vn->writers--;
	else
		st = vn->kind == VNODE_BLOCK ? E_BUSY : E_TXTBSY;
	spin_unlock(&names_lock);
	return st;
}

void vnode_allow_writers(struct vnode *vn)
{
	spin_lock(&names_lock);
	vn->writers++;
	spin_unlock(&names_lock);
}

/* --- the whole --- */

void vnode_cache_init(void)
{
	uint32_t max = frame_count_total() / FRAMES_PER_IDLE;

	for (unsigned i = 0; i < TABLE_BUCKETS; i++)
		list_init(&table.bucket[i]);
	table.idle_max = max < IDLE_MIN ? IDLE_MIN : max > IDLE_MAX ? IDLE_MAX : max;
}

bool vnode_has_orphans(struct mount *m)
{
	bool found = false;

	spin_lock(&names_lock);
	list_foreach(l, &table.age) {
		struct vnode *vn = LIST_ENTRY(l, struct vnode, age_link);

		found = found || (vn->mount == m && vn->unlinked);
	}
	spin_unlock(&names_lock);
	return found;
}

uint32_t vnode_count(void)
{
	return table.count;
}
