/* echo as xv6 programs know it: a standard output that is none is no matter for a word. */
#include "types.h"
#include "user.h"

int main(int argc, char *argv[])
{
	for (int i = 1; i < argc; i++)
		printf(1, "%s%s", argv[i], i + 1 < argc ? " " : "\n");
	exit();
}
