// links: lib sync mm dmfs fs
/* Pipes: data, ends, atomic writes, faults in the middle.  The one thread plays both sides. */
#include "test_fs_world.h"

#include <abi/termios.h>

#define PIPE_BYTES 65536u

static struct file *reader, *writer;

static void pipe_open(uint32_t flags)
{
	assert_int_equal(pipe_create(flags, &reader, &writer), OK);
}

static void pipe_end(void)
{
	file_put(reader);
	file_put(writer);
}

static void bytes_come_out_as_they_went_in(void **state)
{
	uint32_t in = 0, out = 0, seed = 7;

	(void)state;
	pipe_open(O_NONBLOCK);
	for (unsigned i = 0; i < 5000; i++) {
		uint32_t n;
		int32_t got;

		seed = seed * 1664525 + 1013904223;
		n = 1 + (seed >> 8) % (i % 3 == 0 ? 9000 : 3000);
		if (seed & 0x80) {
			for (uint32_t b = 0; b < n; b++)
				user_memory[b] = (uint8_t)((in + b) * 13 >> 3);
			got = file_write(writer, user_addr(0), n);
			if (got == E_AGAIN)
				assert_true(PIPE_BYTES - (in - out) < n);
			else
				in += (uint32_t)got;
			assert_true(got == E_AGAIN || (n <= 4096 ? got == (int32_t)n : got > 0));
		} else {
			got = file_read(reader, user_addr(100000), n);
			if (got == E_AGAIN)
				assert_int_equal(in, out);
			for (int32_t b = 0; b < got; b++)
				assert_int_equal(user_memory[100000 + b], (uint8_t)((out + (uint32_t)b) * 13 >> 3));
			out += got > 0 ? (uint32_t)got : 0;
		}
	}
	pipe_end();
}

static void a_vector_goes_on_with_what_is_there_and_waits_for_nothing(void **state)
{
	(void)state;
	pipe_open(0);
	assert_int_equal(file_write(writer, user_addr(0), 10), 10);
	assert_int_equal(file_read(reader, user_addr(100), 4), 4);
	assert_int_equal(file_read_more(reader, user_addr(100), 4), 4);
	assert_int_equal(file_read_more(reader, user_addr(100), 4), 2);
	assert_int_equal(file_read_more(reader, user_addr(100), 4), E_AGAIN);
	assert_int_equal(file_read_more(writer, user_addr(100), 4), E_BADF);
	pipe_end();
}

static void nothing(void)
{
}

static void a_full_pipe_holds_64_kib_and_an_idle_one_no_memory(void **state)
{
	uint32_t kernel = frame_count_kind(FRAME_KERNEL);

	(void)state;
	pipe_open(O_NONBLOCK);
	assert_int_equal(file_write(writer, user_addr(0), 100), 100);
	assert_int_equal(frame_count_kind(FRAME_KERNEL), kernel + 1);
	assert_int_equal(file_write(writer, user_addr(0), 100000), PIPE_BYTES - 100);
	assert_int_equal(file_write(writer, user_addr(0), 1), E_AGAIN);
	assert_int_equal(frame_count_kind(FRAME_KERNEL), kernel + 16);
	assert_int_equal(file_ioctl(reader, FIONREAD, USER_BASE), 0);
	assert_int_equal(*(int32_t *)(void *)user_memory, PIPE_BYTES);
	assert_int_equal(file_read(reader, user_addr(0), 4200), 4200);
	assert_int_equal(file_write(writer, user_addr(0), 4200), 4200);
	assert_int_equal(file_read(reader, user_addr(0), 100000), PIPE_BYTES);
	assert_int_equal(frame_count_kind(FRAME_KERNEL), kernel + 1); /* for the next small message */
	world_sleep = nothing;
	world_wait_status = E_INTR;
	reader->flags = O_RDONLY;
	assert_int_equal(file_read(reader, user_addr(0), 1), E_INTR);
	assert_int_equal(frame_count_kind(FRAME_KERNEL), kernel); /* not while a reader sleeps */
	world_sleep = NULL;
	world_wait_status = OK;
	pipe_end();
	assert_int_equal(frame_count_kind(FRAME_KERNEL), kernel);
}

static void a_write_of_pipe_buf_shows_at_once_or_not_at_all(void **state)
{
	(void)state;
	pipe_open(O_NONBLOCK);
	assert_int_equal(file_write(writer, user_addr(0), PIPE_BYTES - 1000), PIPE_BYTES - 1000);
	assert_int_equal(file_write(writer, user_addr(0), 4096), E_AGAIN);
	assert_int_equal(file_write(writer, user_addr(0), 1001), E_AGAIN);
	assert_int_equal(file_write(writer, user_addr(0), 1000), 1000);
	assert_int_equal(file_read(reader, user_addr(0), 100000), PIPE_BYTES);
	/* The second half of the data does not exist: nothing was written. */
	assert_int_equal(file_write(writer, user_addr(USER_BYTES - 50), 100), E_FAULT);
	assert_int_equal(file_read(reader, user_addr(0), 100), E_AGAIN);
	/* More than PIPE_BUF: what there was. */
	assert_int_equal(file_write(writer, user_addr(USER_BYTES - 50), 5000), 50);
	assert_int_equal(file_read(reader, user_addr(0), 100), 50);
	pipe_end();
}

