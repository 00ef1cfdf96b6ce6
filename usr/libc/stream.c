/* Streams.
   A stream's buffer holds either what was read ahead or what waits to be written; changing direction empties it.  The
   three standard streams have static buffers, whose pages cost nothing until used.  A terminal is asked for at the
   first write, not at the start: many programs never write. */
#include <stdio.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stdio_priv.h"

void __stdio_exit(void);

static unsigned char stdin_buffer[BUFSIZ], stdout_buffer[BUFSIZ];
static FILE standard[3] = {
	{.fd = 0, .flags = STREAM_READ, .buf = stdin_buffer, .size = BUFSIZ},
	{.fd = 1, .flags = STREAM_WRITE, .buf = stdout_buffer, .size = BUFSIZ},
	{.fd = 2, .flags = STREAM_WRITE | STREAM_UNBUFFERED | STREAM_MODE_KNOWN},
};
FILE *stdin = &standard[0], *stdout = &standard[1], *stderr = &standard[2];
static FILE *opened; /* by fopen and fdopen */

static void mode_find(FILE *f)
{
	int saved = errno;

	if (f->flags & STREAM_MODE_KNOWN)
		return;
	f->flags |= STREAM_MODE_KNOWN | (isatty(f->fd) ? STREAM_LINES : 0);
	errno = saved;
}

static bool buffer_have(FILE *f)
{
	if (f->buf)
		return true;
	f->buf = malloc(BUFSIZ);
	if (!f->buf)
		return false;
	f->size = BUFSIZ;
	f->flags |= STREAM_HEAP_BUFFER;
	return true;
}

/* Write N bytes to the descriptor; the result is how many went. */
static size_t descriptor_write(FILE *f, const unsigned char *p, size_t n)
{
	size_t done = 0;

	while (done < n) {
		ssize_t some = write(f->fd, p + done, n - done);

		if (some < 0) {
			f->flags |= STREAM_ERROR;
			break;
		}
		done += (size_t)some;
	}
	return done;
}

bool stream_write_out(FILE *f)
{
	size_t pending = f->flags & STREAM_PENDING ? f->pos : 0;

	f->flags &= ~(unsigned int)STREAM_PENDING;
	if (pending == 0)
		return true;
	f->pos = 0;
	return descriptor_write(f, f->buf, pending) == pending;
}

/* Forget what was read ahead: the descriptor goes back to where the reader is. */
static void readahead_drop(FILE *f)
{
	int saved = errno;

	if (f->pos < f->end)
		lseek(f->fd, -(off_t)(f->end - f->pos), SEEK_CUR);
	f->pos = f->end = 0;
	errno = saved;
}

bool stream_begin_write(FILE *f)
{
	if (!(f->flags & STREAM_WRITE)) {
		errno = EBADF;
		f->flags |= STREAM_ERROR;
		return false;
	}
	if (!(f->flags & STREAM_PENDING)) {
		readahead_drop(f);
		mode_find(f);
		if (!(f->flags & STREAM_UNBUFFERED) && !buffer_have(f))
			f->flags |= STREAM_UNBUFFERED; /* slower, but it goes on */
		f->flags |= STREAM_PENDING;
	}
	return true;
}

size_t stream_write(FILE *f, const void *p, size_t n)
{
	if (!stream_begin_write(f))
		return 0;
	if (n >= f->size - f->pos || f->flags & STREAM_UNBUFFERED) {
		if (!stream_write_out(f))
			return 0;
		f->flags |= STREAM_PENDING;
		if (n >= f->size || f->flags & STREAM_UNBUFFERED)
			return descriptor_write(f, p, n);
	}
	memcpy(f->buf + f->pos, p, n);
	f->pos += n;
	if (f->flags & STREAM_LINES && memrchr(p, '\n', n) && !stream_write_out(f))
		return 0;
	return n;
}

