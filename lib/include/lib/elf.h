/* ELF executables of 32-bit x86: the format, and a parser that believes nothing.
   Source of names and numbers: System V ABI, edition 4.1, chapters 4 and 5, and its Intel386 supplement.
   The parser is pure: it reads the bytes it is given, never beyond, at any alignment, and remembers only what it puts
   into struct elf_image.  Use:
	st = elf_check_header(first_bytes, have, file_size, &im);
	(the program headers lie at im.phoff, im.phnum of them; they need not be in the first bytes)
	st = elf_check_segments(&im, phdrs, bytes_there, USER_TOP);
	for (cursor = 0; elf_next_segment(&im, phdrs, &cursor, &seg);)
		map seg; */
#ifndef LIB_ELF_H
#define LIB_ELF_H

#include <arch/compiler.h>
#include <arch/types.h>
#include <lib/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EI_CLASS 4
#define EI_DATA 5
#define EI_VERSION 6
#define EI_NIDENT 16
#define ELFCLASS32 1
#define ELFDATA2LSB 1 /* little endian */
#define EV_CURRENT 1
#define ET_EXEC 2 /* fixed addresses */
#define ET_DYN 3  /* position independent */
#define EM_386 3
#define PT_NULL 0
#define PT_LOAD 1
#define PT_DYNAMIC 2
#define PT_INTERP 3
#define PT_NOTE 4
#define PT_PHDR 6
#define PT_TLS 7
#define PT_GNU_STACK 0x6474e551u
#define PF_X 1u
#define PF_W 2u
#define PF_R 4u

#define ELF_MAX_PHDRS 64 /* ours: what one executable may have */

struct elf32_ehdr {
	uint8_t e_ident[EI_NIDENT];
	uint16_t e_type;
	uint16_t e_machine;
	uint32_t e_version;
	uint32_t e_entry; /* address of the first instruction */
	uint32_t e_phoff; /* program headers: offset in the file */
	uint32_t e_shoff;
	uint32_t e_flags;
	uint16_t e_ehsize;
	uint16_t e_phentsize;
	uint16_t e_phnum;
	uint16_t e_shentsize;
	uint16_t e_shnum;
	uint16_t e_shstrndx;
};
_Static_assert(sizeof(struct elf32_ehdr) == 52, "System V ABI, figure 4-3");

struct elf32_phdr {
	uint32_t p_type;
	uint32_t p_offset;
	uint32_t p_vaddr;
	uint32_t p_paddr;
	uint32_t p_filesz;
	uint32_t p_memsz;
	uint32_t p_flags;
	uint32_t p_align;
};
_Static_assert(sizeof(struct elf32_phdr) == 32, "System V ABI, figure 5-1");

/* What an executable asks for.  The first group is set by elf_check_header, the second by elf_check_segments. */
struct elf_image {
	uint32_t file_size;
	vaddr_t entry;
	uint32_t phoff; /* [phoff, phoff + 32 * phnum) lies in the file */
	uint32_t phnum; /* 1..ELF_MAX_PHDRS */

	uint32_t load_count; /* segments that elf_next_segment will give: at least 1 */
	vaddr_t start;       /* page of the first segment's first byte */
	vaddr_t end;         /* past the last segment's last byte, not rounded: where the heap may begin */
	vaddr_t phdr_va;     /* where the program finds its program headers in memory (AT_PHDR); 0: nowhere */
	bool exec_stack;     /* PT_GNU_STACK asks for an executable one */
	bool must_copy;      /* its segments cannot all be mapped from the file */
};

/* One segment to be mapped: FILESZ bytes of the file from OFFSET at VADDR, then zeros up to MEMSZ. */
struct elf_segment {
	vaddr_t vaddr;   /* any byte; unless im->must_copy, congruent to offset modulo PAGE_SIZE when filesz > 0 */
	uint32_t memsz;  /* > 0; vaddr + memsz <= limit */
	uint32_t filesz; /* 0..memsz; 0: all zeros, OFFSET means nothing */
	uint32_t offset; /* offset + filesz <= file size */
	uint32_t flags;  /* PF_R, PF_W, PF_X */
};

/* The first HAVE bytes of a file of FILE_SIZE bytes.
   => OK, *OUT set; E_NOEXEC: not an executable for this machine, or position independent, cut short, or malformed. */
enum status elf_check_header(const void *file_start, size_t have, uint32_t file_size, struct elf_image *out) must_check;

/* PHDRS: the HAVE bytes of the file from IM->phoff on.  LIMIT: no address at or above it.
   => OK: every loadable segment lies in the file and below LIMIT, and the entry is in an executable one; unless
      im->must_copy, they also ascend, and share a page only where one mapping can serve both.  E_NOEXEC: not so, too
      few bytes, or an interpreter is wanted.  *IM is unchanged unless OK. */
enum status elf_check_segments(struct elf_image *im, const void *phdrs, size_t have, vaddr_t limit) must_check;

/* The next segment at or after *CURSOR (0 at first), which moves past it.  IM passed both checks with these PHDRS.
   => false: there is none, *OUT is unchanged. */
bool elf_next_segment(const struct elf_image *im, const void *phdrs, uint32_t *cursor, struct elf_segment *out);

#endif
