/* Writing to memory that was mapped without PROT_WRITE ends the process, and nobody else. */
#include "../case.h"

int main(void)
{
	char *p = (char *)MUST(mmap((void *)0x20000000, PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0));

	printf("it reads as %d\n", p[5]);
	printf("a child that writes: signal %d\n", -in_child(write_byte, p + 5));
	printf("it reads as %d\n", p[5]);
	fflush(stdout);
	write_byte(p + 5);
	printf("not reached\n");
	return 0;
}
