/* What the files of the audit share: ways to look at entries that may be wrong. */
#ifndef MM_AUDIT_PRIV_H
#define MM_AUDIT_PRIV_H

#include <arch/pte.h>
#include <mm/audit.h>
#include <mm/frame.h>
#include <mm/look.h>

static inline pfn_t pfn_of(pte_t e)
{
	return pte_frame(e) >> PAGE_SHIFT;
}

/* Does the directory entry D, which is present, lead to a page table? */
static inline bool is_table(pte_t d)
{
	return pfn_of(d) < frame_limit() && frame_of(pte_frame(d))->kind == FRAME_TABLE;
}

#endif
