/* Single instructions of the x86.  Those that only the kernel may use end the program that tries them. */
#ifndef XV6_X86_H
#define XV6_X86_H

static inline unsigned char inb(unsigned short port)
{
	unsigned char data;

	__asm__ volatile("inb %1, %0" : "=a"(data) : "d"(port));
	return data;
}

static inline void outb(unsigned short port, unsigned char data)
{
	__asm__ volatile("outb %0, %1" : : "a"(data), "d"(port));
}

static inline void outw(unsigned short port, unsigned short data)
{
	__asm__ volatile("outw %0, %1" : : "a"(data), "d"(port));
}

static inline void stosb(void *to, int data, int n)
{
	__asm__ volatile("cld; rep stosb" : "+D"(to), "+c"(n) : "a"(data) : "memory", "cc");
}

static inline void stosl(void *to, int data, int n)
{
	__asm__ volatile("cld; rep stosl" : "+D"(to), "+c"(n) : "a"(data) : "memory", "cc");
}

static inline unsigned int readeflags(void)
{
	unsigned int eflags;

	__asm__ volatile("pushfl; popl %0" : "=r"(eflags));
	return eflags;
}

static inline void cli(void)
{
	__asm__ volatile("cli");
}

static inline void sti(void)
{
	__asm__ volatile("sti");
}

static inline unsigned int rcr2(void)
{
	unsigned int va;

	__asm__ volatile("movl %%cr2, %0" : "=r"(va));
	return va;
}

static inline void lcr3(unsigned int pa)
{
	__asm__ volatile("movl %0, %%cr3" : : "r"(pa));
}

/* Put VALUE at ADDR and give back what was there, in one step. */
static inline unsigned int xchg(volatile unsigned int *addr, unsigned int value)
{
	__asm__ volatile("lock; xchgl %0, %1" : "+m"(*addr), "+r"(value) : : "memory", "cc");
	return value;
}

static inline unsigned long long rdtsc(void)
{
	unsigned int low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (unsigned long long)high << 32 | low;
}

#endif
