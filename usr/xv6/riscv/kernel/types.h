/* Names of integer types.  Here uint64 has the width of an address of this machine, 32 bits: what programs keep in it
   are addresses and sizes, and both are unsigned long in xv6 and here. */
#ifndef XV6_KERNEL_TYPES_H
#define XV6_KERNEL_TYPES_H

typedef unsigned int uint;
typedef unsigned short ushort;
typedef unsigned char uchar;

typedef unsigned char uint8;
typedef unsigned short uint16;
typedef unsigned int uint32;
typedef unsigned long uint64;

typedef uint64 pde_t;

typedef unsigned long size_t;
typedef long off_t;

#ifndef NULL
#define NULL ((void *)0)
#endif

#endif
