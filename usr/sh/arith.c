/* Precedence climbing over the operators of C, with assignments; results wrap around like the machine's.
   Limit: 100 levels of parentheses and the like; no ++ and --.  Names that hold text count as 0.
   Not taken: long long, for whose division a 32-bit program needs helpers of the compiler. */
#include "arith.h"

#include <limits.h>
#include <string.h>

#include "shell.h"
#include "var.h"

#define ARITH_DEPTH_MAX 100

struct arith {
	const char *at;
	int depth;
	int skipped; /* > 0: in a branch that is not taken, nothing is assigned or divided */
	const char *failure;
};

enum { PREC_ASSIGN = 1, PREC_CHOICE, PREC_OR, PREC_AND, PREC_BITOR, PREC_MUL = 11 };

struct operator
{
	char text[4];
	char code; /* the operator without its `=`, two-character ones by a letter */
	char precedence;
};

/* Longer ones before their beginnings. */
static const struct operator operators[] = {
	{"<<=", 'l', PREC_ASSIGN},
	{">>=", 'r', PREC_ASSIGN},
	{"||", 'o', PREC_OR},
	{"&&", 'a', PREC_AND},
	{"==", 'e', 7},
	{"!=", 'n', 7},
	{"<=", 'L', 8},
	{">=", 'G', 8},
	{"<<", 'l', 9},
	{">>", 'r', 9},
	{"+=", '+', PREC_ASSIGN},
	{"-=", '-', PREC_ASSIGN},
	{"*=", '*', PREC_ASSIGN},
	{"/=", '/', PREC_ASSIGN},
	{"%=", '%', PREC_ASSIGN},
	{"&=", '&', PREC_ASSIGN},
	{"^=", '^', PREC_ASSIGN},
	{"|=", '|', PREC_ASSIGN},
	{"=", '=', PREC_ASSIGN},
	{"?", '?', PREC_CHOICE},
	{"|", '|', PREC_BITOR},
	{"^", '^', 5},
	{"&", '&', 6},
	{"<", '<', 8},
	{">", '>', 8},
	{"+", '+', 10},
	{"-", '-', 10},
	{"*", '*', PREC_MUL},
	{"/", '/', PREC_MUL},
	{"%", '%', PREC_MUL},
};

static long arith_expression(struct arith *a, int least);

static long arith_fail(struct arith *a, const char *why)
{
	if (!a->failure)
		a->failure = why;
	return 0;
}

static void skip_blanks(struct arith *a)
{
	while (*a->at && strchr(" \t\n", *a->at))
		a->at++;
}

static const struct operator* operator_peek(struct arith *a)
{
	skip_blanks(a);
	for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++)
		if (strncmp(a->at, operators[i].text, strlen(operators[i].text)) == 0)
			return &operators[i];
	return NULL;
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c | 32) >= 'a' && (c | 32) <= 'f')
		return (c | 32) - 'a' + 10;
	return 16;
}

/* A constant as in C: decimal, 0 octal, 0x hexadecimal. */
static bool constant_parse(const char **at, long *value)
{
	int base = 10, digit;
	unsigned long n = 0;
	const char *s = *at;

	if (*s == '0') {
		base = (s[1] | 32) == 'x' ? 16 : 8;
		s += base == 16 ? 2 : 0;
	}
	if (digit_value(*s) >= base)
		return false;
	for (; (digit = digit_value(*s)) < base; s++)
		n = n * (unsigned long)base + (unsigned long)digit;
	if (digit < 16 || name_length(s) > 0)
		return false;
	*at = s;
	*value = (long)n;
	return true;
}

static long variable_number(struct arith *a, const char *name, size_t len)
{
	const char *text = var_get(name, len), *end;
	bool negative;
	long value;

	while (text && (*text == ' ' || *text == '\t'))
		text++;
	if (!text || !*text)
		return 0;
	negative = *text == '-';
	end = text + (negative || *text == '+');
	if (!constant_parse(&end, &value) || *end)
		return arith_fail(a, "not a number");
	return negative ? (long)(0 - (unsigned long)value) : value;
}

