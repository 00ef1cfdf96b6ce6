/* Terminals.  struct termios is laid out as the kernel reads and writes it. */
#ifndef _TERMIOS_H
#define _TERMIOS_H

#include <abi/termios.h>
#include <sys/types.h>

#define NCCS ABI_NCCS
#define TCSANOW 0
#define TCSADRAIN 1
#define TCSAFLUSH 2

/* Bits of Linux/i386 that programs clear in a raw mode; the kernel has no use for them. */
#define IGNBRK 0000001
#define BRKINT 0000002
#define PARMRK 0000010
#define INPCK 0000020
#define ISTRIP 0000040
#define INLCR 0000100
#define IGNCR 0000200
#define CSIZE 0000060
#define PARENB 0000400

typedef unsigned int tcflag_t;
typedef unsigned char cc_t;
typedef unsigned int speed_t;

struct termios {
	tcflag_t c_iflag;
	tcflag_t c_oflag;
	tcflag_t c_cflag;
	tcflag_t c_lflag;
	cc_t c_line;
	cc_t c_cc[NCCS];
};

int tcgetattr(int fd, struct termios *out);
int tcsetattr(int fd, int when, const struct termios *t);
void cfmakeraw(struct termios *t);
pid_t tcgetpgrp(int fd);
int tcsetpgrp(int fd, pid_t pgrp);

#endif
