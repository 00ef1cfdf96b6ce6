/* lib/elf.h: one good image, then every way to break it that the header promises to notice.  Whatever is parsed lies in
   memory of exactly its size, so that the address sanitizer sees a look beyond it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <lib/elf.h>
#include <stdlib.h>
#include <string.h>

#include "test_lib_random.h"

#define PHNUM 5
#define FILE_SIZE 0x2400u
#define LIMIT USER_TOP
#define TEXT 0x08048000u
#define DATA 0x0804a100u

/* A static program: text with the headers in it, data with bss, an (odd but legal) segment of zeros alone. */
struct image {
	struct elf32_ehdr eh;
	struct elf32_phdr ph[PHNUM];
};

static const struct image good = {
	.eh = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB, EV_CURRENT},
               .e_type = ET_EXEC,
               .e_machine = EM_386,
               .e_version = EV_CURRENT,
               .e_entry = TEXT + 0x234,
               .e_phoff = 52,
               .e_ehsize = 52,
               .e_phentsize = 32,
               .e_phnum = PHNUM},
	.ph =
		{
			{PT_LOAD, 0, TEXT, TEXT, 0x1234, 0x1234, PF_R | PF_X, 4096},
			{PT_LOAD, 0x2100, DATA, DATA, 0x200, 0x3000, PF_R | PF_W, 4096},
			{PT_LOAD, 0xffffffff, 0x08050000, 0, 0, 0x10, PF_R | PF_W, 4096},
			{PT_TLS, 0x2100, DATA, DATA, 8, 16, PF_R, 4},
			{PT_GNU_STACK, 0, 0, 0, 0, 0, PF_R | PF_W, 16},
		},
};

/* Both checks, as exec makes them.  HAVE bytes of the file are there. */
static enum status check_cut(const struct image *im, uint32_t file_size, size_t have, vaddr_t limit,
                             struct elf_image *out)
{
	size_t n = have < sizeof *im ? have : sizeof *im;
	uint8_t *bytes = malloc(n + 1), *odd = bytes + 1; /* at an odd address */
	enum status st;

	memcpy(odd, im, n);
	st = elf_check_header(odd, n, file_size, out);
	if (st == OK)
		st = elf_check_segments(out, odd + out->phoff, out->phoff <= n ? n - out->phoff : 0, limit);
	free(bytes);
	return st;
}

#define COPY ((enum status)1) /* accepted, but the segments must be copied */

static enum status check(const struct image *im)
{
	struct elf_image out;
	enum status st = check_cut(im, FILE_SIZE, sizeof *im, LIMIT, &out);

	return st == OK && out.must_copy ? COPY : st;
}

static void a_good_image_says_what_to_map(void **state)
{
	static const struct elf_segment expect[] = {
		{TEXT, 0x1234, 0x1234, 0, PF_R | PF_X},
		{DATA, 0x3000, 0x200, 0x2100, PF_R | PF_W},
		{0x08050000, 0x10, 0, 0xffffffff, PF_R | PF_W},
	};
	struct elf_image im;
	struct elf_segment seg;
	uint32_t cursor = 0;

	(void)state;
	assert_int_equal(check_cut(&good, FILE_SIZE, sizeof good, LIMIT, &im), OK);
	assert_int_equal(im.entry, TEXT + 0x234);
	assert_int_equal(im.phoff, 52);
	assert_int_equal(im.phnum, PHNUM);
	assert_int_equal(im.load_count, 3);
	assert_int_equal(im.start, TEXT);
	assert_int_equal(im.end, 0x08050010);
	assert_int_equal(im.phdr_va, TEXT + 52);
	assert_false(im.exec_stack);
	for (unsigned i = 0; i < 3; i++) {
		assert_true(elf_next_segment(&im, good.ph, &cursor, &seg));
		assert_memory_equal(&seg, &expect[i], sizeof seg);
	}
	assert_false(elf_next_segment(&im, good.ph, &cursor, &seg));
	assert_false(elf_next_segment(&im, good.ph, &cursor, &seg));
}

