/* test and [: files, strings and numbers compared.  What an expression of up to four words means is decided by how
   many words there are, as POSIX wants, so that `[ "$x" = y ]` is right whatever $x holds.
   Not taken: leaving it to /bin/test: a loop that counts would fork at each round. */
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "builtin.h"
#include "shell.h"

#define TEST_DEPTH_MAX 50

struct test {
	char **at, **end;
	int depth;
	bool failed;
};

static bool test_or(struct test *t);

static bool test_fail(struct test *t, const char *why, const char *word)
{
	if (!t->failed)
		shell_error("test: %s%s%.100s", why, *word ? ": " : "", word);
	t->failed = true;
	return false;
}

static long number_of(struct test *t, const char *word)
{
	long n = 0;

	word += strspn(word, " \t");
	if (!number_parse(word, &n))
		test_fail(t, "not a number", word);
	return n;
}

static bool is_terminal(struct test *t, const char *word)
{
	struct termios mode;

	return tcgetattr((int)number_of(t, word), &mode) == 0;
}

/* => does `word` name an operator of one operand? */
static bool is_unary(const char *word)
{
	return word[0] == '-' && word[1] && !word[2] && strchr("nzefdrwxsLhcbptgu", word[1]);
}

static bool unary(struct test *t, char op, const char *word)
{
	struct stat st;

	switch (op) {
	case 'n': return *word;
	case 'z': return !*word;
	case 't': return is_terminal(t, word);
	case 'r': return access(word, R_OK) == 0;
	case 'w': return access(word, W_OK) == 0;
	case 'x': return access(word, X_OK) == 0;
	case 'L':
	case 'h': return lstat(word, &st) == 0 && S_ISLNK(st.st_mode);
	default: break;
	}
	if (stat(word, &st) != 0)
		return false;
	switch (op) {
	case 'f': return S_ISREG(st.st_mode);
	case 'd': return S_ISDIR(st.st_mode);
	case 'c': return S_ISCHR(st.st_mode);
	case 'b': return S_ISBLK(st.st_mode);
	case 'p': return S_ISFIFO(st.st_mode);
	case 's': return st.st_size > 0;
	case 'g': return st.st_mode & S_ISGID;
	case 'u': return st.st_mode & S_ISUID;
	default: return true; /* -e */
	}
}

static bool is_binary(const char *word)
{
	static const char *const all[] = {"=",   "==",  "!=",  "-eq", "-ne", "-lt",
	                                  "-le", "-gt", "-ge", "-nt", "-ot", "-ef"};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (strcmp(word, all[i]) == 0)
			return true;
	return false;
}

static bool files_compare(const char *a, char op, const char *b)
{
	struct stat x, y;
	bool have_x = stat(a, &x) == 0, have_y = stat(b, &y) == 0;

	if (op == 'e')
		return have_x && have_y && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
	if (op == 'n')
		return have_x && (!have_y || x.st_mtime > y.st_mtime);
	return have_y && (!have_x || x.st_mtime < y.st_mtime);
}

static bool binary(struct test *t, const char *a, const char *op, const char *b)
{
	long x, y;

	if (op[0] == '=')
		return strcmp(a, b) == 0;
	if (op[0] == '!')
		return strcmp(a, b) != 0;
	if (op[2] == 't' ? op[1] == 'n' || op[1] == 'o' : op[2] == 'f')
		return files_compare(a, op[1], b);
	x = number_of(t, a);
	y = number_of(t, b);
	switch (op[1]) {
	case 'e': return x == y;
	case 'n': return x != y;
	case 'l': return op[2] == 't' ? x < y : x <= y;
	default: return op[2] == 't' ? x > y : x >= y;
	}
}

static bool test_primary(struct test *t)
{
	char **at = t->at;
	long left = t->end - at;

	if (left == 0)
		return test_fail(t, "operand expected", "");
	if (left >= 3 && is_binary(at[1])) {
		t->at += 3;
		return binary(t, at[0], at[1], at[2]);
	}
	if (left >= 2 && is_unary(at[0])) {
		t->at += 2;
		return unary(t, at[0][1], at[1]);
	}
	t->at++;
	if (left >= 3 && strcmp(at[0], "(") == 0) {
		bool inner = test_or(t);

		if (t->at == t->end || strcmp(*t->at, ")") != 0)
			return test_fail(t, "')' expected", "");
		t->at++;
		return inner;
	}
	return at[0][0] != '\0';
}

static bool test_not(struct test *t)
{
	bool inverted = false;

	while (t->end - t->at >= 2 && strcmp(*t->at, "!") == 0 && !(t->end - t->at >= 3 && is_binary(t->at[1]))) {
		inverted = !inverted;
		t->at++;
	}
	return test_primary(t) != inverted;
}

static bool test_and(struct test *t)
{
	bool result = test_not(t);

	while (!t->failed && t->at < t->end && strcmp(*t->at, "-a") == 0) {
		t->at++;
		result = test_not(t) && result;
	}
	return result;
}

static bool test_or(struct test *t)
{
	bool result;

	if (++t->depth > TEST_DEPTH_MAX)
		return test_fail(t, "nested too deeply", "");
	result = test_and(t);
	while (!t->failed && t->at < t->end && strcmp(*t->at, "-o") == 0) {
		t->at++;
		result = test_and(t) || result;
	}
	t->depth--;
	return result;
}

int builtin_test(char **argv, int argc)
{
	struct test t = {.at = argv + 1, .end = argv + argc};
	bool result;

	if (strcmp(argv[0], "[") == 0) {
		if (strcmp(argv[argc - 1], "]") != 0 || argc < 2) {
			test_fail(&t, "']' expected", "");
			return STATUS_SYNTAX;
		}
		t.end--;
	}
	if (t.at == t.end)
		return 1;
	result = test_or(&t);
	if (!t.failed && t.at < t.end)
		test_fail(&t, "unexpected", *t.at);
	return t.failed ? STATUS_SYNTAX : !result;
}
