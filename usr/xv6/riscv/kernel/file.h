/* Numbers of devices for mknod(), and the shape of the kernel's files. */
#ifndef XV6_KERNEL_FILE_H
#define XV6_KERNEL_FILE_H

#include "kernel/fs.h"
#include "kernel/sleeplock.h"

#define CONSOLE 1

#define major(dev) ((dev) >> 16 & 0xFFFF)
#define minor(dev) ((dev)&0xFFFF)
#define mkdev(m, n) ((uint)((m) << 16 | (n)))

struct pipe;

struct inode {
	uint dev;
	uint inum;
	int ref;
	struct sleeplock lock;
	int valid;
	short type;
	short major;
	short minor;
	short nlink;
	uint size;
	uint addrs[NDIRECT + 1];
};

struct file {
	enum { FD_NONE, FD_PIPE, FD_INODE, FD_DEVICE } type;
	int ref;
	char readable;
	char writable;
	struct pipe *pipe;
	struct inode *ip;
	uint off;
	short major;
};

#endif
