/* What the calls of System V share. */
#ifndef _SYS_IPC_H
#define _SYS_IPC_H

#include <abi/shm.h>
#include <sys/types.h>

typedef int key_t;

struct ipc_perm {
	key_t __key;
	unsigned uid, gid, cuid, cgid;
	unsigned short mode, __pad1;
	unsigned short __seq, __pad2;
	unsigned long __unused[2];
};

/* A key for PROJ (its lowest byte, which should not be 0) and the file of PATH, the same for all who ask; -1 when there
   is no such file.  Two files may share one, if their numbers differ only above 16 bits. */
key_t ftok(const char *path, int proj);

#endif
