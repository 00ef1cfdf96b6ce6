/* The kernel's way to and from user memory.  Memory that is promised and not there is faulted in on the way; bad
   pointers come back as E_FAULT.  No lock is held that a page fault may need: no spinlock, and no mutex of rank >=
   RANK_ASPACE, but for the _nofault forms, which may be used with any lock held. */
#ifndef KERN_USERCOPY_H
#define KERN_USERCOPY_H

#include <arch/types.h>
#include <lib/status.h>
#include <arch/compiler.h>

/* => OK, or E_FAULT, or E_NOMEM (the page is promised, but there is no memory now): some of the bytes may be copied. */
enum status copy_from_user(void *to, user_ptr_t from, size_t n) must_check;
enum status copy_to_user(user_ptr_t to, const void *from, size_t n) must_check;
enum status clear_user(user_ptr_t to, size_t n) must_check;
/* As much as goes. => bytes copied, 0 .. N. */
size_t copy_from_user_some(void *to, user_ptr_t from, size_t n);
size_t copy_to_user_some(user_ptr_t to, const void *from, size_t n);
/* Do not serve page faults: what is not there ends the copy.  => bytes copied.  Then drop the locks, user_fault_in, and
   try again; this is how data is handed on without losing any. */
size_t copy_from_user_nofault(void *to, user_ptr_t from, size_t n);
size_t copy_to_user_nofault(user_ptr_t to, const void *from, size_t n);
/* Bring in the page of ADDR (and make it writable). => E_FAULT, E_NOMEM. */
enum status user_fault_in(user_ptr_t addr, bool write) must_check;
/* The same for the pages of the N bytes from FROM on, at most a page of them: before something is done that must be
   told of there and cannot be undone. */
enum status user_fault_in_range(user_ptr_t from, size_t n, bool write) must_check;
/* A NUL-terminated string of at most SIZE bytes with its NUL.  => its length without NUL; E_NAMETOOLONG; E_FAULT. */
int32_t copy_string_from_user(char *to, user_ptr_t from, size_t size) must_check;

static inline user_ptr_t user_ptr(uint32_t value)
{
	return (user_ptr_t){value};
}
static inline user_ptr_t user_ptr_add(user_ptr_t p, uint32_t n)
{
	return (user_ptr_t){p.va + n};
}

#endif
