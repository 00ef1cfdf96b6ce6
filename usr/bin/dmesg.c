/* Print the kernel's log. */
#include <dormouse.h>
#include <err.h>

#include "tool.h"

static char text[256 * 1024];

int main(int argc, char **argv)
{
	int n;

	(void)argv;
	if (argc > 1)
		usage("dmesg");
	n = klog(text, sizeof text);
	if (n < 0)
		err(1, "klog");
	fwrite(text, 1, (size_t)n, stdout);
	if (n > 0 && text[n - 1] != '\n')
		putchar('\n');
	return finish(0);
}
