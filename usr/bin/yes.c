/* Print a line until nobody reads it. */
#include "tool.h"

int main(int argc, char **argv)
{
	do {
		for (int i = 1; i < argc; i++)
			printf("%s%s", argv[i], i + 1 < argc ? " " : "");
		if (argc == 1)
			putchar('y');
	} while (putchar('\n') != EOF && !ferror(stdout));
	return 1;
}
