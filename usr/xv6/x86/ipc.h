/* Keys and commands of shared memory. */
#ifndef XV6_IPC_H
#define XV6_IPC_H

#define IPC_PRIVATE 0 /* as a key: always a new one */
#define IPC_CREAT 01000
#define IPC_EXCL 02000
#define IPC_NOWAIT 04000

#define IPC_RMID 0
#define IPC_SET 1
#define IPC_STAT 2
#define IPC_INFO 3

#endif
