/* lib/cmdline.h: the grammar as a table, the limits, and lines made from random values and read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <lib/cmdline.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test_lib_random.h"

static void lines_are_read_as_the_grammar_says(void **state)
{
	static const struct {
		const char *line, *key;
		enum status st;
		const char *value;
	} cases[] = {
		{"", "run", E_NOENT, ""},
		{" \t\n ", "run", E_NOENT, ""},
		{"run=x", "run", OK, "x"},
		{"  run=x  ", "run", OK, "x"},
		{"\trun=x\n", "run", OK, "x"},
		{"run", "run", OK, ""},
		{"run=", "run", OK, ""},
		{"run=\"\"", "run", OK, ""},
		{"/boot/dormouse root=hda1 run=x", "root", OK, "hda1"},
		{"prerun=a runx=b", "run", E_NOENT, ""},
		{"ru=a", "run", E_NOENT, ""},
		{"a=run", "run", E_NOENT, ""},
		{"a=\"run=b\"", "run", E_NOENT, ""},
		{"a=\" run=b \" run=c", "run", OK, "c"},
		{"run=a=b=c", "run", OK, "a=b=c"},
		{"run=a\"b c", "run", OK, "a\"b"},
		{"run=a\\nb", "run", OK, "a\\nb"},
		{"run=\"echo hi; false\" x", "run", OK, "echo hi; false"},
		{"run=\"a \\\"b\\\" c\"", "run", OK, "a \"b\" c"},
		{"run=\"a\\\\\"", "run", OK, "a\\"},
		{"run=\"a\\\\\\\"b\"", "run", OK, "a\\\"b"},
		{"run=\"a\\nb\"", "run", OK, "a\nb"},
		{"run=\"a\\\\nb\"", "run", OK, "a\\nb"},
		{"run=\"a\\tb\\$\"", "run", OK, "a\\tb\\$"},
		{"run=\"a\nb\tc\"", "run", OK, "a\nb\tc"},
		/* The last counts. */
		{"run=a run=b", "run", OK, "b"},
		{"run=\"a b\" run", "run", OK, ""},
		/* What is not closed, or closes within a word, spoils the whole line. */
		{"run=\"a", "run", E_INVAL, ""},
		{"run=\"", "run", E_INVAL, ""},
		{"run=\"a\\\"", "run", E_INVAL, ""},
		{"run=\"a\\", "run", E_INVAL, ""},
		{"run=\"a\"b", "run", E_INVAL, ""},
		{"run=\"a\"\"b\"", "run", E_INVAL, ""},
		{"run=a init=\"b", "run", E_INVAL, ""},
		{"init=\"b run=a", "run", E_INVAL, ""},
		/* A quote means something only where a value begins. */
		{"\"kernel image\" run=a", "run", OK, "a"},
		{"=x run=a", "run", OK, "a"},
	};
	char out[64];

	(void)state;
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		memset(out, '#', sizeof out);
		if (cmdline_get(cases[i].line, cases[i].key, out, sizeof out) != cases[i].st)
			fail_msg("status of <%s>", cases[i].line);
		if (strcmp(out, cases[i].value) != 0)
			fail_msg("value of <%s>: <%s>", cases[i].line, out);
		assert_int_equal(cmdline_has(cases[i].line, cases[i].key), cases[i].st == OK);
	}
}

static void a_value_must_fit_with_its_nul(void **state)
{
	char out[8];

	(void)state;
	for (size_t size = 0; size <= sizeof out; size++) {
		memset(out, '#', sizeof out);
		assert_int_equal(cmdline_get("run=\"a\\n\\\"d\"", "run", out, size), size >= 5 ? OK : E_NAMETOOLONG);
		if (size > 0)
			assert_string_equal(out, size >= 5 ? "a\n\"d" : "");
		for (size_t i = size; i < sizeof out; i++)
			assert_int_equal(out[i], '#');
	}
	assert_int_equal(cmdline_get("run", "run", out, 0), E_NAMETOOLONG);
	assert_int_equal(cmdline_get("run", "run", out, 1), OK);
}

static void a_line_has_at_most_4095_bytes(void **state)
{
	char *line = malloc(CMDLINE_MAX + 2), *out = malloc(CMDLINE_MAX + 1);

	(void)state;
	memset(line, 'x', CMDLINE_MAX + 1);
	memcpy(line, "run=", 4);
	line[CMDLINE_MAX] = '\0';
	assert_int_equal(cmdline_get(line, "run", out, CMDLINE_MAX + 1), OK);
	assert_int_equal(strlen(out), CMDLINE_MAX - 4);
	line[4] = line[CMDLINE_MAX - 1] = '"';
	assert_int_equal(cmdline_get(line, "run", out, CMDLINE_MAX + 1), OK);
	assert_int_equal(strlen(out), CMDLINE_MAX - 6);
	line[CMDLINE_MAX] = ' ';
	line[CMDLINE_MAX + 1] = '\0';
	assert_int_equal(cmdline_get(line, "run", out, CMDLINE_MAX + 1), E_NAMETOOLONG);
	assert_string_equal(out, "");
	assert_false(cmdline_has(line, "run"));
	free(line);
	free(out);
}

/* VALUE in quotes, as a boot script would write it. */
static void append_quoted(char *line, const char *key, const char *value)
{
	char *p = line + strlen(line);

	p += sprintf(p, " %s=\"", key);
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			*p++ = '\\';
		*p++ = *value == '\n' ? '\\' : *value;
		if (*value == '\n')
			*p++ = 'n';
	}
	strcpy(p, "\"");
}

static void whatever_is_quoted_is_read_back(void **state)
{
	static const char alphabet[] = "ab =\"\\\n\tn;$'";
	struct random r = {17};
	char values[4][32], line[512], key[4] = "k0", out[32];

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		line[0] = '\0';
		for (unsigned v = 0; v < 4; v++) {
			unsigned n = random_below(&r, 31);

			for (unsigned i = 0; i < n; i++)
				values[v][i] = alphabet[random_below(&r, sizeof alphabet - 1)];
			values[v][n] = '\0';
			key[1] = (char)('0' + v);
			append_quoted(line, key, values[v]);
		}
		for (unsigned v = 0; v < 4; v++) {
			key[1] = (char)('0' + v);
			assert_int_equal(cmdline_get(line, key, out, sizeof out), OK);
			assert_string_equal(out, values[v]);
		}
	}
}

/* Any bytes at all: no crash, and the promise about OUT holds. */
static void no_line_is_read_past_its_end(void **state)
{
	static const char alphabet[] = "k= \"\\n\n";
	struct random r = {18};

	(void)state;
	for (unsigned round = 0; round < 50000; round++) {
		unsigned n = random_below(&r, 20);
		char *line = malloc(n + 1), *out = malloc(4);

		for (unsigned i = 0; i < n; i++)
			line[i] = alphabet[random_below(&r, sizeof alphabet - 1)];
		line[n] = '\0';
		memset(out, '#', 4);
		if (cmdline_get(line, "k", out, 4) != OK)
			assert_string_equal(out, "");
		else
			assert_in_range(strlen(out), 0, 3);
		free(line);
		free(out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_read_as_the_grammar_says), cmocka_unit_test(a_value_must_fit_with_its_nul),
		cmocka_unit_test(a_line_has_at_most_4095_bytes),      cmocka_unit_test(whatever_is_quoted_is_read_back),
		cmocka_unit_test(no_line_is_read_past_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
