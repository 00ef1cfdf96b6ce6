/* xv6's own disk format, for programs that print or probe it.  Real here are DIRSIZ, struct dirent (what read() of a
   directory yields) and that a file of MAXFILE blocks can be written; the disk itself is a dmfs, and files may be
   larger. */
#ifndef XV6_FS_H
#define XV6_FS_H

#include "types.h"

#define ROOTINO 1
#define BSIZE 512 /* bytes in a block */

#define NDIRECT 12
#define NINDIRECT (BSIZE / sizeof(uint))
#define MAXFILE (NDIRECT + NINDIRECT) /* blocks in a file */

#define DIRSIZ 14 /* bytes in a name; a name of that length has no 0 behind it */

struct superblock {
	uint size;    /* of the disk, blocks */
	uint nblocks; /* of data */
	uint ninodes;
	uint nlog;     /* blocks */
	uint logstart; /* first block of the log, of the inodes, of the bitmap */
	uint inodestart;
	uint bmapstart;
};

struct dinode {
	short type; /* T_... */
	short major;
	short minor;
	short nlink;
	uint size;               /* bytes */
	uint addrs[NDIRECT + 1]; /* the last is the indirect block */
};

#define IPB (BSIZE / sizeof(struct dinode)) /* inodes in a block */
#define IBLOCK(inum, sb) ((inum) / IPB + (sb).inodestart)
#define BPB (BSIZE * 8) /* bits in a block */
#define BBLOCK(block, sb) ((block) / BPB + (sb).bmapstart)

struct dirent {
	ushort inum; /* 0: an empty record */
	char name[DIRSIZ];
};

#endif
