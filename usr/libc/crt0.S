/* The first instruction of a program.  The kernel leaves argc at ESP, then argv, NULL, envp, NULL, auxv. */
	.text
	.globl _start
	.type _start, @function
_start:
	xorl %ebp, %ebp /* the outermost frame, for debuggers */
	movl %esp, %eax
	andl $-16, %esp
	subl $12, %esp
	pushl %eax
	call __libc_start
	.size _start, . - _start
	.section .note.GNU-stack,"",@progbits