static void a_file_cut_at_any_byte_is_refused_until_all_is_there(void **state)
{
	struct elf_image im;

	(void)state;
	/* The file ends at SIZE. */
	for (uint32_t size = 0; size <= FILE_SIZE; size++)
		assert_int_equal(check_cut(&good, size, size, LIMIT, &im), size >= 0x2300 ? OK : E_NOEXEC);
	/* The file is whole, but only HAVE bytes of it were read. */
	for (size_t have = 0; have <= sizeof good; have++)
		assert_int_equal(check_cut(&good, FILE_SIZE, have, LIMIT, &im), have == sizeof good ? OK : E_NOEXEC);
}

/* One field of the good image set to another value.  Offsets are into struct image. */
struct mutation {
	const char *what;
	size_t at;
	unsigned size;
	uint32_t value;
	enum status st;
};

#define EH(field) offsetof(struct image, eh.field), sizeof good.eh.field
#define PH(i, field) offsetof(struct image, ph) + (i) * sizeof good.ph[0] + offsetof(struct elf32_phdr, field), 4

static const struct mutation mutations[] = {
	{"magic 0", offsetof(struct image, eh), 1, 0x7e, E_NOEXEC},
	{"magic 1", offsetof(struct image, eh) + 1, 1, 'e', E_NOEXEC},
	{"magic 2", offsetof(struct image, eh) + 2, 1, 'l', E_NOEXEC},
	{"magic 3", offsetof(struct image, eh) + 3, 1, 'f', E_NOEXEC},
	{"class 64", offsetof(struct image, eh) + EI_CLASS, 1, 2, E_NOEXEC},
	{"big endian", offsetof(struct image, eh) + EI_DATA, 1, 2, E_NOEXEC},
	{"ident version", offsetof(struct image, eh) + EI_VERSION, 1, 2, E_NOEXEC},
	{"abi of Linux", offsetof(struct image, eh) + 7, 1, 3, OK},
	{"relocatable", EH(e_type), 1, E_NOEXEC},
	{"position independent", EH(e_type), ET_DYN, E_NOEXEC},
	{"core", EH(e_type), 4, E_NOEXEC},
	{"x86-64", EH(e_machine), 62, E_NOEXEC},
	{"version", EH(e_version), 0, E_NOEXEC},
	{"entry before text", EH(e_entry), TEXT - 1, E_NOEXEC},
	{"entry at the first byte", EH(e_entry), TEXT, OK},
	{"entry at the last byte", EH(e_entry), TEXT + 0x1233, OK},
	{"entry past text", EH(e_entry), TEXT + 0x1234, E_NOEXEC},
	{"entry in data", EH(e_entry), DATA, E_NOEXEC},
	{"entry 0", EH(e_entry), 0, E_NOEXEC},
	{"headers past the file", EH(e_phoff), FILE_SIZE - PHNUM * 32 + 1, E_NOEXEC},
	{"headers wrap", EH(e_phoff), 0xffffffff, E_NOEXEC},
	{"headers wrap to 0", EH(e_phoff), 0u - PHNUM * 32, E_NOEXEC},
	{"section headers anywhere", EH(e_shoff), 0xffffffff, OK},
	{"section count any", EH(e_shnum), 0xffff, OK},
	{"flags any", EH(e_flags), 0xffffffff, OK},
	{"header size", EH(e_ehsize), 64, E_NOEXEC},
	{"entry size", EH(e_phentsize), 56, E_NOEXEC},
	{"no headers", EH(e_phnum), 0, E_NOEXEC},
	{"too many headers", EH(e_phnum), 65, E_NOEXEC},
	{"most headers that there can be", EH(e_phnum), 0xffff, E_NOEXEC},
	{"interpreter", PH(3, p_type), PT_INTERP, E_NOEXEC},
	{"note", PH(3, p_type), PT_NOTE, OK},
	{"dynamic section", PH(3, p_type), PT_DYNAMIC, OK},
	{"unknown type", PH(3, p_type), 0x70000001, OK},
	{"no text", PH(0, p_type), PT_NULL, E_NOEXEC},
	{"no data", PH(1, p_type), PT_NULL, OK},
	{"text not executable", PH(0, p_flags), PF_R, E_NOEXEC},
	{"flags of the system", PH(0, p_flags), 0xfff00000 | PF_R | PF_X, OK},
	{"no flags", PH(1, p_flags), 0, OK},
	{"more file than memory", PH(0, p_filesz), 0x1235, E_NOEXEC},
	{"less file than memory", PH(0, p_filesz), 0x1233, OK},
	{"data to the last byte of the file", PH(1, p_filesz), 0x300, OK},
	{"data past the file", PH(1, p_filesz), 0x301, E_NOEXEC},
	{"offset not congruent", PH(1, p_offset), 0x2101, COPY},
	{"offset at another page", PH(1, p_offset), 0x1100, OK},
	{"offset past the file", PH(1, p_offset), 0x3100, E_NOEXEC},
	{"offset wraps", PH(1, p_offset), 0xfffff100, E_NOEXEC},
	{"address not congruent", PH(1, p_vaddr), DATA + 1, COPY},
	{"memory to the next segment", PH(1, p_memsz), 0x08050000 - DATA, OK},
	{"memory into the next segment", PH(1, p_memsz), 0x08050001 - DATA, COPY},
	{"memory to the limit", PH(2, p_memsz), LIMIT - 0x08050000, OK},
	{"memory past the limit", PH(2, p_memsz), LIMIT - 0x08050000 + 1, E_NOEXEC},
	{"memory wraps", PH(2, p_memsz), 0xffffffff, E_NOEXEC},
	{"memory wraps to 0", PH(2, p_memsz), 0u - 0x08050000, E_NOEXEC},
	{"nothing at all", PH(2, p_memsz), 0, OK},
	{"file without memory", PH(2, p_filesz), 1, E_NOEXEC},
	{"in the kernel", PH(2, p_vaddr), LIMIT, E_NOEXEC},
	{"last bytes below the kernel", PH(2, p_vaddr), LIMIT - 0x10, OK},
	{"across the border", PH(2, p_vaddr), LIMIT - 0xf, E_NOEXEC},
	{"at the top", PH(2, p_vaddr), 0xfffffff0, E_NOEXEC},
	{"descending", PH(2, p_vaddr), TEXT - 0x1000, COPY},
	{"zeros in the text's last page", PH(1, p_vaddr), TEXT + 0x1100, COPY},
	{"zeros in the page of the bss", PH(2, p_vaddr), DATA + 0x3000, COPY},
	{"text at page 0", PH(0, p_vaddr), 0, E_NOEXEC}, /* the entry is elsewhere then */
	{"alignment any", PH(0, p_align), 3, OK},
	{"physical address any", PH(0, p_paddr), 0xffffffff, OK},
};

