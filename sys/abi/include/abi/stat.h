/* File modes and `struct stat64` of Linux/i386 (asm/stat.h). */
#ifndef ABI_STAT_H
#define ABI_STAT_H

#include <stdint.h>

#define S_IFMT 0170000
#define S_IFIFO 0010000
#define S_IFCHR 0020000
#define S_IFDIR 0040000
#define S_IFBLK 0060000
#define S_IFREG 0100000
#define S_IFLNK 0120000
#define S_ISUID 04000
#define S_ISGID 02000
#define S_ISVTX 01000

/* 96 bytes, packed as i386 aligns: 64-bit members on 4 bytes. */
struct abi_stat64 {
	uint64_t dev;
	uint32_t pad0;
	uint32_t ino32; /* the inode number, cut to 32 bits */
	uint32_t mode;
	uint32_t nlink;
	uint32_t uid;
	uint32_t gid;
	uint64_t rdev;
	uint32_t pad1;
	int64_t size; /* bytes */
	uint32_t blksize;
	uint64_t blocks; /* units of 512 bytes */
	uint32_t atime;
	uint32_t atime_nsec;
	uint32_t mtime;
	uint32_t mtime_nsec;
	uint32_t ctime;
	uint32_t ctime_nsec;
	uint64_t ino;
} __attribute__((packed, aligned(4)));
_Static_assert(sizeof(struct abi_stat64) == 96, "struct stat64 of Linux/i386");

/* Device numbers as mknod and st_rdev carry them: minor in bits 0-7, major in bits 8-19. */
#define ABI_MKDEV(major, minor) (((uint32_t)(major) << 8) | (uint32_t)(minor))
#define ABI_MAJOR(dev) (((dev) >> 8) & 0xfffu)
#define ABI_MINOR(dev) ((dev)&0xffu)

#endif
