/* Checking an executable before anything is done for it.
   Every number in the file is the enemy's: a sum is never formed before the subtraction that shows it cannot wrap, each
   header is copied out (the buffer has any alignment), and the checks go over all segments before the caller maps the
   first, so that a failed exec has changed nothing.  Section headers are not looked at: the kernel has no use for them.
   Position-independent programs are refused, not placed: that needs a policy for addresses, which is exec's. */
#include <lib/elf.h>

#include <lib/string.h>

static bool ident_ok(const uint8_t ident[EI_NIDENT])
{
	static const uint8_t magic[4] = {0x7f, 'E', 'L', 'F'};

	return memcmp(ident, magic, sizeof magic) == 0 && ident[EI_CLASS] == ELFCLASS32 &&
	       ident[EI_DATA] == ELFDATA2LSB && ident[EI_VERSION] == EV_CURRENT;
}

static bool header_ok(const struct elf32_ehdr *h)
{
	return ident_ok(h->e_ident) && h->e_type == ET_EXEC && h->e_machine == EM_386 && h->e_version == EV_CURRENT &&
	       h->e_ehsize == sizeof(struct elf32_ehdr) && h->e_phentsize == sizeof(struct elf32_phdr) &&
	       h->e_phnum >= 1 && h->e_phnum <= ELF_MAX_PHDRS;
}

/* OFFSET + LEN <= SIZE, whatever they are. */
static inline bool lies_within(uint32_t offset, uint32_t len, uint32_t size)
{
	return offset <= size && len <= size - offset;
}

enum status elf_check_header(const void *file_start, size_t have, uint32_t file_size, struct elf_image *out)
{
	struct elf32_ehdr h;

	if (have < sizeof h || file_size < sizeof h)
		return E_NOEXEC;
	memcpy(&h, file_start, sizeof h);
	if (!header_ok(&h) || !lies_within(h.e_phoff, h.e_phnum * (uint32_t)sizeof(struct elf32_phdr), file_size))
		return E_NOEXEC;
	*out = (struct elf_image){.file_size = file_size, .entry = h.e_entry, .phoff = h.e_phoff, .phnum = h.e_phnum};
	return OK;
}

/* The header alone: true if its segment may be copied to where it belongs, below LIMIT, from a file of FILE_SIZE
   bytes. */
static bool segment_fits(const struct elf_segment *s, uint32_t file_size, vaddr_t limit)
{
	if (s->filesz > s->memsz || !lies_within(s->vaddr, s->memsz, limit))
		return false;
	return s->filesz == 0 || lies_within(s->offset, s->filesz, file_size);
}

/* One that fits may be mapped. */
static bool segment_can_map(const struct elf_segment *s)
{
	return s->filesz == 0 || ((s->vaddr ^ s->offset) & PAGE_MASK) == 0;
}

/* NEXT may follow PREV: on later pages, or on PREV's last page if one mapping of one part of the file serves both. */
static bool segments_agree(const struct elf_segment *prev, const struct elf_segment *next)
{
	vaddr_t prev_last = prev->vaddr + prev->memsz - 1;

	if (next->vaddr <= prev_last)
		return false;
	if (page_floor(next->vaddr) != page_floor(prev_last))
		return true;
	return next->flags == prev->flags && prev->filesz == prev->memsz && next->filesz > 0 &&
	       next->vaddr - next->offset == prev->vaddr - prev->offset;
}

static void phdr_read(const void *phdrs, uint32_t i, struct elf32_phdr *out)
{
	memcpy(out, (const uint8_t *)phdrs + i * sizeof *out, sizeof *out);
}

bool elf_next_segment(const struct elf_image *im, const void *phdrs, uint32_t *cursor, struct elf_segment *out)
{
	struct elf32_phdr ph;

	while (*cursor < im->phnum) {
		phdr_read(phdrs, (*cursor)++, &ph);
		if (ph.p_type != PT_LOAD || (ph.p_memsz == 0 && ph.p_filesz == 0))
			continue;
		*out = (struct elf_segment){ph.p_vaddr, ph.p_memsz, ph.p_filesz, ph.p_offset,
		                            ph.p_flags & (PF_R | PF_W | PF_X)};
		return true;
	}
	return false;
}

/* What a segment that passed its checks adds to the image. */
static void image_add(struct elf_image *im, const struct elf_segment *s)
{
	uint32_t table = im->phnum * (uint32_t)sizeof(struct elf32_phdr);

	if (im->load_count++ == 0 || page_floor(s->vaddr) < im->start)
		im->start = page_floor(s->vaddr);
	if (s->vaddr + s->memsz > im->end)
		im->end = s->vaddr + s->memsz;
	if (im->phoff >= s->offset && lies_within(im->phoff - s->offset, table, s->filesz))
		im->phdr_va = s->vaddr + (im->phoff - s->offset);
}

static enum status loads_check(struct elf_image *im, const void *phdrs, vaddr_t limit)
{
	struct elf_segment prev = {0}, seg;
	uint32_t cursor = 0;
	bool entry_ok = false;

	while (elf_next_segment(im, phdrs, &cursor, &seg)) {
		if (!segment_fits(&seg, im->file_size, limit))
			return E_NOEXEC;
		if (!segment_can_map(&seg) || (im->load_count > 0 && !segments_agree(&prev, &seg)))
			im->must_copy = true;
		if ((seg.flags & PF_X) && im->entry >= seg.vaddr && im->entry - seg.vaddr < seg.memsz)
			entry_ok = true;
		image_add(im, &seg);
		prev = seg;
	}
	return entry_ok ? OK : E_NOEXEC;
}

/* The kinds other than PT_LOAD that matter. */
static enum status others_check(struct elf_image *im, const void *phdrs)
{
	struct elf32_phdr ph;

	for (uint32_t i = 0; i < im->phnum; i++) {
		phdr_read(phdrs, i, &ph);
		if (ph.p_type == PT_INTERP)
			return E_NOEXEC;
		if (ph.p_type == PT_GNU_STACK)
			im->exec_stack = ph.p_flags & PF_X;
	}
	return OK;
}

enum status elf_check_segments(struct elf_image *im, const void *phdrs, size_t have, vaddr_t limit)
{
	struct elf_image found = {
		.file_size = im->file_size, .entry = im->entry, .phoff = im->phoff, .phnum = im->phnum};
	enum status st;

	if (have < found.phnum * sizeof(struct elf32_phdr))
		return E_NOEXEC;
	st = others_check(&found, phdrs);
	if (st == OK)
		st = loads_check(&found, phdrs, limit);
	if (st == OK)
		*im = found;
	return st;
}