/* Read more into the empty buffer; false at the end or on an error. */
static bool stream_fill(FILE *f)
{
	ssize_t n;

	if (!(f->flags & STREAM_READ)) {
		errno = EBADF;
		f->flags |= STREAM_ERROR;
		return false;
	}
	if (!stream_write_out(f))
		return false;
	if (f == stdin && stdout->flags & STREAM_LINES)
		stream_write_out(stdout); /* a prompt without a newline */
	if (!buffer_have(f)) {
		f->flags |= STREAM_ERROR;
		return false;
	}
	n = read(f->fd, f->buf, f->flags & STREAM_UNBUFFERED ? 1 : f->size);
	f->pos = 0;
	f->end = n > 0 ? (size_t)n : 0;
	if (n <= 0)
		f->flags |= n < 0 ? STREAM_ERROR : STREAM_EOF;
	return n > 0;
}

int fgetc(FILE *f)
{
	if (f->pos < f->end)
		return f->buf[f->pos++];
	return stream_fill(f) ? f->buf[f->pos++] : EOF;
}

int ungetc(int c, FILE *f)
{
	if (c == EOF || f->flags & STREAM_PENDING)
		return EOF;
	if (!buffer_have(f) || (f->pos == 0 && f->end > 0))
		return EOF;
	if (f->pos == f->end)
		f->pos = f->end = f->size;
	f->buf[--f->pos] = (unsigned char)c;
	f->flags &= ~(unsigned int)STREAM_EOF;
	return (unsigned char)c;
}

size_t fread(void *p, size_t size, size_t n, FILE *f)
{
	unsigned char *out = p;
	size_t want = size * n, done = 0;

	while (done < want && (f->pos < f->end || stream_fill(f))) {
		size_t some = f->end - f->pos < want - done ? f->end - f->pos : want - done;

		memcpy(out + done, f->buf + f->pos, some);
		f->pos += some;
		done += some;
	}
	return size > 0 ? done / size : 0;
}

size_t fwrite(const void *p, size_t size, size_t n, FILE *f)
{
	return size > 0 && n > 0 ? stream_write(f, p, size * n) / size : 0;
}

int fputc(int c, FILE *f)
{
	unsigned char byte = (unsigned char)c;

	if ((f->flags & (STREAM_PENDING | STREAM_LINES | STREAM_UNBUFFERED)) == STREAM_PENDING &&
	    f->pos + 1 < f->size) {
		f->buf[f->pos++] = byte;
		return byte;
	}
	return stream_write(f, &byte, 1) == 1 ? byte : EOF;
}

static unsigned int mode_parse(const char *mode, int *open_flags)
{
	bool both = strchr(mode, '+') != NULL;
	unsigned int flags = both ? STREAM_READ | STREAM_WRITE : *mode == 'r' ? STREAM_READ : STREAM_WRITE;

	*open_flags = both ? O_RDWR : *mode == 'r' ? O_RDONLY : O_WRONLY;
	if (*mode == 'w')
		*open_flags |= O_CREAT | O_TRUNC;
	if (*mode == 'a')
		*open_flags |= O_CREAT | O_APPEND;
	if (strchr(mode, 'x'))
		*open_flags |= O_EXCL;
	if (strchr(mode, 'e'))
		*open_flags |= O_CLOEXEC;
	if (*mode == '\0' || !strchr("rwa", *mode)) {
		errno = EINVAL;
		return 0;
	}
	return flags | (*mode == 'a' ? STREAM_APPEND : 0);
}

FILE *fdopen(int fd, const char *mode)
{
	int unused;
	unsigned int flags = mode_parse(mode, &unused);
	FILE *f = flags ? calloc(1, sizeof *f) : NULL;

	if (!f)
		return NULL;
	f->fd = fd;
	f->flags = flags | STREAM_HEAP;
	f->next = opened;
	opened = f;
	return f;
}

FILE *fopen(const char *path, const char *mode)
{
	int open_flags, fd;
	FILE *f;

	if (!mode_parse(mode, &open_flags))
		return NULL;
	fd = open(path, open_flags, 0666);
	if (fd < 0)
		return NULL;
	f = fdopen(fd, mode);
	if (!f)
		close(fd);
	return f;
}

