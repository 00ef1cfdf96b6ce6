/* A hash of (directory, name), bounded, the oldest entry that was not used lately first to go.
   Entries are of one size with the name inside, so that a hit touches two cache lines; longer names (rare) cost a
   search of the directory each time.  Holding the vnodes by references was not taken: unreferenced vnodes would then
   be known only to this cache, and to drop one would mean to search here for what keeps it.  Instead each vnode lists
   its entries and takes them along.  The entries ".." are cached like others; rename forgets them when a directory
   moves. */
#include <fs/names.h>

#include <kern/sched.h>
#include <lib/assert.h>
#include <lib/string.h>
#include <mm/kmalloc.h>

#define NAMES_BUCKETS 1024u
#define NAMES_MAX 2048u  /* entries: 160 KiB */
#define FORGET_BATCH 64u /* entries dropped under one hold of the lock */

/* All fields: names_lock. */
struct name_entry {
	struct name_entry *next; /* hash chain */
	struct list age_link;    /* all entries, oldest first */
	struct list here_link;   /* dir->names_here */
	struct list of_link;     /* target->names_of */
	struct vnode *dir;
	struct vnode *target; /* NULL: there is no such name */
	uint32_t hash;
	bool used; /* found since it was last looked at for eviction */
	uint8_t len;
	char text[NAMES_INLINE];
};

struct spinlock names_lock = SPINLOCK_INIT(RANK_FILES, "names");

static struct {
	struct name_entry *bucket[NAMES_BUCKETS];
	struct list age;
	uint32_t count;
	struct kmem_cache *entries; /* (c) */
} names = {.age = LIST_INIT(names.age)};

static struct name_entry **bucket_of(const struct vnode *dir, uint32_t hash)
{
	return &names.bucket[(hash ^ hash >> 15 ^ (uint32_t)(uintptr_t)dir >> 6) % NAMES_BUCKETS];
}

static bool text_equal(const char *a, const char *b, uint32_t n)
{
	while (n > 0 && *a == *b)
		a++, b++, n--;
	return n == 0;
}

static struct name_entry *entry_find(struct vnode *dir, const struct name *name)
{
	struct name_entry *e = *bucket_of(dir, name->hash);

	while (e && (e->hash != name->hash || e->dir != dir || e->len != name->len ||
	             !text_equal(e->text, name->text, name->len)))
		e = e->next;
	return e;
}

enum names_result names_find(struct vnode *dir, const struct name *name, struct vnode **out)
{
	struct name_entry *e = entry_find(dir, name);

	if (!e)
		return NAMES_UNKNOWN;
	e->used = true;
	*out = e->target;
	return e->target ? NAMES_FOUND : NAMES_ABSENT;
}

static void entry_drop(struct name_entry *e)
{
	struct name_entry **link = bucket_of(e->dir, e->hash);

	while (*link != e)
		link = &(*link)->next;
	*link = e->next;
	list_remove(&e->age_link);
	list_remove(&e->here_link);
	list_remove(&e->of_link);
	names.count--;
	kmem_free(names.entries, e);
}

/* Make room: the oldest entry goes, used ones get a second turn. */
static void evict_one(void)
{
	for (;;) {
		struct name_entry *e = LIST_FIRST_ENTRY(&names.age, struct name_entry, age_link);

		if (!e->used) {
			entry_drop(e);
			return;
		}
		e->used = false;
		list_remove(&e->age_link);
		list_add_tail(&names.age, &e->age_link);
	}
}

static struct name_entry *entry_add(struct vnode *dir, const struct name *name)
{
	struct name_entry *e, **bucket;

	if (name->len > NAMES_INLINE)
		return NULL;
	if (names.count >= NAMES_MAX)
		evict_one();
	e = kmem_alloc(names.entries);
	if (!e)
		return NULL; /* then it is not remembered */
	e->dir = dir;
	e->hash = name->hash;
	e->used = false;
	e->len = (uint8_t)name->len;
	memcpy(e->text, name->text, name->len);
	list_init(&e->of_link);
	list_add_tail(&names.age, &e->age_link);
	list_add_tail(&dir->names_here, &e->here_link);
	bucket = bucket_of(dir, name->hash);
	e->next = *bucket;
	*bucket = e;
	names.count++;
	return e;
}

void names_enter(struct vnode *dir, const struct name *name, struct vnode *vn)
{
	struct name_entry *e;

	spin_lock(&names_lock);
	e = entry_find(dir, name);
	if (!e)
		e = entry_add(dir, name);
	if (e) {
		list_remove(&e->of_link);
		if (vn)
			list_add_tail(&vn->names_of, &e->of_link);
		e->target = vn;
	}
	if (vn && vn->kind != VNODE_DIR)
		vn->named_in = dir->ino;
	spin_unlock(&names_lock);
}

void names_gone(struct vnode *dir, const struct name *name, struct vnode *vn)
{
	struct name_entry *e;

	names_enter(dir, name, NULL);
	if (vn->kind == VNODE_DIR)
		return;
	spin_lock(&names_lock);
	e = LIST_FIRST_ENTRY(&vn->names_of, struct name_entry, of_link);
	vn->named_in = e ? e->dir->ino : 0;
	spin_unlock(&names_lock);
}

void names_forget(struct vnode *dir, const struct name *name)
{
	struct name_entry *e;

	spin_lock(&names_lock);
	e = entry_find(dir, name);
	if (e)
		entry_drop(e);
	spin_unlock(&names_lock);
}

void names_forget_vnode(struct vnode *vn)
{
	struct name_entry *e;

	while ((e = LIST_FIRST_ENTRY(&vn->names_here, struct name_entry, here_link)) != NULL)
		entry_drop(e);
	while ((e = LIST_FIRST_ENTRY(&vn->names_of, struct name_entry, of_link)) != NULL)
		entry_drop(e);
}

/* => false: there are none left. */
static bool forget_some(void)
{
	struct name_entry *e = NULL;

	spin_lock(&names_lock);
	for (unsigned n = 0; n < FORGET_BATCH; n++) {
		e = LIST_FIRST_ENTRY(&names.age, struct name_entry, age_link);
		if (!e)
			break;
		entry_drop(e);
	}
	spin_unlock(&names_lock);
	return e != NULL;
}

void names_forget_all(void)
{
	while (forget_some())
		sched_point();
}

uint32_t names_count(void)
{
	return names.count;
}

void names_init(void)
{
	names.entries = kmem_cache_create("name", sizeof(struct name_entry), KMEM_RECLAIMABLE);
}
