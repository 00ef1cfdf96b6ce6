/* Has every reference to every frame an owner, and every owner a reference?
   All that is counted is taken off the counts in place, so no memory is needed: first the references of directories to
   tables, of tables to pages, of spaces to directories, of shared memory to its pages.  What then remains is known by
   the kind of a frame.  A second walk, with the same decisions, puts everything back.  Counts may wrap on the way;
   unsigned numbers do not mind.  Only then can a culprit be described: what its count was, and by how much it was
   off. */
#include <mm/audit.h>

#include <arch/mmu.h>
#include <lib/fmt.h>
#include <lib/string.h>
#include <mm/aspace.h>
#include <mm/commit.h>
#include <mm/frame.h>
#include <mm/shared.h>

#include "audit_priv.h"

/* A frame whose count is wrong, and by how many. */
struct culprit {
	pfn_t pfn; /* PFN_NONE: there is none */
	int32_t surplus;
};

/* ---- the two walks ---- */

static void count_entries(const pte_t *slots, uint32_t by)
{
	for (unsigned i = 0; i < PT_ENTRIES; i++) {
		pte_t e = pte_read(&slots[i]);

		if (!pte_is_none(e) && pte_frame(e) != frame_zero_page() && pfn_of(e) < frame_limit())
			frame_of(pte_frame(e))->refs += by;
	}
}

/* The references of AS change by BY.  A table has its own only once, however many directories share it: a table that
   was visited in this walk is marked with MARK. */
static void count_space(const struct aspace *as, uint32_t by, uint8_t mark)
{
	const pte_t *dir = arch_window(as->root);

	frame_of(as->root)->refs += by;
	for (unsigned i = 0; i < PT_USER_DIR_ENTRIES; i++) {
		pte_t d = pte_read(&dir[i]);
		struct frame *f;

		if (!pte_present(d) || !is_table(d))
			continue;
		f = frame_of(pte_frame(d));
		f->refs += by;
		if (f->mark == mark)
			continue;
		f->mark = mark;
		count_entries(arch_window(pte_frame(d)), by);
	}
}

static void count_all(const struct audit_spaces *spaces, uint32_t by, uint8_t mark)
{
	bool settled;

	for (struct aspace *as = NULL; (as = spaces->next(as, &settled)) != NULL;)
		if (as->root)
			count_space(as, by, mark);
	shared_count_references(by);
}

/* ---- what remains ---- */

/* References that are no mapping; those that are pinned come on top. */
static uint32_t expected_rest(const struct frame *f)
{
	switch ((enum frame_kind)f->kind) {
	case FRAME_FREE:
	case FRAME_ANON:
	case FRAME_TABLE:
	case FRAME_SHARED: return 0;
	case FRAME_CACHE: return f->owner != NULL;
	case FRAME_SLAB:
	case FRAME_KERNEL:
	case FRAME_ZERO: return 1;
	case FRAME_KINDS: break;
	}
	return 0;
}

static bool can_be_pinned(const struct frame *f)
{
	return f->kind == FRAME_CACHE || f->kind == FRAME_ANON || f->kind == FRAME_TABLE || f->kind == FRAME_SHARED;
}

/* Look at all counts while only what is no mapping remains.  *PINNED: the surplus of what can be pinned, all together.
   => the first culprit; what can be pinned and has a surplus is one only if nothing is pinned. */
static struct culprit look_at_rest(int32_t pins, int32_t *pinned)
{
	struct culprit c = {PFN_NONE, 0};
	pfn_t end = frame_limit();

	*pinned = 0;
	for (pfn_t pfn = 0; pfn < end; pfn++) {
		const struct frame *f = &frame_table[pfn];
		int32_t surplus = (int32_t)(f->refs - expected_rest(f));

		if (likely(surplus == 0))
			continue;
		if (can_be_pinned(f) && surplus > 0)
			*pinned += surplus;
		if (c.pfn == PFN_NONE && (!can_be_pinned(f) || surplus < 0 || pins == 0))
			c = (struct culprit){pfn, surplus};
	}
	return c;
}

/* ---- who refers to it ---- */

/* => whether AS refers to the frame PFN; *VA is where. */
static bool find_in_space(const struct aspace *as, pfn_t pfn, vaddr_t *va)
{
	const pte_t *dir = arch_window(as->root);

	for (unsigned i = 0; i < PT_USER_DIR_ENTRIES; i++) {
		pte_t d = pte_read(&dir[i]);
		const pte_t *slots;

		*va = (vaddr_t)i * PT_SPAN;
		if (!pte_present(d) || !is_table(d))
			continue;
		if (pfn_of(d) == pfn)
			return true;
		slots = arch_window(pte_frame(d));
		for (unsigned k = 0; k < PT_ENTRIES; k++, *va += PAGE_SIZE)
			if (!pte_is_none(pte_read(&slots[k])) && pfn_of(pte_read(&slots[k])) == pfn)
				return true;
	}
	return false;
}

static void say_where(const struct audit_spaces *spaces, pfn_t pfn, char *to, size_t size)
{
	bool settled;
	vaddr_t va;

	for (struct aspace *as = NULL; (as = spaces->next(as, &settled)) != NULL;) {
		if (!as->root || !find_in_space(as, pfn, &va))
			continue;
		(void)fmt_snprintf(to, size, "first found at %08x of pid %d", (unsigned)va, (int)spaces->owner(as));
		return;
	}
	(void)fmt_snprintf(to, size, "mapped nowhere");
}

static void say_culprit(const struct audit_spaces *spaces, struct culprit c, struct audit *r)
{
	const struct frame *f = &frame_table[c.pfn];
	char where[64];

	say_where(spaces, c.pfn, where, sizeof where);
	audit_say(r, "frame %u (%s) counts %u references, found %u, %s", c.pfn, frame_kind_name(f->kind), f->refs,
	          f->refs - (uint32_t)c.surplus, where);
}

static bool audit_references(const struct audit_spaces *spaces, struct audit *r)
{
	int32_t pins = frame_pins(), pinned;
	struct culprit c;

	count_all(spaces, UINT32_MAX, 1);
	c = look_at_rest(pins, &pinned);
	count_all(spaces, 1, 0);
	if (c.pfn != PFN_NONE)
		say_culprit(spaces, c, r);
	else if (pinned != pins)
		audit_say(r, "%d references are pinned, counted %d", (int)pinned, (int)pins);
	return audit_is_clean(r);
}

/* ---- the whole ---- */

static bool audit_space(const struct audit_spaces *spaces, struct aspace *as, bool settled, struct audit *r)
{
	struct audit own = AUDIT_INIT;

	if (!aspace_audit(as, settled, &own))
		audit_say(r, "pid %d: %s", (int)spaces->owner(as), own.text);
	return audit_is_clean(r);
}

/* The references come before the spaces: a wrong count shows there too, but says less. */
bool mm_audit(const struct audit_spaces *spaces, struct audit *r)
{
	struct aspace *as = NULL;
	uint32_t charged = 0;
	bool settled;

	if (!frame_audit(r) || !kmalloc_audit(r) || !audit_references(spaces, r))
		return false;
	while ((as = spaces->next(as, &settled)) != NULL) {
		if (!audit_space(spaces, as, settled, r))
			return false;
		charged += as->root ? as->charged : 0;
	}
	charged += shared_committed();
	if (charged != commit_total())
		audit_say(r, "spaces and shared memory have taken %u committed pages, counted %u", charged,
		          commit_total());
	return audit_is_clean(r);
}