static void each_field_is_checked_or_does_not_matter(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof mutations / sizeof *mutations; i++) {
		struct image im = good;

		memcpy((uint8_t *)&im + mutations[i].at, &mutations[i].value, mutations[i].size);
		if (check(&im) != mutations[i].st)
			fail_msg("%s: %d, not %d", mutations[i].what, check(&im), mutations[i].st);
	}
}

static void a_file_may_have_64_program_headers_and_no_more(void **state)
{
	struct elf32_ehdr h = good.eh;
	struct elf_image out;

	(void)state;
	for (uint32_t n = 60; n < 70; n++) {
		h.e_phnum = (uint16_t)n;
		assert_int_equal(elf_check_header(&h, sizeof h, 1 << 20, &out), n <= 64 ? OK : E_NOEXEC);
	}
}

/* Text in two segments that meet within a page. */
static void a_page_is_shared_only_where_one_mapping_serves_both(void **state)
{
	static const struct {
		const char *what;
		struct elf32_phdr first, second;
		enum status st;
	} cases[] = {
		{"same file page, same rights",
	         {PT_LOAD, 0, TEXT, 0, 0x800, 0x800, PF_R | PF_X, 0},
	         {PT_LOAD, 0x900, TEXT + 0x900, 0, 0x1000, 0x1000, PF_R | PF_X, 0},
	         OK},
		{"they touch",
	         {PT_LOAD, 0, TEXT, 0, 0x800, 0x800, PF_R | PF_X, 0},
	         {PT_LOAD, 0x800, TEXT + 0x800, 0, 0x1000, 0x1000, PF_R | PF_X, 0},
	         OK},
		{"they overlap",
	         {PT_LOAD, 0, TEXT, 0, 0x800, 0x800, PF_R | PF_X, 0},
	         {PT_LOAD, 0x7ff, TEXT + 0x7ff, 0, 0x1000, 0x1000, PF_R | PF_X, 0},
	         COPY},
		{"other rights",
	         {PT_LOAD, 0, TEXT, 0, 0x800, 0x800, PF_R | PF_X, 0},
	         {PT_LOAD, 0x900, TEXT + 0x900, 0, 0x1000, 0x1000, PF_R | PF_W, 0},
	         COPY},
		{"other page of the file",
	         {PT_LOAD, 0, TEXT, 0, 0x800, 0x800, PF_R | PF_X, 0},
	         {PT_LOAD, 0x1900, TEXT + 0x900, 0, 0x800, 0x1000, PF_R | PF_X, 0},
	         COPY},
		{"zeros between",
	         {PT_LOAD, 0, TEXT, 0, 0x800, 0x880, PF_R | PF_X, 0},
	         {PT_LOAD, 0x900, TEXT + 0x900, 0, 0x1000, 0x1000, PF_R | PF_X, 0},
	         COPY},
		{"the second all zeros",
	         {PT_LOAD, 0, TEXT, 0, 0x800, 0x800, PF_R | PF_X, 0},
	         {PT_LOAD, 0x900, TEXT + 0x900, 0, 0, 0x1000, PF_R | PF_X, 0},
	         COPY},
		{"on the next page, other rights",
	         {PT_LOAD, 0, TEXT, 0, 0x1000, 0x1000, PF_R | PF_X, 0},
	         {PT_LOAD, 0x1000, TEXT + 0x1000, 0, 0x800, 0x1000, PF_R | PF_W, 0},
	         OK},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct image im = good;

		im.ph[0] = cases[i].first;
		im.ph[1] = cases[i].second;
		im.ph[2].p_type = PT_NULL;
		if (check(&im) != cases[i].st)
			fail_msg("%s", cases[i].what);
	}
}

