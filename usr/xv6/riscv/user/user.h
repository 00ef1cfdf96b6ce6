/* What a program of RISC-V xv6 may call. */
#ifndef XV6_USER_USER_H
#define XV6_USER_USER_H

#include "kernel/types.h"

#define SBRK_ERROR ((char *)-1)

struct stat;
struct pstat;
struct sysinfo;

/* The calls of xv6. */
int fork(void);
int exit(int) __attribute__((noreturn));
int wait(int *);
int pipe(int *);
int write(int, const void *, int);
int read(int, void *, int);
int close(int);
int kill(int);
int exec(const char *, char **);
int open(const char *, int);
int mknod(const char *, short, short);
int unlink(const char *);
int fstat(int fd, struct stat *);
int link(const char *, const char *);
int mkdir(const char *);
int chdir(const char *);
int dup(int);
int getpid(void);
char *sys_sbrk(int, int kind); /* kernel/vm.h */
int pause(int);
int sleep(int);
int uptime(void);

/* Memory. */
void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset);
int munmap(void *addr, size_t len);
int msync(void *addr, size_t len, ...);
int mprotect(void *addr, int pages);
int munprotect(void *addr, int pages);
void *kmalloc(uint);
void kmfree(void *);
int freemem(void); /* bytes */

/* Shared memory. */
void *openshmem(int id);
int closeshmem(int id);
int shm_open(int id, char **address);
int shm_close(int id);
int shmget(uint key, uint size, int flags);
void *shmat(int id, void *addr, int flags);
int shmdt(void *addr);
int shmctl(int id, int command, void *buf);

/* Looking on. */
int getprocs(void);
int sysinfo(struct sysinfo *);
int trace(int mask);
int getreadcount(void);
int symlink(const char *target, const char *path);

/* Set aside: they answer -1. */
int clone();
int join();
int settickets(int);
int getpinfo(struct pstat *);
int sigalarm(int ticks, void (*handler)());
int sigreturn(void);
int sem_init();
int sem_destroy();
int sem_wait();
int sem_post();
int wait2();
int setpriority();

/* The library. */
int stat(const char *, struct stat *);
char *strcpy(char *, const char *);
void *memmove(void *, const void *, int);
char *strchr(const char *, char c);
int strcmp(const char *, const char *);
void fprintf(int, const char *, ...);
void printf(const char *, ...);
char *gets(char *, int max);
uint strlen(const char *);
void *memset(void *, int, uint);
int atoi(const char *);
int memcmp(const void *, const void *, uint);
void *memcpy(void *, const void *, uint);
void *malloc(uint);
void free(void *);
char *sbrk(int);     /* every page is there at once, or -1 */
char *sbrklazy(int); /* pages come when they are touched */

#endif
