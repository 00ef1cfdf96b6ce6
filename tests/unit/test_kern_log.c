/* kern/logbuf.h: whole lines, newest kept; kern/log.h: levels, sinks, and lines that were there before them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arch/cpu.h>
#include <kern/log.h>
#include <kern/logbuf.h>
#include <stdio.h>
#include <string.h>

uint64_t arch_time_ns(void)
{
	return 12345678901u;
}

#define SMALL 64

static uint8_t bytes[SMALL];
static struct logbuf buf;

static int setup(void **state)
{
	(void)state;
	fake_irq_on = true;
	logbuf_init(&buf, bytes, SMALL);
	return 0;
}

static void put(const char *text)
{
	logbuf_put(&buf, 2, "> ", text, strlen(text));
}

static const char *read_all(size_t size)
{
	static char out[2 * SMALL];
	size_t n = logbuf_read(&buf, out, size);

	assert_true(n <= size && n < sizeof out);
	out[n] = '\0';
	return out;
}

static void lines_come_back_with_their_prefix_oldest_first(void **state)
{
	(void)state;
	assert_string_equal(read_all(SMALL), "");
	put("one");
	put("");
	put("two");
	assert_string_equal(read_all(SMALL), "> one\n> \n> two\n");
}

static void a_short_buffer_gets_the_newest_whole_lines(void **state)
{
	(void)state;
	put("one");
	put("two");
	assert_string_equal(read_all(12), "> one\n> two\n");
	assert_string_equal(read_all(11), "> two\n");
	assert_string_equal(read_all(6), "> two\n");
	assert_string_equal(read_all(5), "");
	assert_string_equal(read_all(0), "");
}

static void the_oldest_lines_go_when_the_ring_is_full(void **state)
{
	char text[16];

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		snprintf(text, sizeof text, "line %02u", i);
		put(text);
	}
	/* 11 bytes a line with its mark: five fit into 64 */
	assert_string_equal(read_all(2 * SMALL - 1), "> line 95\n> line 96\n> line 97\n> line 98\n> line 99\n");
}

static void a_line_longer_than_half_the_ring_is_cut(void **state)
{
	char text[200];

	(void)state;
	memset(text, 'x', sizeof text);
	logbuf_put(&buf, 1, "", text, sizeof text);
	assert_int_equal(strlen(read_all(2 * SMALL - 1)), SMALL / 2 + 1);
}

static void newlines_inside_become_spaces(void **state)
{
	(void)state;
	put("a\nb");
	assert_string_equal(read_all(SMALL), "> a b\n");
}

static void each_line_keeps_its_level(void **state)
{
	uint32_t offset = 0;
	unsigned level;
	char text[16];

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		logbuf_put(&buf, i, "prefix ", "text", 4);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(logbuf_line(&buf, &offset, &level, text, sizeof text), 4);
		assert_memory_equal(text, "text", 4);
		assert_int_equal(level, i);
	}
	assert_int_equal(logbuf_line(&buf, &offset, &level, text, sizeof text), -1);
}

/* What logbuf_read_from gives from *POSITION on. */
static const char *read_from(uint32_t *position, size_t size)
{
	static char out[2 * SMALL];
	size_t n = logbuf_read_from(&buf, position, out, size);

	assert_true(n <= size && n < sizeof out);
	out[n] = '\0';
	return out;
}

static void the_whole_ring_is_read_in_pieces_of_whole_lines(void **state)
{
	uint32_t position = 0;

	(void)state;
	assert_string_equal(read_from(&position, SMALL), "");
	put("one");
	put("two");
	put("three");
	position = 0;
	assert_string_equal(read_from(&position, 0), "");
	assert_string_equal(read_from(&position, 13), "> one\n> two\n");
	assert_string_equal(read_from(&position, 8), "> three\n");
	assert_string_equal(read_from(&position, SMALL), "");
	put("four");
	assert_string_equal(read_from(&position, SMALL), "> four\n");
	assert_string_equal(read_from(&position, SMALL), "");
	position = 0;
	assert_string_equal(read_from(&position, SMALL), "> one\n> two\n> three\n> four\n");
}

static void lines_that_went_between_two_pieces_are_left_out(void **state)
{
	uint32_t position = 0;
	char text[16];

	(void)state;
	put("a");
	put("b");
	assert_string_equal(read_from(&position, 4), "> a\n");
	for (unsigned i = 0; i < 6; i++) {
		snprintf(text, sizeof text, "line %02u", i);
		put(text);
	}
	assert_string_equal(read_from(&position, 20), "> line 01\n> line 02\n");
	assert_string_equal(read_from(&position, SMALL), "> line 03\n> line 04\n> line 05\n");
	assert_string_equal(read_from(&position, SMALL), "");
}

