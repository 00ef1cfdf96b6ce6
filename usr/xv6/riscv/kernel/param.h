/* xv6's limits, for programs that print them or size their arrays by them.  Real here are MAXARG, MAXPATH and
   USERSTACK; of the rest Dormouse has more. */
#ifndef XV6_KERNEL_PARAM_H
#define XV6_KERNEL_PARAM_H

#define NPROC 64
#define NCPU 8
#define NOFILE 16 /* open files of a process */
#define NFILE 100
#define NINODE 50
#define NDEV 10
#define ROOTDEV 1
#define MAXARG 32
#define MAXOPBLOCKS 10
#define LOGBLOCKS (MAXOPBLOCKS * 3)
#define LOGSIZE LOGBLOCKS
#define NBUF (MAXOPBLOCKS * 3)
#define FSSIZE 2000  /* blocks */
#define MAXPATH 4096 /* bytes of a path with its 0 */
#define USERSTACK 16 /* pages */

#endif
