/* Print the name of the system: -s -n -r -v -m, or -a for all of them. */
#include <err.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "tool.h"

int main(int argc, char **argv)
{
	static const char letters[] = "snrvm";
	char wanted[sizeof letters] = {0};
	struct utsname u;
	const char *fields[] = {u.sysname, u.nodename, u.release, u.version, u.machine}, *gap = "";
	int c;

	opterr = 0;
	while ((c = getopt(argc, argv, "asnrvm")) != -1) {
		if (c == '?')
			usage("uname [-asnrvm]");
		if (c == 'a')
			memset(wanted, 1, sizeof wanted);
		else
			wanted[strchr(letters, c) - letters] = 1;
	}
	if (uname(&u) < 0)
		err(1, "uname");
	if (!memchr(wanted, 1, sizeof wanted))
		wanted[0] = 1;
	for (int i = 0; letters[i]; i++)
		if (wanted[i]) {
			printf("%s%s", gap, fields[i]);
			gap = " ";
		}
	putchar('\n');
	return finish(0);
}
