/* wc as xv6 programs know it: lines, words, bytes and the name, with one blank between. */
#include "types.h"
#include "stat.h"
#include "user.h"

static char buf[4096];

static int is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\v';
}

static void count(int fd, const char *name)
{
	int lines = 0, words = 0, bytes = 0, in_word = 0, n;

	while ((n = read(fd, buf, sizeof buf)) > 0) {
		bytes += n;
		for (int i = 0; i < n; i++) {
			lines += buf[i] == '\n';
			words += !is_blank(buf[i]) && !in_word;
			in_word = !is_blank(buf[i]);
		}
	}
	if (n < 0)
		printf(1, "wc: read error\n");
	else
		printf(1, "%d %d %d %s\n", lines, words, bytes, name);
}

int main(int argc, char *argv[])
{
	if (argc == 1)
		count(0, "");
	for (int i = 1; i < argc; i++) {
		int fd = open(argv[i], 0);

		if (fd < 0) {
			printf(1, "wc: cannot open %s\n", argv[i]);
			exit();
		}
		count(fd, argv[i]);
		close(fd);
	}
	exit();
}
