/* Access to user memory.  Every instruction of this section may page-fault: x86_page_fault() lets hooks.page_fault
   serve it, and where that refuses goes on at the fixup.  The bytes done are counted exactly: REP MOVSL leaves in ECX
   the words not yet moved (Intel SDM 2B, REP), and the rest is tried again by bytes up to the very one that cannot be
   had.
   A page's presence is not tested beforehand: the common case is that it is there. */
#include "layout_priv.h"

	.section .uaccess_text, "ax", @progbits
/* size_t (void *dst, const void *src, size_t n) => bytes not copied */
FUNCTION(arch_copy_from_user)
FUNCTION(arch_copy_to_user)
	pushl %edi
	pushl %esi
	movl 12(%esp), %edi
	movl 16(%esp), %esi
	movl 20(%esp), %edx
	movl %edx, %ecx
	shrl $2, %ecx
	andl $3, %edx
1:	rep movsl
	movl %edx, %ecx
2:	rep movsb
3:	movl %ecx, %eax
	popl %esi
	popl %edi
	ret
4:	leal (%edx, %ecx, 4), %ecx
	jmp 2b
	EXCEPTION_ENTRY(1b, 4b)
	EXCEPTION_ENTRY(2b, 3b)
END_FUNCTION(arch_copy_to_user)
	.size arch_copy_from_user, . - arch_copy_from_user

/* size_t arch_clear_user(vaddr_t dst, size_t n) => bytes not cleared */
FUNCTION(arch_clear_user)
	pushl %edi
	movl 8(%esp), %edi
	movl 12(%esp), %edx
	xorl %eax, %eax
	movl %edx, %ecx
	shrl $2, %ecx
	andl $3, %edx
1:	rep stosl
	movl %edx, %ecx
2:	rep stosb
3:	movl %ecx, %eax
	popl %edi
	ret
4:	leal (%edx, %ecx, 4), %ecx
	jmp 2b
	EXCEPTION_ENTRY(1b, 4b)
	EXCEPTION_ENTRY(2b, 3b)
END_FUNCTION(arch_clear_user)

/* int32_t arch_copy_string_from_user(char *dst, vaddr_t src, size_t n)
   By words from the first aligned one on: an aligned word crosses no page, so reading past the NUL in it is harmless.
   A word has a zero byte when (w - 0x01010101) & ~w & 0x80808080 is not 0. */
FUNCTION(arch_copy_string_from_user)
	pushl %ebp
	pushl %ebx
	pushl %edi
	pushl %esi
	movl 20(%esp), %edi
	movl 24(%esp), %esi
	movl 28(%esp), %ecx
	movl %ecx, %ebp
1:	testl $3, %esi
	jz 4f
2:	subl $1, %ecx
	jb 7f
3:	movb (%esi), %al
	movb %al, (%edi)
	incl %esi
	incl %edi
	testb %al, %al
	jnz 1b
	movl %ebp, %eax
	subl %ecx, %eax
	jmp 8f
4:	subl $4, %ecx
	jb 6f
5:	movl (%esi), %eax
	leal -0x01010101(%eax), %edx
	movl %eax, %ebx
	notl %ebx
	andl %ebx, %edx
	testl $0x80808080, %edx
	jnz 6f
	movl %eax, (%edi)
	addl $4, %esi
	addl $4, %edi
	jmp 4b
6:	addl $4, %ecx /* the last bytes one by one */
	jmp 2b
7:	leal 1(%ebp), %eax
8:	popl %esi
	popl %edi
	popl %ebx
	popl %ebp
	ret
9:	movl $-1, %eax
	jmp 8b
	EXCEPTION_ENTRY(3b, 9b)
	EXCEPTION_ENTRY(5b, 9b)
END_FUNCTION(arch_copy_string_from_user)

/* bool arch_touch_user(vaddr_t va, bool write).  The locked OR of 0 is a write that keeps the byte, whatever another
   thread or CPU does with it meanwhile. */
FUNCTION(arch_touch_user)
	movl 4(%esp), %edx
	cmpb $0, 8(%esp)
	jne 2f
1:	movb (%edx), %al
	movl $1, %eax
	ret
2:	lock orb $0, (%edx)
	movl $1, %eax
	ret
3:	xorl %eax, %eax
	ret
	EXCEPTION_ENTRY(1b, 3b)
	EXCEPTION_ENTRY(2b, 3b)
END_FUNCTION(arch_touch_user)

	.section .note.GNU-stack, "", @progbits
