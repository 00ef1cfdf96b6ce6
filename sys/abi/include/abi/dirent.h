/* Records of getdents64 (linux/dirent.h). */
#ifndef ABI_DIRENT_H
#define ABI_DIRENT_H

#include <stdint.h>

#define DT_UNKNOWN 0
#define DT_FIFO 1
#define DT_CHR 2
#define DT_DIR 4
#define DT_BLK 6
#define DT_REG 8
#define DT_LNK 10

/* A record takes reclen bytes: 19 + the name with its NUL, rounded up to 8. */
struct abi_dirent64 {
	uint64_t ino;
	int64_t off; /* cookie: where the next read of the directory goes on */
	uint16_t reclen;
	uint8_t type;
	char name[];
} __attribute__((packed));

#endif
