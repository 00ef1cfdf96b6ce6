/* lib/symtab.h: a hand-made table, and damaged ones.  (lib/mksymtab.py makes the same layout.) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <lib/symtab.h>
#include <stdlib.h>
#include <string.h>

#define FUNCTIONS 5
#define END 0x5000u

static const uint32_t addresses[FUNCTIONS] = {0x1000, 0x1001, 0x2000, 0x3000, 0x4fff};
static const char pool[] = "boot\0trap\0fault\0idle"; /* the NUL at the end is the literal's */
static const uint32_t names[FUNCTIONS] = {0, 5, 10, 5, 16};

/* In memory of its own size, so that a look beyond it is reported. */
static struct symtab *table_make(uint32_t count)
{
	struct symtab *t = malloc(sizeof *t + 8 * count + sizeof pool);

	*t = (struct symtab){.magic = SYMTAB_MAGIC, .count = count, .end = END, .pool_size = sizeof pool};
	memcpy(t->words, addresses, 4 * count);
	memcpy(t->words + count, names, 4 * count);
	memcpy(t->words + 2 * count, pool, sizeof pool);
	return t;
}

static void every_address_finds_the_function_it_lies_in(void **state)
{
	struct symtab *t = table_make(FUNCTIONS);

	(void)state;
	for (uint32_t a = 0; a < END + 16; a++) {
		uint32_t offset = 0xdead, i = FUNCTIONS;
		const char *name = symtab_find(t, a, &offset);

		while (i > 0 && addresses[i - 1] > a)
			i--;
		if (i == 0 || a >= END) {
			assert_null(name);
			assert_int_equal(offset, 0xdead);
		} else {
			assert_string_equal(name, pool + names[i - 1]);
			assert_int_equal(offset, a - addresses[i - 1]);
		}
	}
	free(t);
}

static void an_empty_or_foreign_table_knows_nothing(void **state)
{
	struct symtab *t = table_make(0);
	uint32_t offset = 1;

	(void)state;
	assert_null(symtab_find(t, 0x1000, &offset));
	free(t);
	t = table_make(FUNCTIONS);
	t->magic++;
	assert_null(symtab_find(t, 0x1000, &offset));
	free(t);
	assert_int_equal(offset, 1);
}

static void a_name_outside_the_pool_is_no_name(void **state)
{
	struct symtab *t = table_make(FUNCTIONS);
	uint32_t offset;

	(void)state;
	t->words[FUNCTIONS] = sizeof pool;
	assert_null(symtab_find(t, 0x1000, &offset));
	assert_string_equal(symtab_find(t, 0x1001, &offset), "trap");
	t->pool_size = 12; /* cuts a name in two: the last byte is no NUL */
	assert_null(symtab_find(t, 0x1001, &offset));
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_address_finds_the_function_it_lies_in),
		cmocka_unit_test(an_empty_or_foreign_table_knows_nothing),
		cmocka_unit_test(a_name_outside_the_pool_is_no_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