static void faults_on_either_side_lose_nothing(void **state)
{
	(void)state;
	pipe_open(O_NONBLOCK);
	for (unsigned i = 0; i < 30000; i++)
		user_memory[i] = (uint8_t)(i * 5);
	memset(user_missing, true, sizeof user_missing);
	assert_int_equal(file_write(writer, user_addr(4000), 200), 200);
	memset(user_missing, true, sizeof user_missing);
	assert_int_equal(file_write(writer, user_addr(4200), 20000), 20000);
	assert_int_equal(file_read(reader, user_ptr(16), 100), E_FAULT);
	memset(user_missing, true, sizeof user_missing);
	assert_int_equal(file_read(reader, user_addr(100000), 30000), 20200);
	assert_memory_equal(user_memory + 4000, user_memory + 100000, 20200);
	memset(user_missing, false, sizeof user_missing);
	pipe_end();
}

static void without_a_writer_a_reader_sees_the_rest_and_then_the_end(void **state)
{
	(void)state;
	pipe_open(0);
	assert_int_equal(file_write(writer, user_addr(0), 10), 10);
	file_put(writer);
	assert_int_equal(file_read(reader, user_addr(0), 100), 10);
	assert_int_equal(file_read(reader, user_addr(0), 100), 0);
	file_put(reader);
}

static void without_a_reader_a_writer_gets_epipe_and_the_signal(void **state)
{
	uint32_t kernel = frame_count_kind(FRAME_KERNEL);

	(void)state;
	pipe_open(0);
	assert_int_equal(file_write(writer, user_addr(0), 10), 10);
	file_put(reader);
	world_signal = 0;
	assert_int_equal(file_write(writer, user_addr(0), 10), E_PIPE);
	assert_int_equal(world_signal, SIGPIPE);
	assert_int_equal(file_write(writer, user_addr(0), 0), 0);
	file_put(writer);
	assert_int_equal(frame_count_kind(FRAME_KERNEL), kernel);
}

static void the_ends_are_one_way(void **state)
{
	uint64_t at;

	(void)state;
	pipe_open(0);
	assert_int_equal(file_write(reader, user_addr(0), 1), E_BADF);
	assert_int_equal(file_read(writer, user_addr(0), 1), E_BADF);
	assert_int_equal(file_seek(reader, 0, SEEK_SET, &at), E_SPIPE);
	pipe_end();
}

static void other_side_writes(void)
{
	world_sleep = NULL;
	assert_int_equal(file_write(writer, user_addr(0), 5), 5);
}

static unsigned drained;

static void other_side_reads(void)
{
	void (*self)(void) = world_sleep;

	world_sleep = NULL;
	drained += (unsigned)file_read(reader, user_addr(150000), 30000);
	world_sleep = self;
}

static void who_finds_nothing_sleeps_until_the_other_side_comes(void **state)
{
	(void)state;
	pipe_open(0);
	world_sleep = other_side_writes;
	assert_int_equal(file_read(reader, user_addr(0), 100), 5);
	drained = 0;
	world_sleep = other_side_reads;
	assert_int_equal(file_write(writer, user_addr(0), 100000), 100000);
	world_sleep = NULL;
	drained += (unsigned)file_read(reader, user_addr(0), 100000);
	assert_int_equal(drained, 100000);
	pipe_end();
}

static void a_signal_ends_the_wait(void **state)
{
	(void)state;
	pipe_open(0);
	world_sleep = nothing;
	world_wait_status = E_INTR;
	assert_int_equal(file_read(reader, user_addr(0), 100), E_INTR);
	assert_int_equal(file_write(writer, user_addr(0), 100000), PIPE_BYTES);
	assert_int_equal(file_write(writer, user_addr(0), 1), E_INTR);
	world_wait_status = OK;
	world_sleep = NULL;
	pipe_end();
}

static void no_memory_is_an_errno_or_a_short_count(void **state)
{
	(void)state;
	kmalloc_trim();
	pipe_open(O_NONBLOCK);
	frame_fail_after(0);
	assert_int_equal(file_write(writer, user_addr(0), 10), E_NOMEM);
	frame_fail_after(2);
	assert_int_equal(file_write(writer, user_addr(0), 20000), 2 * PAGE_SIZE);
	frame_fail_after(UINT32_MAX);
	assert_int_equal(file_read(reader, user_addr(0), 20000), 2 * PAGE_SIZE);
	pipe_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_come_out_as_they_went_in),
		cmocka_unit_test(a_vector_goes_on_with_what_is_there_and_waits_for_nothing),
		cmocka_unit_test(a_full_pipe_holds_64_kib_and_an_idle_one_no_memory),
		cmocka_unit_test(a_write_of_pipe_buf_shows_at_once_or_not_at_all),
		cmocka_unit_test(faults_on_either_side_lose_nothing),
		cmocka_unit_test(without_a_writer_a_reader_sees_the_rest_and_then_the_end),
		cmocka_unit_test(without_a_reader_a_writer_gets_epipe_and_the_signal),
		cmocka_unit_test(the_ends_are_one_way),
		cmocka_unit_test(who_finds_nothing_sleeps_until_the_other_side_comes),
		cmocka_unit_test(a_signal_ends_the_wait),
		cmocka_unit_test(no_memory_is_an_errno_or_a_short_count),
	};

	return cmocka_run_group_tests(tests, world_start, world_end);
}
