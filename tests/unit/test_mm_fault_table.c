// links: lib sync mm
/* The fault table of docs/lazy-memory.md is the one in the code: it is made here from fault_decide and compared line by
   line. When they differ, the table as it should be is printed. */
#include "test_mm_world.h"

#include <mm/fault_policy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Kinds of private and shared regions with all rights. */
static const struct {
	const char *name;
	struct fault_view view;
} regions[] = {
	{"zeros", {.mapped = true, .prot = VMA_READ | VMA_WRITE}},
	{"file, private", {.mapped = true, .prot = VMA_READ | VMA_WRITE, .object = true}},
	{"file, its last page", {.mapped = true, .prot = VMA_READ | VMA_WRITE, .object = true, .tail = true}},
	{"file, shared", {.mapped = true, .prot = VMA_READ | VMA_WRITE, .object = true, .shared = true}},
};

/* What stands where the page's entry is. */
static const struct {
	const char *name;
	struct fault_view view;
} entries[] = {
	{"no table", {.table_present = false}},
	{"nothing, the table is shared", {.table_present = true}},
	{"nothing", {.table_present = true, .table_owned = true}},
	{"the page of zeros", {.table_present = true, .table_owned = true, .page_present = true, .page_zero = true}},
	{"a page that others see", {.table_present = true, .table_owned = true, .page_present = true}},
	{"a page of its own, without W",
         {.table_present = true, .table_owned = true, .page_present = true, .page_mine = true}},
	{"a page, with W, the table is shared", {.table_present = true, .page_present = true, .page_writable = true}},
	{"a page, with W",
         {.table_present = true, .table_owned = true, .page_present = true, .page_writable = true, .page_mine = true}},
};

static struct fault_view view_of(size_t region, size_t entry)
{
	struct fault_view v = entries[entry].view;

	v.mapped = true;
	v.prot = regions[region].view.prot;
	v.object = regions[region].view.object;
	v.tail = regions[region].view.tail;
	v.shared = regions[region].view.shared;
	return v;
}

static const char *decision(const struct fault_view *v, bool write)
{
	const struct fault_info f = {.va = 0x10000000, .write = write, .present = v->page_present, .user = true};

	return fault_action_name(fault_decide(&f, v));
}

/* Line LINE of the table, the first is the head; NULL: past its end. */
static const char *table_line(size_t line, char *to, size_t size)
{
	size_t n = 0;

	if (line >= 2 + COUNT(entries))
		return NULL;
	n += (size_t)snprintf(to, size, "|%s", line == 0 ? " entry" : line == 1 ? "---" : " ");
	if (line >= 2)
		n += (size_t)snprintf(to + n - 1, size - n, " %s", entries[line - 2].name) - 1;
	for (size_t r = 0; r < COUNT(regions); r++) {
		struct fault_view v = view_of(r, line >= 2 ? line - 2 : 0);

		if (line == 0)
			n += (size_t)snprintf(to + n, size - n, " | %s: read | write", regions[r].name);
		else if (line == 1)
			n += (size_t)snprintf(to + n, size - n, "|---|---");
		else
			n += (size_t)snprintf(to + n, size - n, " | %s | %s", decision(&v, false), decision(&v, true));
	}
	snprintf(to + n, size - n, line == 1 ? "|" : " |");
	return to;
}

static void print_table(void)
{
	char line[512];

	for (size_t i = 0; table_line(i, line, sizeof line); i++)
		printf("%s\n", line);
}

/* Skip to the line that begins the table. */
static bool find_table(FILE *f, const char *head, char *line, int size)
{
	while (fgets(line, size, f))
		if (strncmp(line, head, strlen(head)) == 0)
			return true;
	return false;
}

static void the_table_in_the_docs_is_the_one_in_the_code(void **state)
{
	const char *docs = getenv("DOCS");
	char path[512], line[512], want[512];
	FILE *f;

	(void)state;
	if (!docs)
		skip();
	snprintf(path, sizeof path, "%s/lazy-memory.md", docs);
	f = fopen(path, "r");
	assert_non_null(f);
	if (!find_table(f, "| entry", line, sizeof line)) {
		print_table();
		fail_msg("%s has no fault table", path);
	}
	for (size_t i = 0; table_line(i, want, sizeof want); i++) {
		line[strcspn(line, "\n")] = '\0';
		if (strcmp(line, want) != 0) {
			print_table();
			fail_msg("line %zu of the table is\n%s", i, line);
		}
		if (!fgets(line, sizeof line, f))
			line[0] = '\0';
	}
	assert_true(line[0] == '\n' || line[0] == '\0');
	fclose(f);
}

static void without_a_region_only_the_stack_may_grow(void **state)
{
	struct fault_view v = {.mapped = false};

	(void)state;
	assert_string_equal(decision(&v, true), "refuse");
	v.can_grow = true;
	assert_string_equal(decision(&v, true), "grow-stack");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_in_the_docs_is_the_one_in_the_code),
		cmocka_unit_test(without_a_region_only_the_stack_may_grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
