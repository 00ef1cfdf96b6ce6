/* What a program of x86 xv6 may call.  memcmp is not declared: a program that wants one brings it, or declares it. */
#ifndef XV6_USER_H
#define XV6_USER_H

struct stat;
struct pstat;
struct sysinfo;
struct uspinlock;

/* The 21 calls of xv6. */
int fork(void);
int exit(void) __attribute__((noreturn));
int wait(void);
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
char *sbrk(int);
int sleep(int);
int uptime(void);

/* Memory. */
void *mmap(void *addr, unsigned int len, int prot, int flags, int fd, int offset);
int munmap(void *addr, unsigned int len);
int msync(void *addr, unsigned int len, ...);
int mprotect(void *addr, int pages);
int munprotect(void *addr, int pages);
void *kmalloc(unsigned int);
void kmfree(void *);
int freemem(void);             /* bytes */
char *sys_sbrk(int, int kind); /* kind 1: all pages at once, 2: when touched */
char *sbrklazy(int);

/* Shared memory. */
void *openshmem(int id);
int closeshmem(int id);
int shm_open(int id, char **address);
int shm_close(int id);
int shmget(unsigned int key, unsigned int size, int flags);
void *shmat(int id, void *addr, int flags);
int shmdt(void *addr);
int shmctl(int id, int command, void *buf);
void uacquire(struct uspinlock *);
void urelease(struct uspinlock *);

/* Looking on. */
int getprocs(void);
int sysinfo(struct sysinfo *);
int trace(int mask);
int getreadcount(void);
int symlink(const char *target, const char *path);
int pause(int);

/* Set aside: they answer -1. */
int clone();
int join();
int settickets(int);
int getpinfo(struct pstat *);
int sigalarm();
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
void printf(int, const char *, ...);
char *gets(char *, int max);
unsigned int strlen(const char *);
void *memset(void *, int, unsigned int);
void *malloc(unsigned int);
void free(void *);
int atoi(const char *);

#endif
