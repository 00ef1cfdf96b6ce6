/* What fstat() and stat() tell. */
#ifndef XV6_STAT_H
#define XV6_STAT_H

#define T_DIR 1
#define T_FILE 2
#define T_DEV 3
#define T_SYMLINK 4

struct stat {
	short type; /* T_... */
	int dev;
	unsigned int ino;
	short nlink;
	unsigned int size; /* bytes */
};

#endif
