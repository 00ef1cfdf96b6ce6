/* What getpinfo() is to tell, for programs that include it; the call itself answers -1. */
#ifndef XV6_PSTAT_H
#define XV6_PSTAT_H

#include "param.h"

struct pstat {
	int inuse[NPROC];   /* 1: there is a process in this place */
	int tickets[NPROC]; /* of the lottery */
	int pid[NPROC];
	int ticks[NPROC]; /* for which it ran */
};

#endif
