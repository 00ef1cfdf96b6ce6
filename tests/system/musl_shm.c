// Shared memory of System V as somebody else's C library calls it, and reads its structs.
// libc: musl
// suite: shm
// kernels: debug release
// expect: ^shared with musl$
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

#define CLAIM(claim) \
	do { \
		if (!(claim)) { \
			printf("line %d: not true: %s (errno %d)\n", __LINE__, #claim, errno); \
			return 1; \
		} \
	} while (0)

int main(void)
{
	int id = shmget(0x4d55, 10000, IPC_CREAT | IPC_EXCL | 0620), status;
	struct shmid_ds ds;
	char *p, *q;

	CLAIM(id >= 0);
	p = shmat(id, NULL, 0);
	q = shmat(id, NULL, SHM_RDONLY);
	CLAIM(p != (void *)-1 && q != (void *)-1 && p != q);
	if (fork() == 0) {
		strcpy(p + 5000, "shared with musl");
		_exit(0);
	}
	CLAIM(wait(&status) > 0 && status == 0);
	memset(&ds, 0x5a, sizeof ds);
	CLAIM(shmctl(id, IPC_STAT, &ds) == 0);
	CLAIM(ds.shm_segsz == 10000 && ds.shm_nattch == 2 && ds.shm_perm.mode == 0620 && ds.shm_cpid == getpid());
	CLAIM(ds.shm_atime >= ds.shm_ctime && ds.shm_dtime >= ds.shm_atime && ds.shm_ctime > 1000000000);
	ds.shm_perm.mode = 0600;
	CLAIM(shmctl(id, IPC_SET, &ds) == 0 && shmctl(id, IPC_STAT, &ds) == 0 && ds.shm_perm.mode == 0600);
	CLAIM(shmget(0x4d55, 10001, 0) == -1 && errno == EINVAL);
	CLAIM(shmdt(p) == 0 && shmctl(id, IPC_RMID, NULL) == 0);
	puts(q + 5000);
	CLAIM(shmdt(q) == 0 && shmdt(q) == -1 && errno == EINVAL);
	CLAIM(shmctl(id, IPC_STAT, &ds) == -1 && errno == EINVAL);
	return 0;
}
