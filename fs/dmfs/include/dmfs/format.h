/* What a dmfs image looks like, byte for byte.  Little-endian, blocks of 4 KiB:

     block 0            the superblock (the first 256 bytes; the rest of the block is zero)
     inode bitmap       bit i says that inode i is in use; inode 0 does not exist and its bit is set
     block bitmap       bit b says that block b is in use; the bits of all areas here, and those past the end, are set
     inode table        32 inodes of 128 bytes in each block
     journal            kept for a log of metadata blocks, not written yet
     data               file data, directory blocks and indirect blocks

   The areas follow one another without gaps, so that block count, inode count and journal length determine the whole
   layout; the superblock repeats it, and an image whose two answers differ is refused.  A directory is a file of
   4 KiB blocks, each filled from end to end by records; a record of inode 0 is free space, and so is what a record
   holds beyond its name. */
#ifndef DMFS_FORMAT_H
#define DMFS_FORMAT_H

#include <stdint.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "dmfs reads its little-endian structures in place"
#endif

#define DMFS_BLOCK_SHIFT 12
#define DMFS_BLOCK_SIZE 4096u
#define DMFS_MAGIC 0x53464D44u /* "DMFS" */
#define DMFS_VERSION 1u
#define DMFS_ROOT_INO 1u

#define DMFS_BITS_PER_BLOCK (DMFS_BLOCK_SIZE * 8)
#define DMFS_INODE_SIZE 128u
#define DMFS_INODES_PER_BLOCK (DMFS_BLOCK_SIZE / DMFS_INODE_SIZE)
#define DMFS_JOURNAL_MIN 16u   /* blocks; an image of at most 64 * 16 blocks has this many */
#define DMFS_JOURNAL_MAX 1024u /* blocks */

#define DMFS_DIRECT 12u         /* block numbers in the inode itself */
#define DMFS_PER_INDIRECT 1024u /* block numbers in one indirect block */
#define DMFS_SINGLE 12u         /* index in block[]: one level of indirection */
#define DMFS_DOUBLE 13u         /* index in block[]: two levels */
#define DMFS_NBLOCKPTRS 14u
#define DMFS_MAX_FILE_BLOCKS (DMFS_DIRECT + DMFS_PER_INDIRECT + DMFS_PER_INDIRECT * DMFS_PER_INDIRECT)
#define DMFS_MAX_SIZE ((uint64_t)DMFS_MAX_FILE_BLOCKS << DMFS_BLOCK_SHIFT) /* bytes; a little over 4 GiB */
#define DMFS_LINK_MAX 65000u

enum dmfs_state {
	DMFS_CLEAN = 1, /* unmounted in order; the free counters are right */
	DMFS_DIRTY = 2, /* mounted and changed, or found damaged */
};

struct dmfs_super {
	uint32_t magic;
	uint32_t version;
	uint32_t block_size;  /* bytes, 4096 */
	uint32_t block_count; /* blocks of the whole image */
	uint32_t inode_count; /* inodes of the table, number 0 included; a multiple of 32 */
	uint32_t ibitmap_start, ibitmap_blocks;
	uint32_t bbitmap_start, bbitmap_blocks;
	uint32_t itable_start, itable_blocks;
	uint32_t journal_start, journal_blocks;
	uint32_t data_start;
	uint32_t root_ino; /* 1 */
	uint32_t state;    /* enum dmfs_state */
	uint32_t free_blocks;
	uint32_t free_inodes;
	uint32_t made_time;  /* s since 1970, when mkfs ran */
	uint32_t write_time; /* s since 1970, of the last write of this block */
	uint8_t uuid[16];
	uint8_t reserved[156]; /* zero */
	uint32_t crc;          /* CRC32C of the 252 bytes before it */
};
_Static_assert(sizeof(struct dmfs_super) == 256, "the superblock is 256 bytes");

/* A symbolic link of at most DMFS_LINK_INLINE bytes has blocks == 0 and its text in block[], without a NUL; a longer
   one has it in its first and only block. */
#define DMFS_LINK_INLINE 56u
struct dmfs_dinode {
	uint16_t mode;  /* S_IF* and permission bits; 0: free */
	uint16_t links; /* directory records that name it, "." and ".." included */
	uint32_t uid, gid;
	uint32_t flags;             /* zero */
	uint64_t size;              /* bytes */
	uint32_t atime, atime_nsec; /* s since 1970 */
	uint32_t mtime, mtime_nsec;
	uint32_t ctime, ctime_nsec;
	uint32_t rdev;                   /* of a character or block device, ABI_MKDEV() */
	uint32_t generation;             /* differs between two uses of one number */
	uint32_t blocks;                 /* blocks in use, the indirect ones included */
	uint32_t block[DMFS_NBLOCKPTRS]; /* 12 direct, single, double indirect; 0 is a hole */
	uint8_t reserved[12];
};
_Static_assert(sizeof(struct dmfs_dinode) == DMFS_INODE_SIZE, "an inode is 128 bytes");

struct dmfs_record {
	uint32_t ino;    /* 0: free space */
	uint16_t reclen; /* bytes to the next record; a multiple of 4, never past the block's end */
	uint8_t namelen; /* bytes, 1-255 */
	uint8_t type;    /* mode >> 12, which is also DT_* of getdents64 */
	char name[];     /* no NUL */
};
_Static_assert(sizeof(struct dmfs_record) == 8, "a record's name begins at byte 8");
#define DMFS_NAME_MAX 255u

#endif
