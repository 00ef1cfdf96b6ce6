/* Where things lie in memory.  KERNBASE is where a program's half ends here too; the others are xv6's, for programs
   that print them. */
#ifndef XV6_MEMLAYOUT_H
#define XV6_MEMLAYOUT_H

#define EXTMEM 0x100000
#define PHYSTOP 0xE000000
#define DEVSPACE 0xFE000000

#define KERNBASE 0x80000000
#define KERNLINK (KERNBASE + EXTMEM)

#define V2P(a) (((uint)(a)) - KERNBASE)
#define P2V(a) ((void *)(((char *)(a)) + KERNBASE))
#define V2P_WO(x) ((x)-KERNBASE)
#define P2V_WO(x) ((x) + KERNBASE)

#endif
