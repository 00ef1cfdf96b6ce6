/* Print numbers: seq [FIRST [STEP]] LAST. */
#include "tool.h"

static double number(const char *text)
{
	char *end;
	double n = strtod(text, &end);

	if (end == text || *end || n != n)
		usage("seq [FIRST [STEP]] LAST");
	return n;
}

int main(int argc, char **argv)
{
	double first = 1, step = 1, last;

	if (argc < 2 || argc > 4)
		usage("seq [FIRST [STEP]] LAST");
	if (argc > 2)
		first = number(argv[1]);
	if (argc > 3)
		step = number(argv[2]);
	last = number(argv[argc - 1]);
	if (step == 0)
		usage("seq [FIRST [STEP]] LAST, STEP is not 0");
	/* multiplied, not added up: no error accumulates */
	for (long i = 0; step > 0 ? first + (double)i * step <= last : first + (double)i * step >= last; i++)
		printf("%.10g\n", first + (double)i * step);
	return finish(0);
}
