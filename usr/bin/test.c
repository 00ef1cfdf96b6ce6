/* Evaluate a condition: test EXPRESSION, or [ EXPRESSION ].  0 true, 1 false, 2 malformed.
   Precedence, weakest first: -o, -a, !, then ( ) and the primaries.  As POSIX asks, one argument is a string whatever
   it looks like, and with three the middle one decides. */
#include <err.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool.h"

static char **at, **end;

static bool parse_or(void);

static __attribute__((noreturn)) void malformed(const char *what)
{
	errx(2, "%s", what);
}

static bool here(const char *word)
{
	return at < end && strcmp(*at, word) == 0;
}

static long long number(const char *text)
{
	char *rest;
	long long n = strtoll(text, &rest, 10);

	while (*rest == ' ' || *rest == '\t')
		rest++;
	if (rest == text || *rest)
		errx(2, "%s: not a number", text);
	return n;
}

static bool is_unary(const char *op)
{
	return op[0] == '-' && op[1] && !op[2] && strchr("bcdefghLnprstuwxz", op[1]);
}

static bool is_binary(const char *op)
{
	static const char *const ops[] = {"=",   "==",  "!=",  "-eq", "-ne", "-lt",
	                                  "-le", "-gt", "-ge", "-nt", "-ot", "-ef"};

	for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++)
		if (strcmp(op, ops[i]) == 0)
			return true;
	return false;
}

static bool test_file(char op, const char *path)
{
	struct stat st;

	if ((op == 'L' || op == 'h' ? lstat(path, &st) : stat(path, &st)) < 0)
		return false;
	switch (op) {
	case 'b': return S_ISBLK(st.st_mode);
	case 'c': return S_ISCHR(st.st_mode);
	case 'd': return S_ISDIR(st.st_mode);
	case 'f': return S_ISREG(st.st_mode);
	case 'g': return (st.st_mode & S_ISGID) != 0;
	case 'h':
	case 'L': return S_ISLNK(st.st_mode);
	case 'p': return S_ISFIFO(st.st_mode);
	case 's': return st.st_size > 0;
	case 'u': return (st.st_mode & S_ISUID) != 0;
	default: return true;
	}
}

static bool test_unary(char op, const char *operand)
{
	switch (op) {
	case 'n': return *operand != 0;
	case 'z': return *operand == 0;
	case 't': return isatty((int)number(operand));
	case 'r': return access(operand, R_OK) == 0;
	case 'w': return access(operand, W_OK) == 0;
	case 'x': return access(operand, X_OK) == 0;
	default: return test_file(op, operand);
	}
}

static bool test_files(const char *a, char op, const char *b)
{
	struct stat x, y;
	bool has_x = stat(a, &x) == 0, has_y = stat(b, &y) == 0;

	if (op == 'e')
		return has_x && has_y && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
	if (op == 'n')
		return has_x && (!has_y || x.st_mtime > y.st_mtime);
	return has_y && (!has_x || x.st_mtime < y.st_mtime);
}

static bool test_numbers(long long a, const char *op, long long b)
{
	return strcmp(op, "-eq") == 0   ? a == b
	       : strcmp(op, "-ne") == 0 ? a != b
	       : strcmp(op, "-lt") == 0 ? a < b
	       : strcmp(op, "-le") == 0 ? a <= b
	       : strcmp(op, "-gt") == 0 ? a > b
	                                : a >= b;
}

static bool test_binary(const char *a, const char *op, const char *b)
{
	if (op[0] == '!')
		return strcmp(a, b) != 0;
	if (op[0] == '=')
		return strcmp(a, b) == 0;
	if (strcmp(op, "-nt") == 0 || strcmp(op, "-ot") == 0 || strcmp(op, "-ef") == 0)
		return test_files(a, op[1], b);
	return test_numbers(number(a), op, number(b));
}

static bool parse_primary(void)
{
	char **first = at;
	bool value;

	if (at == end)
		malformed("something is missing");
	if (end - at >= 3 && is_binary(at[1])) {
		at += 3;
		return test_binary(first[0], first[1], first[2]);
	}
	if (end - at >= 2 && here("(")) {
		at++;
		value = parse_or();
		if (!here(")"))
			malformed("( without )");
		at++;
		return value;
	}
	if (end - at >= 2 && is_unary(*at)) {
		at += 2;
		return test_unary(first[0][1], first[1]);
	}
	at++;
	return **first != 0;
}

static bool parse_not(void)
{
	if (here("!") && end - at >= 2 && !(end - at >= 3 && is_binary(at[1]))) {
		at++;
		return !parse_not();
	}
	return parse_primary();
}

static bool parse_and(void)
{
	bool value = parse_not();

	while (here("-a")) {
		at++;
		value &= parse_not();
	}
	return value;
}

static bool parse_or(void)
{
	bool value = parse_and();

	while (here("-o")) {
		at++;
		value |= parse_and();
	}
	return value;
}

int main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/');
	bool value;

	name = name ? name + 1 : argv[0];
	if (strcmp(name, "[") == 0) {
		if (argc < 2 || strcmp(argv[argc - 1], "]") != 0)
			malformed("] is missing");
		argc--;
	}
	at = argv + 1;
	end = argv + argc;
	if (at == end)
		return 1;
	if (end - at == 3 && here("(") && strcmp(at[2], ")") == 0 && !is_binary(at[1]))
		return !*at[1]; /* one argument in parentheses */
	value = parse_or();
	if (at != end)
		errx(2, "%s: not expected here", *at);
	return !value;
}
