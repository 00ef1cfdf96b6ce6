/* Terminals: ioctl numbers and `struct termios` of Linux/i386 (asm-generic/ioctls.h, termbits.h). */
#ifndef ABI_TERMIOS_H
#define ABI_TERMIOS_H

#include <stdint.h>

#define TCGETS 0x5401
#define TCSETS 0x5402
#define TCSETSW 0x5403
#define TCSETSF 0x5404
#define TIOCSCTTY 0x540E
#define TIOCGPGRP 0x540F
#define TIOCSPGRP 0x5410
#define TIOCGWINSZ 0x5413
#define FIONREAD 0x541B

#define ABI_NCCS 19
struct abi_termios {
	uint32_t iflag;
	uint32_t oflag;
	uint32_t cflag;
	uint32_t lflag;
	uint8_t line;
	uint8_t cc[ABI_NCCS];
};
_Static_assert(sizeof(struct abi_termios) == 36, "struct termios of the kernel ABI");

struct abi_winsize {
	uint16_t row, col, xpixel, ypixel;
};

/* indices of cc[] */
#define VINTR 0
#define VQUIT 1
#define VERASE 2
#define VKILL 3
#define VEOF 4
#define VTIME 5
#define VMIN 6
#define VSTART 8
#define VSTOP 9
#define VSUSP 10
#define VEOL 11
#define VWERASE 14
#define VLNEXT 15
/* iflag */
#define ICRNL 0000400
#define IXON 0002000
/* oflag */
#define OPOST 0000001
#define ONLCR 0000004
/* cflag */
#define CS8 0000060
#define CREAD 0000200
#define B38400 0000017
/* lflag */
#define ISIG 0000001
#define ICANON 0000002
#define ECHO 0000010
#define ECHOE 0000020
#define ECHOK 0000040
#define ECHONL 0000100
#define NOFLSH 0000200
#define ECHOCTL 0001000
#define ECHOKE 0004000
#define IEXTEN 0100000

#endif
