/* Processes, descriptors, directories. */
#ifndef _UNISTD_H
#define _UNISTD_H

#include <abi/fcntl.h>
#include <stddef.h>
#include <sys/types.h>

#define STDIN_FILENO 0
#define STDOUT_FILENO 1
#define STDERR_FILENO 2

#define _SC_ARG_MAX 0
#define _SC_CLK_TCK 2
#define _SC_OPEN_MAX 4
#define _SC_PAGESIZE 30
#define _SC_PAGE_SIZE _SC_PAGESIZE
#define _SC_NPROCESSORS_ONLN 84
#define _SC_PHYS_PAGES 85
#define _SC_AVPHYS_PAGES 86

extern char **environ;
extern char *optarg;
extern int optind, opterr, optopt;

pid_t fork(void);
pid_t vfork(void);
int execve(const char *path, char *const argv[], char *const envp[]);
int execv(const char *path, char *const argv[]);
int execvp(const char *file, char *const argv[]);
int execvpe(const char *file, char *const argv[], char *const envp[]);
int execl(const char *path, const char *arg0, ...) __attribute__((sentinel));
int execlp(const char *file, const char *arg0, ...) __attribute__((sentinel));
int execle(const char *path, const char *arg0, ...);
void _exit(int status) __attribute__((noreturn));
pid_t getpid(void);
pid_t getppid(void);
pid_t getpgrp(void);
pid_t getpgid(pid_t pid);
pid_t getsid(pid_t pid);
pid_t setsid(void);
int setpgid(pid_t pid, pid_t pgid);
pid_t gettid(void);
uid_t getuid(void);
uid_t geteuid(void);
gid_t getgid(void);
gid_t getegid(void);
int pause(void);
unsigned int sleep(unsigned int seconds);
int usleep(useconds_t usec);

ssize_t read(int fd, void *buf, size_t n);
ssize_t write(int fd, const void *buf, size_t n);
int close(int fd);
off_t lseek(int fd, off_t off, int whence);
int dup(int fd);
int dup2(int from, int to);
int pipe(int fds[2]);
int ftruncate(int fd, off_t size);
int truncate(const char *path, off_t size);
int fsync(int fd);
int fdatasync(int fd);
void sync(void);
int isatty(int fd);
pid_t tcgetpgrp(int fd);
int tcsetpgrp(int fd, pid_t pgrp);

int access(const char *path, int mode);
int chdir(const char *path);
char *getcwd(char *buf, size_t size);
int link(const char *from, const char *to);
int symlink(const char *text, const char *path);
int unlink(const char *path);
int rmdir(const char *path);
ssize_t readlink(const char *path, char *buf, size_t n);
ssize_t readlinkat(int dirfd, const char *path, char *buf, size_t n);

int brk(void *end);
void *sbrk(intptr_t delta);
long sysconf(int name);
int getpagesize(void);
int gethostname(char *name, size_t len);
int getopt(int argc, char *const argv[], const char *options);

#endif