static void what_the_image_offers_is_found_where_it_is(void **state)
{
	struct image im = good;
	struct elf_image out;

	(void)state;
	im.ph[4].p_flags |= PF_X;
	im.ph[0].p_filesz = im.ph[0].p_memsz = 52 + PHNUM * 32 - 1; /* the headers do not quite fit in */
	im.eh.e_entry = TEXT;
	assert_int_equal(check_cut(&im, FILE_SIZE, sizeof im, LIMIT, &out), OK);
	assert_true(out.exec_stack);
	assert_int_equal(out.phdr_va, 0);
	im = good;
	im.ph[0].p_vaddr = 0;
	im.eh.e_entry = 0;
	assert_int_equal(check_cut(&im, FILE_SIZE, sizeof im, LIMIT, &out), OK);
	assert_int_equal(out.start, 0);
	assert_int_equal(out.phdr_va, 52);
	im = good;
	im.ph[2].p_vaddr = TEXT - 0x1800; /* the last header, the lowest segment */
	assert_int_equal(check_cut(&im, FILE_SIZE, sizeof im, LIMIT, &out), OK);
	assert_int_equal(out.start, TEXT - 0x2000);
	assert_int_equal(out.end, DATA + 0x3000);
	assert_true(out.must_copy);
}

static void a_refused_image_changes_nothing(void **state)
{
	struct image im = good;
	struct elf_image out, before;

	(void)state;
	memset(&out, 0x5a, sizeof out);
	before = out;
	assert_int_equal(elf_check_header(&im, 51, FILE_SIZE, &out), E_NOEXEC);
	assert_memory_equal(&out, &before, sizeof out);
	assert_int_equal(elf_check_header(&im, sizeof im, FILE_SIZE, &out), OK);
	before = out;
	im.ph[2].p_vaddr = LIMIT;
	assert_int_equal(elf_check_segments(&out, im.ph, sizeof im.ph, LIMIT), E_NOEXEC);
	assert_memory_equal(&out, &before, sizeof out);
}

