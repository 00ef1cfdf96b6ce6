/* A stream, as the files of stdio share it. */
#ifndef LIBC_STDIO_PRIV_H
#define LIBC_STDIO_PRIV_H

#include <stdbool.h>
#include <stdio.h>

enum stream_flags {
	STREAM_READ = 1 << 0,
	STREAM_WRITE = 1 << 1,
	STREAM_APPEND = 1 << 2,
	STREAM_EOF = 1 << 3,
	STREAM_ERROR = 1 << 4,
	STREAM_PENDING = 1 << 5, /* the buffer holds what is not yet written; else what is read ahead */
	STREAM_LINES = 1 << 6,   /* flush at a newline */
	STREAM_UNBUFFERED = 1 << 7,
	STREAM_MODE_KNOWN = 1 << 8, /* whether it is a terminal has been asked, or setvbuf has said */
	STREAM_HEAP = 1 << 9,       /* made by fopen or fdopen: fclose frees it */
	STREAM_HEAP_BUFFER = 1 << 10,
};

struct stdio_file {
	int fd;
	unsigned int flags;
	unsigned char *buf; /* NULL until first used */
	size_t size;        /* bytes of buf */
	size_t pos;         /* reading: next byte; writing: bytes pending */
	size_t end;         /* reading: bytes in buf; writing: 0 */
	FILE *next;         /* list of what fopen made */
};

/* Make F ready for writing, with a buffer; false on a stream that cannot be written. */
bool stream_begin_write(FILE *f);
/* Write out what is pending; false on an error. */
bool stream_write_out(FILE *f);
/* Write N bytes through the buffer; the result is how many went. */
size_t stream_write(FILE *f, const void *p, size_t n);

#endif
