/* What to do about a page fault: a pure function from facts to one of a few answers.  No lock, no allocation, no
   globals; a test walks its whole table (tests/unit/test_mm_fault_policy.c), docs/page-fault.md prints it. */
#ifndef MM_FAULT_POLICY_H
#define MM_FAULT_POLICY_H

#include <arch/hooks.h>
#include <arch/pte.h>

enum fault_action {
	FAULT_ZERO_FILL,    /* a new page of zeros, writable */
	FAULT_ZERO_PAGE,    /* map the shared page of zeros, read-only */
	FAULT_COPY,         /* a private copy of what is mapped, writable */
	FAULT_TAKE_OVER,    /* the last owner of a page: make it writable */
	FAULT_OWN_TABLE,    /* this leaf table is shared or write-protected: make it ours, then look again */
	FAULT_OBJECT_READ,  /* map the object's page, read-only if private */
	FAULT_OBJECT_COPY,  /* a private copy of the object's page, writable */
	FAULT_OBJECT_WRITE, /* map the object's page, writable: a shared mapping */
	FAULT_GROW_STACK,   /* lower the start of the stack region, then look again */
	FAULT_ALREADY_DONE, /* another CPU, or a stale TLB: retry */
	FAULT_REFUSE,       /* SIGSEGV */
	FAULT_ACTIONS,
};

struct fault_view {
	bool mapped;   /* a region holds the address; prot, object, shared are its */
	uint8_t prot;  /* enum vma_prot */
	bool object;   /* the page comes from an object (not the zero tail's later pages) */
	bool tail;     /* the page holds the end of the file part of a segment: never mapped from the object itself */
	bool shared;   /* VMA_SHARED */
	bool can_grow; /* not mapped, but the stack may grow to here */
	bool table_present; /* the directory has a leaf table here */
	bool table_owned;   /* count 1, and the directory entry allows writing */
	bool page_present;  /* an entry is there */
	bool page_writable; /* with W */
	bool page_mine;     /* table count 1, frame anonymous with count 1: nobody else can see it */
	bool page_zero;     /* the entry shows the shared page of zeros */
};

enum fault_action fault_decide(const struct fault_info *f, const struct fault_view *v);
const char *fault_action_name(enum fault_action a);

#endif
