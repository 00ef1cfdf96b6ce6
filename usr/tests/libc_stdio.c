/* Streams: buffering, seeking, both directions in one file, lines, ends and errors.  Works in /tmp. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

static char path[] = "/tmp/libc_stdio.XXXXXX";

static long size_of(const char *name)
{
	struct stat st;

	return stat(name, &st) < 0 ? -1 : (long)st.st_size;
}

static void write_and_read(void)
{
	FILE *f = fopen(path, "w");
	char text[64];

	CHECK(f != NULL);
	CHECK(fprintf(f, "line %d\n", 1) == 7);
	CHECK(fputs("line 2\n", f) >= 0 && fputc('x', f) == 'x');
	CHECK(size_of(path) == 0); /* still in the buffer */
	CHECK(fflush(f) == 0 && size_of(path) == 15);
	CHECK(ftell(f) == 15);
	CHECK(fgetc(f) == EOF && ferror(f) && errno == EBADF);
	CHECK(fclose(f) == 0);
	f = fopen(path, "r");
	CHECK(fgets(text, sizeof text, f) == text);
	CHECK_STRING(text, "line 1\n");
	CHECK(ftell(f) == 7);
	CHECK(fgets(text, 4, f) == text);
	CHECK_STRING(text, "lin");
	CHECK(fgetc(f) == 'e' && ungetc('Z', f) == 'Z' && fgetc(f) == 'Z' && fgetc(f) == ' ');
	CHECK(fgets(text, sizeof text, f) == text && fgets(text, sizeof text, f) == text);
	CHECK_STRING(text, "x");
	CHECK(!feof(f) || fgetc(f) == EOF);
	CHECK(fgets(text, sizeof text, f) == NULL && feof(f) && !ferror(f));
	CHECK(fputc('x', f) == EOF);
	CHECK(fclose(f) == 0);
}

static void long_content(void)
{
	enum { N = 30000 };
	FILE *f = fopen(path, "w+");
	int value;

	for (int i = 0; i < N; i++)
		CHECK(fwrite(&i, sizeof i, 1, f) == 1);
	CHECK(ftell(f) == (long)(N * sizeof(int)));
	for (int i = N - 1; i > 0; i -= 997) {
		CHECK(fseek(f, (long)i * (long)sizeof(int), SEEK_SET) == 0);
		CHECK(fread(&value, sizeof value, 1, f) == 1 && value == i);
	}
	rewind(f);
	for (int i = 0; i < N; i++)
		if (fread(&value, sizeof value, 1, f) != 1 || value != i) {
			CHECK(value == i);
			break;
		}
	CHECK(fread(&value, sizeof value, 1, f) == 0 && feof(f));
	fclose(f);
	CHECK(size_of(path) == (long)(N * sizeof(int)));
}

/* Reading, then writing where the reader stood, then reading on. */
static void both_directions(void)
{
	FILE *f = fopen(path, "w+");
	char text[16] = "";

	fputs("0123456789", f);
	rewind(f);
	CHECK(fgetc(f) == '0' && fgetc(f) == '1');
	CHECK(fseek(f, 0, SEEK_CUR) == 0);
	CHECK(fputs("ab", f) >= 0);
	CHECK(fseek(f, 0, SEEK_CUR) == 0);
	CHECK(fgetc(f) == '4');
	rewind(f);
	CHECK(fread(text, 1, 10, f) == 10);
	CHECK_STRING(text, "01ab456789");
	fclose(f);
	f = fopen(path, "a");
	fputs("end", f);
	CHECK(ftell(f) == 13);
	fclose(f);
	CHECK(size_of(path) == 13);
}

static void lines(void)
{
	FILE *f = fopen(path, "w+");
	char *line = NULL;
	size_t size = 0;

	fputs("short\n\n", f);
	for (int i = 0; i < 10000; i++)
		fputc('a' + i % 26, f);
	fputs("\nlast", f);
	rewind(f);
	CHECK(getline(&line, &size, f) == 6);
	CHECK_STRING(line, "short\n");
	CHECK(getline(&line, &size, f) == 1);
	CHECK(getline(&line, &size, f) == 10001 && line[9999] == 'a' + 9999 % 26 && line[10000] == '\n');
	CHECK(getline(&line, &size, f) == 4);
	CHECK_STRING(line, "last");
	CHECK(getline(&line, &size, f) == -1 && feof(f));
	free(line);
	fclose(f);
}

static void buffering(void)
{
	FILE *f = fopen(path, "w");

	CHECK(setvbuf(f, NULL, _IOLBF, 0) == 0);
	fputs("abc", f);
	CHECK(size_of(path) == 0);
	fputs("d\nef", f);
	CHECK(size_of(path) == 7);
	CHECK(setvbuf(f, NULL, _IONBF, 0) == 0);
	fputc('x', f);
	CHECK(size_of(path) == 8);
	fclose(f);
	f = fopen(path, "r");
	setvbuf(f, NULL, _IONBF, 0);
	CHECK(fgetc(f) == 'a' && lseek(fileno(f), 0, SEEK_CUR) == 1);
	fclose(f);
}

static void reopening(void)
{
	FILE *f = fopen(path, "w");

	fputs("one", f);
	f = freopen(path, "r", f);
	CHECK(f && fgetc(f) == 'o');
	fclose(f);
	CHECK(fopen("/nowhere/at/all", "r") == NULL && errno == ENOENT);
	CHECK(fopen(path, "q") == NULL && errno == EINVAL);
	CHECK(fopen(path, "wx") == NULL && errno == EEXIST);
}

static void broken_output(void)
{
	FILE *f = fdopen(open(path, O_RDONLY), "w");

	CHECK(fputs("x", f) >= 0);
	CHECK(fflush(f) == EOF && ferror(f) && errno == EBADF);
	clearerr(f);
	CHECK(!ferror(f));
	CHECK(fclose(f) == 0);
}

int main(void)
{
	int fd = mkstemp(path);

	CHECK(fd >= 0);
	close(fd);
	write_and_read();
	long_content();
	both_directions();
	lines();
	buffering();
	reopening();
	broken_output();
	CHECK(remove(path) == 0 && size_of(path) == -1);
	return check_end();
}
