/* Numbers of processes, groups and sessions.  All three draw on one space, and a group or session outlives the process
   that gave it its name, so the number belongs to an object of its own with a reference for each use: a pid is
   never given to a new process while a group of that number exists.  The object is found by a hash, and a group has
   the list of its members, so that a signal to it visits them alone. */
#include "proc_priv.h"

#include <kern/pidmap.h>
#include <lib/assert.h>
#include <mm/kmalloc.h>

#define ID_BUCKETS 256u

static struct pidmap pids;                 /* (P) */
static struct list id_buckets[ID_BUCKETS]; /* (P) */
static struct kmem_cache *id_cache;        /* (c) */

void id_init(void)
{
	for (unsigned i = 0; i < ID_BUCKETS; i++)
		list_init(&id_buckets[i]);
	id_cache = kmem_cache_create("proc-id", sizeof(struct proc_id), KMEM_PLAIN);
}

static struct list *bucket_of(int32_t number)
{
	return &id_buckets[(uint32_t)number % ID_BUCKETS]; /* numbers are given out in sequence */
}

enum status id_create(struct proc_id **out)
{
	struct proc_id *id = kmem_alloc(id_cache);

	if (!id)
		return E_NOMEM;
	id->refs = 1;
	id->proc = NULL;
	id->family = 0;
	list_init(&id->members);
	spin_lock(&proc_lock);
	id->number = pidmap_take(&pids);
	if (id->number != PID_NONE)
		list_add_head(bucket_of(id->number), &id->hash_link);
	spin_unlock(&proc_lock);
	if (id->number == PID_NONE) {
		kmem_free(id_cache, id);
		return E_AGAIN;
	}
	*out = id;
	return OK;
}

struct proc_id *id_find(int32_t number)
{
	struct proc_id *id;

	list_foreach_entry(id, bucket_of(number), hash_link)
		if (id->number == number)
			return id;
	return NULL;
}

struct proc_id *id_next(int32_t after)
{
	uint32_t number = (uint32_t)after;
	struct proc_id *id;

	do {
		number = bitmap_find_set(pids.used, PID_MAX, number + 1);
		id = number == BITMAP_NONE ? NULL : id_find((int32_t)number);
	} while (number != BITMAP_NONE && (!id || !id->proc));
	return id;
}

struct proc_id *id_ref(struct proc_id *id)
{
	id->refs++;
	return id;
}

void id_put(struct proc_id *id)
{
	KASSERT(id->refs > 0);
	if (--id->refs > 0)
		return;
	KASSERT(!id->proc && list_is_empty(&id->members));
	list_remove(&id->hash_link);
	pidmap_release(&pids, id->number);
	kmem_free(id_cache, id);
}
