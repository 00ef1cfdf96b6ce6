/* The audit of shared memory with a name (docs/audit.md): who is attached, as the spaces show it.  The machine stands
   still, so no lock is taken.  A region and what is counted of it change together, without a pause between, so spaces
   in the middle of an operation agree too. */
#include "shm_priv.h"

#include <kern/proc.h>
#include <mm/audit.h>

static const struct shm_segment *segment_of_node(const struct numtree_node *n)
{
	return RB_ENTRY(n, struct shm_segment, name);
}

/* ---- what the spaces show ---- */

static void see_region(struct uspace *us, const struct vma *v, struct audit *r)
{
	struct shm_segment *s = shm_segment_of(v->object);
	struct shmem_attachment *a;

	s->found++;
	if (!s->is_named)
		audit_say(r, "shared memory %d is shown at %08x and cannot be found", (int)s->name.number,
		          (unsigned)v->start);
	if (!shmem_is_segment(v->object))
		return;
	a = shmem_attachment_of(us, s->name.number);
	if (!a || a->segment != s)
		audit_say(r, "the page of id %d is shown at %08x and not open", (int)s->name.number,
		          (unsigned)v->start);
	else
		a->found++;
}

static void see_space(struct uspace *us, struct audit *r)
{
	if (us->as.root == 0) /* not made yet, or ended */
		return;
	for (const struct vma *v = vma_first(&us->as.vmas); v; v = vma_next(&us->as.vmas, v))
		if (v->object && shm_label_of(v->object).kind != SHM_NONE)
			see_region(us, v, r);
}

/* ---- what is counted ---- */

static struct numtree_node *next_of(const struct numtree *t, const struct numtree_node *n)
{
	return n->number == INT32_MAX ? NULL : numtree_from(t, n->number + 1);
}

/* FOUND is 0 again afterwards. */
static void compare_space(struct uspace *us, struct audit *r)
{
	if (!numtree_valid(&us->shmem))
		audit_say(r, "the ids that a space has open are not in order");
	if (us->shmem_bytes != numtree_count(&us->shmem) * SHMEM_KEPT_BYTES)
		audit_say(r, "%u bytes are kept for the ids that a space has open, counted %u",
		          (unsigned)(numtree_count(&us->shmem) * SHMEM_KEPT_BYTES), (unsigned)us->shmem_bytes);
	for (struct numtree_node *n = numtree_from(&us->shmem, 1); n; n = next_of(&us->shmem, n)) {
		struct shmem_attachment *a = RB_ENTRY(n, struct shmem_attachment, id);

		if (a->found != a->regions)
			audit_say(r, "the page of id %d is shown by %u regions of a space, counted %u", (int)n->number,
			          (unsigned)a->found, (unsigned)a->regions);
		a->found = 0;
	}
}

static void compare_segment(const struct shm_segment *s, struct audit *r)
{
	uint32_t known = s->regions + s->openers + s->is_named;

	if (s->is_named && known == 1 && !s->is_kept)
		audit_say(r, "shared memory %d can be found and nobody uses it", (int)s->name.number);
	if (s->found != s->regions)
		audit_say(r, "shared memory %d is shown by %u regions, counted %u", (int)s->name.number,
		          (unsigned)s->found, (unsigned)s->regions);
	/* A fault or a look may have more. */
	if (s->refs < known)
		audit_say(r, "shared memory %d counts %u references, found %u", (int)s->name.number, (unsigned)s->refs,
		          (unsigned)known);
}

static void compare_names(const struct numtree *names, struct audit *r)
{
	if (!numtree_valid(names))
		audit_say(r, "the names of shared memory are not in order");
	for (struct numtree_node *n = numtree_from(names, 0); n; n = next_of(names, n)) {
		compare_segment(segment_of_node(n), r);
		RB_ENTRY(n, struct shm_segment, name)->found = 0;
	}
}

void shm_audit(struct audit *r)
{
	struct uspace *us;

	for (us = uspace_next(NULL); us; us = uspace_next(us))
		see_space(us, r);
	for (us = uspace_next(NULL); us; us = uspace_next(us))
		compare_space(us, r);
	compare_names(&shmem_names, r);
	compare_names(&sysv_shm_ids, r);
}

/* ---- damage ---- */

enum status shm_damage(enum shm_damage what, int32_t id, int32_t by)
{
	struct uspace *us = current_thread()->uspace;
	struct shmem_attachment *a;
	enum status st = OK;

	uspace_lock(us);
	a = shmem_attachment_of(us, id);
	if (!a || what >= SHM_DAMAGES)
		st = E_INVAL;
	else if (what == SHM_DAMAGE_REFS)
		a->segment->refs += (uint32_t)by;
	else if (what == SHM_DAMAGE_REGIONS)
		a->segment->regions += (uint32_t)by;
	else if (what == SHM_DAMAGE_BYTES)
		us->shmem_bytes += (uint32_t)by;
	else
		a->regions += (uint32_t)by;
	uspace_unlock(us);
	return st;
}