static long compute(struct arith *a, char code, long x, long y)
{
	unsigned long ux = (unsigned long)x, uy = (unsigned long)y;

	switch (code) {
	case '=': return y;
	case '+': return (long)(ux + uy);
	case '-': return (long)(ux - uy);
	case '*': return (long)(ux * uy);
	case '&': return x & y;
	case '|': return x | y;
	case '^': return x ^ y;
	case 'l': return (long)(ux << (uy % (sizeof ux * 8)));
	case 'r': return x >> (uy % (sizeof ux * 8));
	case '<': return x < y;
	case '>': return x > y;
	case 'L': return x <= y;
	case 'G': return x >= y;
	case 'e': return x == y;
	case 'n': return x != y;
	default: break; /* / and % */
	}
	if (a->skipped || a->failure)
		return 0;
	if (y == 0)
		return arith_fail(a, "division by zero");
	if (y == -1)
		return code == '/' ? (long)(0 - ux) : 0;
	return code == '/' ? x / y : x % y;
}

static void variable_assign(struct arith *a, const char *name, size_t len, long value)
{
	char digits[24], *at = digits + sizeof digits - 1;
	unsigned long u = value < 0 ? 0 - (unsigned long)value : (unsigned long)value;

	if (a->skipped || a->failure)
		return;
	*at = '\0';
	do
		*--at = (char)('0' + u % 10);
	while ((u /= 10) != 0);
	if (value < 0)
		*--at = '-';
	if (!var_set(name, len, at))
		arith_fail(a, "cannot assign");
}

static long arith_name(struct arith *a)
{
	const char *name = a->at;
	size_t len = name_length(name);
	const struct operator* op;
	long value;

	a->at += len;
	op = operator_peek(a);
	if (!op || op->precedence != PREC_ASSIGN)
		return variable_number(a, name, len);
	a->at += strlen(op->text);
	value = arith_expression(a, PREC_ASSIGN);
	if (op->code != '=')
		value = compute(a, op->code, variable_number(a, name, len), value);
	variable_assign(a, name, len, value);
	return value;
}

static long arith_unary(struct arith *a)
{
	long value;
	char c;

	skip_blanks(a);
	c = *a->at;
	if (name_length(a->at) > 0)
		return arith_name(a);
	if (c >= '0' && c <= '9')
		return constant_parse(&a->at, &value) ? value : arith_fail(a, "bad number");
	if (c == '\0' || !strchr("(-+!~", c))
		return arith_fail(a, "operand expected");
	a->at++;
	value = arith_expression(a, c == '(' ? PREC_ASSIGN : PREC_MUL + 1);
	switch (c) {
	case '-': return (long)(0 - (unsigned long)value);
	case '!': return !value;
	case '~': return ~value;
	case '+': return value;
	default: break;
	}
	skip_blanks(a);
	if (*a->at != ')')
		return arith_fail(a, "')' expected");
	a->at++;
	return value;
}

static long arith_choice(struct arith *a, bool condition)
{
	long yes, no;

	a->skipped += !condition;
	yes = arith_expression(a, PREC_ASSIGN);
	a->skipped -= !condition;
	skip_blanks(a);
	if (*a->at != ':')
		return arith_fail(a, "':' expected");
	a->at++;
	a->skipped += condition;
	no = arith_expression(a, PREC_CHOICE);
	a->skipped -= condition;
	return condition ? yes : no;
}

/* && and || do not look at their right side when the left decides. */
static long arith_logical(struct arith *a, char code, bool left)
{
	bool decided = (code == 'o') == left;
	long right;

	a->skipped += decided;
	right = arith_expression(a, (code == 'o' ? PREC_OR : PREC_AND) + 1);
	a->skipped -= decided;
	return decided ? left : right != 0;
}

/* Operators that bind at least as tightly as `least`. */
static long arith_expression(struct arith *a, int least)
{
	const struct operator* op;
	long value;

	if (a->failure || ++a->depth > ARITH_DEPTH_MAX)
		return arith_fail(a, "nested too deeply");
	value = arith_unary(a);
	while (!a->failure && (op = operator_peek(a)) && op->precedence >= least && op->precedence > PREC_ASSIGN) {
		a->at += strlen(op->text);
		if (op->code == '?')
			value = arith_choice(a, value != 0);
		else if (op->code == 'o' || op->code == 'a')
			value = arith_logical(a, op->code, value != 0);
		else
			value = compute(a, op->code, value, arith_expression(a, op->precedence + 1));
	}
	a->depth--;
	return value;
}

bool arith_eval(const char *text, long *result)
{
	struct arith a = {.at = text};

	skip_blanks(&a);
	*result = *a.at ? arith_expression(&a, PREC_ASSIGN) : 0;
	skip_blanks(&a);
	if (!a.failure && *a.at)
		a.failure = "unexpected text";
	if (a.failure)
		shell_error("arithmetic: %s: '%.40s'", a.failure, text);
	return !a.failure;
}