FILE *freopen(const char *path, const char *mode, FILE *f)
{
	int open_flags, fd = -1, old = f->fd;
	unsigned int flags = mode_parse(mode, &open_flags), keep = STREAM_HEAP | STREAM_HEAP_BUFFER | STREAM_UNBUFFERED;

	fflush(f);
	if (flags)
		fd = open(path, open_flags, 0666);
	if (fd < 0) {
		fclose(f);
		return NULL;
	}
	if (fd != old && dup2(fd, old) == old) {
		close(fd);
		fd = old;
	}
	f->fd = fd;
	f->pos = f->end = 0;
	f->flags = flags | (f->flags & keep);
	return f;
}

int fflush(FILE *f)
{
	int result = 0;

	if (f) {
		if (!(f->flags & STREAM_PENDING))
			readahead_drop(f);
		return stream_write_out(f) ? 0 : EOF;
	}
	for (int i = 0; i < 3; i++)
		if (!stream_write_out(&standard[i]))
			result = EOF;
	for (f = opened; f; f = f->next)
		if (!stream_write_out(f))
			result = EOF;
	return result;
}

void __stdio_exit(void)
{
	fflush(NULL);
}

int fclose(FILE *f)
{
	int result = stream_write_out(f) ? 0 : EOF;

	if (close(f->fd) < 0)
		result = EOF;
	if (f->flags & STREAM_HEAP_BUFFER)
		free(f->buf);
	if (!(f->flags & STREAM_HEAP)) {
		f->flags = 0;
		f->pos = f->end = 0;
		f->fd = -1;
		return result;
	}
	for (FILE **link = &opened; *link; link = &(*link)->next)
		if (*link == f) {
			*link = f->next;
			break;
		}
	free(f);
	return result;
}

int setvbuf(FILE *f, char *buf, int mode, size_t size)
{
	if (!stream_write_out(f) || f->pos < f->end)
		return -1;
	f->flags &= ~(unsigned int)(STREAM_LINES | STREAM_UNBUFFERED);
	f->flags |= STREAM_MODE_KNOWN;
	f->flags |= mode == _IOLBF ? STREAM_LINES : mode == _IONBF ? STREAM_UNBUFFERED : 0;
	if (mode == _IONBF || (buf && size > 0)) {
		if (f->flags & STREAM_HEAP_BUFFER)
			free(f->buf);
		f->flags &= ~(unsigned int)STREAM_HEAP_BUFFER;
		f->buf = mode == _IONBF ? NULL : (unsigned char *)buf;
		f->size = mode == _IONBF ? 0 : size;
	}
	f->pos = f->end = 0;
	return 0;
}

void setbuf(FILE *f, char *buf)
{
	setvbuf(f, buf, buf ? _IOFBF : _IONBF, BUFSIZ);
}

void setlinebuf(FILE *f)
{
	setvbuf(f, NULL, _IOLBF, 0);
}

int fseeko(FILE *f, off_t off, int whence)
{
	if (fflush(f) != 0 || lseek(f->fd, off, whence) < 0)
		return -1;
	f->flags &= ~(unsigned int)STREAM_EOF;
	return 0;
}

int fseek(FILE *f, long off, int whence)
{
	return fseeko(f, off, whence);
}

off_t ftello(FILE *f)
{
	off_t at = lseek(f->fd, 0, f->flags & STREAM_APPEND && f->flags & STREAM_PENDING ? SEEK_END : SEEK_CUR);

	if (at < 0)
		return -1;
	return f->flags & STREAM_PENDING ? at + (off_t)f->pos : at - (off_t)(f->end - f->pos);
}

long ftell(FILE *f)
{
	off_t at = ftello(f);

	if (at != (long)at) {
		errno = EOVERFLOW;
		return -1;
	}
	return (long)at;
}

void rewind(FILE *f)
{
	fseeko(f, 0, SEEK_SET);
	clearerr(f);
}

int fileno(FILE *f)
{
	return f->fd;
}

int feof(FILE *f)
{
	return (f->flags & STREAM_EOF) != 0;
}

int ferror(FILE *f)
{
	return (f->flags & STREAM_ERROR) != 0;
}

void clearerr(FILE *f)
{
	f->flags &= ~(unsigned int)(STREAM_EOF | STREAM_ERROR);
}
