/* Print the arguments.  -n: no newline; -e: understand \n \t \\ \a \b \r \0OOO and \c (stop). */
#include <stdbool.h>
#include <string.h>

#include "tool.h"

static bool stopped;

/* Up to three octal digits at *S. */
static int octal(const char **s)
{
	int value = 0;

	for (int i = 0; i < 3 && **s >= '0' && **s <= '7'; i++)
		value = value * 8 + *(*s)++ - '0';
	return value;
}

static void print_escaped(const char *s)
{
	static const char letters[] = "abfnrtv\\", values[] = "\a\b\f\n\r\t\v\\";

	while (*s && !stopped) {
		const char *found = *s == '\\' && s[1] ? strchr(letters, s[1]) : NULL;

		if (found) {
			putchar(values[found - letters]);
			s += 2;
		} else if (*s == '\\' && s[1] == '0') {
			s += 2;
			putchar(octal(&s));
		} else if (*s == '\\' && s[1] == 'c') {
			stopped = true;
		} else {
			putchar(*s++);
		}
	}
}

int main(int argc, char **argv)
{
	bool newline = true, escapes = false;
	int i = 1;

	for (; i < argc && argv[i][0] == '-' && argv[i][1] && !argv[i][1 + strspn(argv[i] + 1, "neE")]; i++) {
		newline = newline && !strchr(argv[i], 'n');
		escapes = strchr(argv[i], 'e') || (escapes && !strchr(argv[i], 'E'));
	}
	for (int first = i; i < argc && !stopped; i++) {
		if (i > first)
			putchar(' ');
		if (escapes)
			print_escaped(argv[i]);
		else
			fputs(argv[i], stdout);
	}
	if (newline && !stopped)
		putchar('\n');
	return finish(0);
}
