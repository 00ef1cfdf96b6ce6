/* One word of a page table or page directory.  Two levels of 1024 entries (Intel SDM 3A, 4.3: 32-bit paging).
   Everything about the bits is inline in <machine/pte.h>, which is plain C: unit tests build real tables with it.

   pte_t                                      a struct of one word; compare through these functions only
   unsigned pt_dir_index(vaddr_t va);         0 .. 1023; user addresses have 0 .. 511
   unsigned pt_table_index(vaddr_t va);       0 .. 1023
   pte_t pte_none(void);
   pte_t pte_user(paddr_t pa, bool writable); a page of a program
   pte_t pte_table(paddr_t pa, bool writable);a directory entry: user page table at PA; WRITABLE covers all its 4 MiB
   bool pte_present(pte_t e);
   bool pte_is_none(pte_t e);
   bool pte_hidden(pte_t e);                  shows no page to anybody, but keeps its frame
   pte_t pte_hide(pte_t e);                   E is present; hidden, it is write-protected too
   pte_t pte_show(pte_t e);                   the inverse, read-only; E is hidden
   bool pte_writable(pte_t e);
   bool pte_dirty(pte_t e);                   the processor wrote through it
   bool pte_accessed(pte_t e);
   paddr_t pte_frame(pte_t e);                E is present or hidden
   pte_t pte_write_protect(pte_t e);
   pte_t pte_make_writable(pte_t e);
   pte_t pte_read(const pte_t *slot);         one load
   void pte_write(pte_t *slot, pte_t e);      one store
   pte_t pte_exchange(pte_t *slot, pte_t e);  atomic against the processor's own A and D updates */
#ifndef ARCH_PTE_H
#define ARCH_PTE_H

#include <arch/types.h>

#define PT_ENTRIES 1024u
#define PT_USER_DIR_ENTRIES 512u
#define PT_SPAN 0x400000u /* bytes that one table maps */

#include <machine/pte.h>

#endif