static void a_line_longer_than_the_piece_is_cut(void **state)
{
	uint32_t position = 0;

	(void)state;
	put("one");
	put("two");
	assert_string_equal(read_from(&position, 4), "> o\n");
	assert_string_equal(read_from(&position, 1), "\n");
	assert_string_equal(read_from(&position, 1), "");
}

/* Whatever the position: whole lines, and an end. */
static void any_position_is_safe(void **state)
{
	(void)state;
	buf.ring.head = buf.ring.tail = UINT32_MAX - 20; /* the count wraps within the ring */
	for (unsigned i = 0; i < 9; i++)
		put("line");
	for (uint32_t i = 0; i < 4 * SMALL; i++) {
		uint32_t position = UINT32_MAX - 2 * SMALL + i;
		unsigned rounds = 0;
		const char *text;

		while (*(text = read_from(&position, 10)) != '\0') {
			assert_string_equal(text, "> line\n");
			assert_true(++rounds <= 8);
		}
	}
}

static char heard[1024];

static void hear(struct log_sink *s, enum log_level level, const char *line, size_t len, bool panic)
{
	size_t n = strlen(heard);

	(void)s;
	assert_false(panic);
	assert_false(fake_irq_on);
	snprintf(heard + n, sizeof heard - n, "%d:%.*s|", (int)level, (int)len, line);
}

static void a_sink_hears_what_was_said_before_it_came(void **state)
{
	static struct log_sink sink = {.write = hear, .level = LOG_WARNING};

	(void)state;
	printk(LOG_ERROR, "early %d", 1);
	printk(LOG_INFO, "not for it");
	log_add_sink(&sink);
	assert_string_equal(heard, "0:early 1|");
	printk(LOG_WARNING, "two\nlines\n");
	printk(LOG_INFO, "not for it");
	log_set_level(&sink, LOG_INFO);
	printk(LOG_INFO, "now");
	assert_string_equal(heard, "0:early 1|1:two|1:lines|2:now|");
	assert_true(fake_irq_on);
}

static void the_log_is_read_with_seconds_in_front(void **state)
{
	char out[64];
	size_t n;

	(void)state;
	printk(LOG_INFO, "last words");
	n = log_read(out, strlen("[   12.345678] last words\n"));
	out[n] = '\0';
	assert_string_equal(out, "[   12.345678] last words\n");
}

static void the_log_is_read_in_pieces(void **state)
{
	char all[512], pieces[512];
	uint32_t position = 0;
	size_t n, done = 0, size = log_read(all, sizeof all);

	(void)state;
	while ((n = log_read_from(&position, pieces + done, 40)) > 0)
		done += n;
	assert_true(size > 80 && done == size);
	assert_memory_equal(all, pieces, size);
	assert_true(fake_irq_on);
}

static void a_line_that_does_not_fit_is_cut(void **state)
{
	char text[1000];

	(void)state;
	memset(text, 'y', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	heard[0] = '\0';
	printk(LOG_ERROR, "%s", text);
	assert_int_equal(strlen(heard), 2 + 255 + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(lines_come_back_with_their_prefix_oldest_first, setup),
		cmocka_unit_test_setup(a_short_buffer_gets_the_newest_whole_lines, setup),
		cmocka_unit_test_setup(the_oldest_lines_go_when_the_ring_is_full, setup),
		cmocka_unit_test_setup(a_line_longer_than_half_the_ring_is_cut, setup),
		cmocka_unit_test_setup(newlines_inside_become_spaces, setup),
		cmocka_unit_test_setup(each_line_keeps_its_level, setup),
		cmocka_unit_test_setup(the_whole_ring_is_read_in_pieces_of_whole_lines, setup),
		cmocka_unit_test_setup(lines_that_went_between_two_pieces_are_left_out, setup),
		cmocka_unit_test_setup(a_line_longer_than_the_piece_is_cut, setup),
		cmocka_unit_test_setup(any_position_is_safe, setup),
		cmocka_unit_test_setup(a_sink_hears_what_was_said_before_it_came, setup),
		cmocka_unit_test_setup(the_log_is_read_with_seconds_in_front, setup),
		cmocka_unit_test_setup(the_log_is_read_in_pieces, setup),
		cmocka_unit_test_setup(a_line_that_does_not_fit_is_cut, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
