/* Print the current directory. */
#include <err.h>
#include <limits.h>
#include <unistd.h>

#include "tool.h"

int main(void)
{
	static char path[PATH_MAX];

	if (!getcwd(path, sizeof path))
		err(1, "getcwd");
	puts(path);
	return finish(0);
}
