/* Raw access to user memory.  Only kern/usercopy.c calls these; it has checked that the range lies below USER_TOP.
   A fault goes to hooks.page_fault; when that returns false the access ends short, through an exception table. */
#ifndef ARCH_UACCESS_H
#define ARCH_UACCESS_H

#include <arch/types.h>

/* => bytes NOT copied (0: all); the copied ones are the first.  Four bytes at an address that 4 divides are copied
   in one access: nobody sees half of them. */
size_t arch_copy_from_user(void *dst, vaddr_t src, size_t n);
size_t arch_copy_to_user(vaddr_t dst, const void *src, size_t n);
size_t arch_clear_user(vaddr_t dst, size_t n);
/* Copy bytes up to and including the first NUL, at most N. => bytes copied with the NUL; N + 1: none in N bytes;
   -1: a fault before either. */
int32_t arch_copy_string_from_user(char *dst, vaddr_t src, size_t n);
/* Touch one byte so that its page is there; WRITE also makes it writable, and keeps the byte. => false: it cannot be
   had. */
bool arch_touch_user(vaddr_t va, bool write);

#endif
