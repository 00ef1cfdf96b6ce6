/* xv6's limits, for programs that print them or size their arrays by them.  Real here are MAXARG and NOFILE's order of
   magnitude; Dormouse has more of everything else. */
#ifndef XV6_PARAM_H
#define XV6_PARAM_H

#define NPROC 64
#define KSTACKSIZE 4096 /* bytes */
#define NCPU 8
#define NOFILE 16 /* open files of a process */
#define NFILE 100
#define NINODE 50
#define NDEV 10
#define ROOTDEV 1
#define MAXARG 32
#define MAXOPBLOCKS 10
#define LOGSIZE (MAXOPBLOCKS * 3)
#define NBUF (MAXOPBLOCKS * 3)
#define FSSIZE 1000 /* blocks */

#endif
