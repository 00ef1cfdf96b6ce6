/* Characters and lines, over the streams of stream.c. */
#include <stdio.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stdio_priv.h"

int getc(FILE *f)
{
	return fgetc(f);
}

int getchar(void)
{
	return fgetc(stdin);
}

int putc(int c, FILE *f)
{
	return fputc(c, f);
}

int putchar(int c)
{
	return fputc(c, stdout);
}

int fputs(const char *s, FILE *f)
{
	size_t n = strlen(s);

	return stream_write(f, s, n) == n ? 0 : EOF;
}

int puts(const char *s)
{
	return fputs(s, stdout) == EOF || fputc('\n', stdout) == EOF ? EOF : 0;
}

char *fgets(char *s, int n, FILE *f)
{
	int done = 0, c = 0;

	while (done < n - 1 && c != '\n' && (c = fgetc(f)) != EOF)
		s[done++] = (char)c;
	if (done == 0 || (c == EOF && ferror(f)))
		return NULL;
	s[done] = 0;
	return s;
}

/* Have room for N bytes in *LINE. */
static bool line_reserve(char **line, size_t *size, size_t n)
{
	size_t more = *size < 64 ? 128 : *size * 2;
	char *grown;

	if (*line && *size >= n)
		return true;
	more = more < n ? n : more;
	grown = realloc(*line, more);
	if (!grown)
		return false;
	*line = grown;
	*size = more;
	return true;
}

ssize_t getdelim(char **line, size_t *size, int delim, FILE *f)
{
	size_t used = 0;
	int c = fgetc(f);

	if (!*line)
		*size = 0;
	if (c == EOF)
		return -1;
	do {
		unsigned char *found = memchr(f->buf + f->pos, delim, f->end - f->pos);
		size_t ahead = (found ? (size_t)(found + 1 - f->buf) : f->end) - f->pos;

		ahead = c == delim ? 0 : ahead;
		if (!line_reserve(line, size, used + ahead + 2))
			return -1;
		(*line)[used++] = (char)c;
		memcpy(*line + used, f->buf + f->pos, ahead);
		used += ahead;
		f->pos += ahead;
	} while ((*line)[used - 1] != (char)delim && (c = fgetc(f)) != EOF);
	(*line)[used] = 0;
	return (ssize_t)used;
}

ssize_t getline(char **line, size_t *size, FILE *f)
{
	return getdelim(line, size, '\n', f);
}
