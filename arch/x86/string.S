/* memcpy, memmove and memset.
   Up to 16 bytes go through registers: all loads come before all stores, so that this serves memmove too, and the
   string instructions' start-up is not paid.  More are moved by words with REP, then at most three bytes.  Wider
   registers were not taken: the kernel has no SSE state.  lib/mem.c is the same in C, as the reference. */
#include "layout_priv.h"

	.text
/* => void *, in EAX: dst.  EDI and ESI are saved by the long way only. */
FUNCTION(memcpy)
	movl 4(%esp), %eax
	movl 8(%esp), %edx
	movl 12(%esp), %ecx
	cmpl $16, %ecx
	jbe .Lcopy_short
.Lcopy_up:
	pushl %edi
	pushl %esi
	movl %eax, %edi
	movl %edx, %esi
	movl %ecx, %edx
	shrl $2, %ecx
	rep movsl
	andl $3, %edx
	jz 1f
	movl %edx, %ecx
	rep movsb
1:	popl %esi
	popl %edi
	ret
END_FUNCTION(memcpy)

FUNCTION(memmove)
	movl 4(%esp), %eax
	movl 8(%esp), %edx
	movl 12(%esp), %ecx
	cmpl $16, %ecx
	jbe .Lcopy_short
	/* Downwards only when DST begins inside the source: one unsigned comparison says both. */
	pushl %eax
	subl %edx, %eax
	cmpl %ecx, %eax
	popl %eax
	jae .Lcopy_up
	pushl %edi
	pushl %esi
	std
	leal -1(%eax, %ecx), %edi
	leal -1(%edx, %ecx), %esi
	movl %ecx, %edx
	andl $3, %ecx
	rep movsb
	subl $3, %edi
	subl $3, %esi
	movl %edx, %ecx
	shrl $2, %ecx
	rep movsl
	cld
	popl %esi
	popl %edi
	ret
END_FUNCTION(memmove)

/* EAX dst, EDX src, ECX bytes, at most 16. */
.Lcopy_short:
	pushl %ebx
	cmpl $8, %ecx
	jb 1f
	pushl %esi
	pushl %edi
	pushl %ebp
	movl (%edx), %ebx
	movl 4(%edx), %esi
	movl -8(%edx, %ecx), %edi
	movl -4(%edx, %ecx), %ebp
	movl %ebx, (%eax)
	movl %esi, 4(%eax)
	movl %edi, -8(%eax, %ecx)
	movl %ebp, -4(%eax, %ecx)
	popl %ebp
	popl %edi
	popl %esi
	popl %ebx
	ret
1:	cmpl $4, %ecx
	jb 2f
	movl (%edx), %ebx
	movl -4(%edx, %ecx), %edx
	movl %ebx, (%eax)
	movl %edx, -4(%eax, %ecx)
	popl %ebx
	ret
2:	testl %ecx, %ecx
	jz 4f
	movb (%edx), %bl
	cmpl $1, %ecx
	je 3f
	movw -2(%edx, %ecx), %dx
	movw %dx, -2(%eax, %ecx)
3:	movb %bl, (%eax)
4:	popl %ebx
	ret

FUNCTION(memset)
	movl 4(%esp), %edx
	movzbl 8(%esp), %eax
	movl 12(%esp), %ecx
	imull $0x01010101, %eax, %eax
	cmpl $16, %ecx
	jbe 1f
	pushl %edi
	movl %edx, %edi
	pushl %edx
	movl %ecx, %edx
	shrl $2, %ecx
	rep stosl
	movl %edx, %ecx
	andl $3, %ecx
	rep stosb
	popl %eax
	popl %edi
	ret
1:	cmpl $8, %ecx
	jb 2f
	movl %eax, (%edx)
	movl %eax, 4(%edx)
	movl %eax, -8(%edx, %ecx)
	movl %eax, -4(%edx, %ecx)
	movl %edx, %eax
	ret
2:	cmpl $4, %ecx
	jb 3f
	movl %eax, (%edx)
	movl %eax, -4(%edx, %ecx)
	movl %edx, %eax
	ret
3:	testl %ecx, %ecx
	jz 4f
	movb %al, (%edx)
	movb %al, -1(%edx, %ecx)
	shrl $1, %ecx
	movb %al, (%edx, %ecx)
4:	movl %edx, %eax
	ret
END_FUNCTION(memset)

	.section .note.GNU-stack, "", @progbits
