// links: lib sync mm
/* The whole table of mm/fault_policy.c: every fault against every view, held against rules written down
   independently. */
#include "test_mm_world.h"

#include <mm/vma.h>

#define VIEW_BITS 11u

static struct fault_view view_of(unsigned bits, uint8_t prot)
{
	return (struct fault_view){
		.mapped = bits & 1,
		.prot = prot,
		.object = bits & 2,
		.tail = bits & 4,
		.shared = bits & 8,
		.can_grow = bits & 16,
		.table_present = bits & 32,
		.table_owned = bits & 64,
		.page_present = bits & 128,
		.page_writable = bits & 256,
		.page_mine = bits & 512,
		.page_zero = bits & 1024,
	};
}

/* Views that look() can produce. */
static bool view_possible(const struct fault_view *v)
{
	if (v->mapped && v->can_grow)
		return false;
	if (!v->mapped && (v->object || v->tail || v->shared || v->table_present || v->page_present || v->prot))
		return false;
	if ((v->tail || v->shared) && !v->object)
		return false;
	if (!v->table_present && (v->table_owned || v->page_present))
		return false;
	if (!v->page_present && (v->page_writable || v->page_mine || v->page_zero))
		return false;
	return !(v->page_mine && (v->page_zero || !v->table_owned)) &&
	       !(v->page_zero && (v->page_writable || v->shared));
}

typedef void (*check_fn)(const struct fault_info *f, const struct fault_view *v, enum fault_action a);

static unsigned for_every_case(check_fn check)
{
	unsigned n = 0;

	for (unsigned bits = 0; bits < 1u << VIEW_BITS; bits++)
		for (uint8_t prot = 0; prot < 8; prot++)
			for (unsigned access = 0; access < 4; access++) {
				struct fault_view v = view_of(bits, prot);
				struct fault_info f = {.va = 0x1000, .write = access & 1, .user = access & 2};

				f.present = v.page_present;
				if (!view_possible(&v))
					continue;
				check(&f, &v, fault_decide(&f, &v));
				n++;
			}
	return n;
}

static bool allowed(const struct fault_info *f, const struct fault_view *v)
{
	return v->mapped && (f->write ? v->prot & VMA_WRITE : v->prot != 0);
}

static void check_rights(const struct fault_info *f, const struct fault_view *v, enum fault_action a)
{
	if (!v->mapped)
		assert_int_equal(a, v->can_grow ? FAULT_GROW_STACK : FAULT_REFUSE);
	else
		assert_int_equal(a == FAULT_REFUSE, !allowed(f, v));
}

static void a_denied_access_is_refused_and_no_other(void **state)
{
	(void)state;
	assert_true(for_every_case(check_rights) > 1000);
}

static void check_frozen(const struct fault_info *f, const struct fault_view *v, enum fault_action a)
{
	(void)f;
	if (v->table_present && !v->table_owned && v->mapped)
		assert_true(a == FAULT_OWN_TABLE || a == FAULT_REFUSE || a == FAULT_ALREADY_DONE);
	if (a == FAULT_OWN_TABLE)
		assert_true(v->table_present && !v->table_owned);
}

static void a_shared_table_is_never_changed_before_it_is_owned(void **state)
{
	(void)state;
	for_every_case(check_frozen);
}

static void check_takeover(const struct fault_info *f, const struct fault_view *v, enum fault_action a)
{
	if (a == FAULT_TAKE_OVER)
		assert_true(f->write && v->page_mine && v->table_owned && !v->shared && !v->page_zero);
	if (a == FAULT_COPY)
		assert_true(f->write && v->page_present && !v->page_mine && !v->shared && !v->page_zero);
}

static void only_a_page_that_nobody_else_sees_is_taken_over(void **state)
{
	(void)state;
	for_every_case(check_takeover);
}

static void check_object(const struct fault_info *f, const struct fault_view *v, enum fault_action a)
{
	switch (a) {
	case FAULT_OBJECT_READ: assert_true(v->object && !f->write && !v->tail && !v->page_present); break;
	case FAULT_OBJECT_COPY:
		assert_true(v->object && !v->page_present && (v->tail || (f->write && !v->shared)));
		break;
	case FAULT_OBJECT_WRITE: assert_true(v->shared && f->write); break;
	case FAULT_ZERO_FILL: assert_true(f->write && (v->page_present ? v->page_zero : !v->object)); break;
	case FAULT_ZERO_PAGE: assert_true(!f->write && !v->object && !v->page_present); break;
	case FAULT_COPY:
	case FAULT_TAKE_OVER:
	case FAULT_OWN_TABLE:
	case FAULT_GROW_STACK:
	case FAULT_ALREADY_DONE:
	case FAULT_REFUSE:
	case FAULT_ACTIONS: break;
	}
}

static void each_answer_is_given_only_where_it_makes_sense(void **state)
{
	(void)state;
	for_every_case(check_object);
}

static void check_done(const struct fault_info *f, const struct fault_view *v, enum fault_action a)
{
	bool resolved = v->page_present && (!f->write || (v->page_writable && v->table_owned));

	if (allowed(f, v))
		assert_int_equal(a == FAULT_ALREADY_DONE, resolved);
}

static void a_fault_that_somebody_else_resolved_is_done(void **state)
{
	(void)state;
	for_every_case(check_done);
}

static void every_answer_has_a_name_and_occurs(void **state)
{
	static const struct {
		struct fault_view v;
		bool write;
		enum fault_action expect;
	} cases[] = {
		{{.mapped = true, .prot = 3}, true, FAULT_ZERO_FILL},
		{{.mapped = true, .prot = 3}, false, FAULT_ZERO_PAGE},
		{{.mapped = true, .prot = 3, .table_present = true, .table_owned = true, .page_present = true},
	         true,
	         FAULT_COPY},
		{{.mapped = true,
	          .prot = 3,
	          .table_present = true,
	          .table_owned = true,
	          .page_present = true,
	          .page_mine = true},
	         true,
	         FAULT_TAKE_OVER},
		{{.mapped = true, .prot = 3, .table_present = true}, false, FAULT_OWN_TABLE},
		{{.mapped = true, .prot = 1, .object = true}, false, FAULT_OBJECT_READ},
		{{.mapped = true, .prot = 3, .object = true}, true, FAULT_OBJECT_COPY},
		{{.mapped = true, .prot = 3, .object = true, .shared = true}, true, FAULT_OBJECT_WRITE},
		{{.can_grow = true}, true, FAULT_GROW_STACK},
		{{.mapped = true, .prot = 1, .table_present = true, .page_present = true}, false, FAULT_ALREADY_DONE},
		{{.mapped = true, .prot = 1}, true, FAULT_REFUSE},
	};
	unsigned seen = 0;

	(void)state;
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fault_info f = {.va = 0x1000, .write = cases[i].write};

		assert_int_equal(fault_decide(&f, &cases[i].v), cases[i].expect);
		assert_true(strlen(fault_action_name(cases[i].expect)) > 0);
		seen |= 1u << cases[i].expect;
	}
	assert_int_equal(seen, (1u << FAULT_ACTIONS) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_denied_access_is_refused_and_no_other),
		cmocka_unit_test(a_shared_table_is_never_changed_before_it_is_owned),
		cmocka_unit_test(only_a_page_that_nobody_else_sees_is_taken_over),
		cmocka_unit_test(each_answer_is_given_only_where_it_makes_sense),
		cmocka_unit_test(a_fault_that_somebody_else_resolved_is_done),
		cmocka_unit_test(every_answer_has_a_name_and_occurs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
