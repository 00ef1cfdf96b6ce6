/* Any bytes as an executable: the parser reads nothing outside them, and what it accepts keeps its promises.
   clang -fsanitize=fuzzer,address,undefined; the whole input is the file, with as much of it at hand as it is long. */
#include <lib/elf.h>

#include <stdlib.h>

#define REQUIRE(cond) \
	do { \
		if (!(cond)) \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void segments_require(const struct elf_image *im, const uint8_t *phdrs)
{
	struct elf_segment seg;
	uint32_t cursor = 0, count = 0;
	uint64_t past = 0;
	bool entry = false;

	for (; elf_next_segment(im, phdrs, &cursor, &seg); count++) {
		REQUIRE(seg.memsz > 0 && seg.filesz <= seg.memsz && (im->must_copy || seg.vaddr >= past));
		past = (uint64_t)seg.vaddr + seg.memsz;
		REQUIRE(past <= USER_TOP);
		REQUIRE(seg.filesz == 0 || (uint64_t)seg.offset + seg.filesz <= im->file_size);
		REQUIRE(im->must_copy || seg.filesz == 0 || seg.offset % PAGE_SIZE == seg.vaddr % PAGE_SIZE);
		REQUIRE(seg.vaddr >= im->start && past <= im->end);
		if ((seg.flags & PF_X) && im->entry >= seg.vaddr && im->entry < past)
			entry = true;
	}
	REQUIRE(entry && count == im->load_count && (im->must_copy || past == im->end));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct elf_image im;

	if (size > UINT32_MAX || elf_check_header(data, size, (uint32_t)size, &im) != OK)
		return 0;
	REQUIRE(im.phoff <= size && im.phnum <= ELF_MAX_PHDRS);
	if (elf_check_segments(&im, data + im.phoff, size - im.phoff, USER_TOP) == OK)
		segments_require(&im, data + im.phoff);
	return 0;
}
