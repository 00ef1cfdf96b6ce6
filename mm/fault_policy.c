/* The decision of a page fault (mm/fault_policy.h).  Rights come before residency, so a denied access allocates
   nothing; the table comes before the page, because nothing may be changed in a table that others see. */
#include <mm/fault_policy.h>

#include <mm/vma.h>

static bool access_allowed(const struct fault_info *f, const struct fault_view *v)
{
	/* The hardware cannot refuse reading what is writable, nor executing what is readable. */
	return f->write ? v->prot & VMA_WRITE : v->prot != 0;
}

/* Nothing is there yet. */
static enum fault_action decide_absent(const struct fault_info *f, const struct fault_view *v)
{
	if (!v->object)
		return f->write ? FAULT_ZERO_FILL : FAULT_ZERO_PAGE;
	if (v->tail)
		return FAULT_OBJECT_COPY;
	if (!f->write)
		return FAULT_OBJECT_READ;
	return v->shared ? FAULT_OBJECT_WRITE : FAULT_OBJECT_COPY;
}

/* A write to a page that is there, read-only, in a region that allows it. */
static enum fault_action decide_write(const struct fault_view *v)
{
	if (v->shared)
		return FAULT_OBJECT_WRITE;
	if (v->page_zero)
		return FAULT_ZERO_FILL;
	return v->page_mine ? FAULT_TAKE_OVER : FAULT_COPY;
}

enum fault_action fault_decide(const struct fault_info *f, const struct fault_view *v)
{
	if (!v->mapped)
		return v->can_grow ? FAULT_GROW_STACK : FAULT_REFUSE;
	if (!access_allowed(f, v))
		return FAULT_REFUSE;
	if (v->page_present && (!f->write || (v->page_writable && v->table_owned)))
		return FAULT_ALREADY_DONE;
	if (v->table_present && !v->table_owned)
		return FAULT_OWN_TABLE;
	return v->page_present ? decide_write(v) : decide_absent(f, v);
}

const char *fault_action_name(enum fault_action a)
{
	switch (a) {
	case FAULT_ZERO_FILL: return "zero-fill";
	case FAULT_ZERO_PAGE: return "zero-page";
	case FAULT_COPY: return "copy";
	case FAULT_TAKE_OVER: return "take-over";
	case FAULT_OWN_TABLE: return "own-table";
	case FAULT_OBJECT_READ: return "object-read";
	case FAULT_OBJECT_COPY: return "object-copy";
	case FAULT_OBJECT_WRITE: return "object-write";
	case FAULT_GROW_STACK: return "grow-stack";
	case FAULT_ALREADY_DONE: return "already-done";
	case FAULT_REFUSE: return "refuse";
	case FAULT_ACTIONS: break;
	}
	UNREACHABLE();
}
