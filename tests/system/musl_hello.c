// A static program for Linux/i386, made with somebody else's C library: what musl calls before and after main is there,
// arguments and environment arrive, a float is printed, and the exit status is main's.
// libc: musl
// run: PLACE=here musl_hello one two
// kernels: debug release
// end: exit 7
// expect: ^3 musl_hello two here$
// expect: ^2\.7183 10000000000$
// expect: ^errno 42$
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static __thread int number = 40; /* lies where set_thread_area said */

int main(int argc, char **argv)
{
	volatile double one = 1.0;
	char *copy = malloc(100000);

	if (!copy)
		return 1;
	snprintf(copy, 100000, "%d %s %s %s", argc, argv[0], argv[2], getenv("PLACE"));
	puts(copy);
	free(copy);
	printf("%.4f %lld\n", exp(one), 100000LL * 100000LL);
	errno = 2;
	printf("errno %d\n", number + errno);
	return 7;
}