/* What every accepted image promises, whatever its bytes. */
static void promises_check(const struct image *im, const struct elf_image *out)
{
	struct elf_segment seg;
	uint32_t cursor = 0, count = 0;
	uint64_t past = 0;
	bool entry = false;

	while (elf_next_segment(out, (const uint8_t *)im + out->phoff, &cursor, &seg)) {
		assert_true(seg.memsz > 0 && seg.filesz <= seg.memsz);
		assert_true((uint64_t)seg.vaddr + seg.memsz <= LIMIT);
		assert_true(out->must_copy || seg.vaddr >= past);
		assert_true(seg.vaddr >= out->start && seg.vaddr + seg.memsz <= out->end);
		past = (uint64_t)seg.vaddr + seg.memsz;
		if (seg.filesz > 0) {
			assert_true((uint64_t)seg.offset + seg.filesz <= FILE_SIZE);
			assert_true(out->must_copy || seg.offset % PAGE_SIZE == seg.vaddr % PAGE_SIZE);
		}
		entry |= (seg.flags & PF_X) && out->entry >= seg.vaddr && out->entry < past;
		count++;
	}
	assert_true(entry);
	assert_int_equal(count, out->load_count);
	assert_true(out->must_copy || past == out->end);
}

static void damaged_images_are_refused_or_keep_every_promise(void **state)
{
	struct random r = {19};
	unsigned accepted = 0;

	(void)state;
	for (unsigned round = 0; round < 300000; round++) {
		struct image im = good;
		struct elf_image out;
		unsigned hits = 1 + random_below(&r, 3);

		for (unsigned i = 0; i < hits; i++) {
			uint32_t v =
				random_below(&r, 2) ? (uint32_t)random_of_any_size(&r) : random_below(&r, 4) * 0x1000;
			uint32_t at = random_below(&r, sizeof im / 4) * 4;

			memcpy((uint8_t *)&im + at, &v, 4);
		}
		if (check_cut(&im, FILE_SIZE, sizeof im, LIMIT, &out) == OK &&
		    out.phoff + out.phnum * 32 <= sizeof im) {
			promises_check(&im, &out);
			accepted++;
		}
	}
	assert_in_range(accepted, 1000, 299000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_image_says_what_to_map),
		cmocka_unit_test(a_file_cut_at_any_byte_is_refused_until_all_is_there),
		cmocka_unit_test(each_field_is_checked_or_does_not_matter),
		cmocka_unit_test(a_file_may_have_64_program_headers_and_no_more),
		cmocka_unit_test(a_page_is_shared_only_where_one_mapping_serves_both),
		cmocka_unit_test(what_the_image_offers_is_found_where_it_is),
		cmocka_unit_test(a_refused_image_changes_nothing),
		cmocka_unit_test(damaged_images_are_refused_or_keep_every_promise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
