/* The audit of the whole machine (docs/audit.md). */
#ifndef KERN_AUDIT_H
#define KERN_AUDIT_H

#include <arch/compiler.h>
#include <lib/status.h>

/* Stop the machine and compare every count of mm, and what the CPUs have loaded, with what there is.  What is wrong is
   a line `audit: ...` in the log.  Nothing held; may sleep. => OK, or E_UCLEAN. */
enum status kern_audit(void) must_check;

#endif
