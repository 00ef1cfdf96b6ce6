/* ls as xv6 programs know it: name in 14 columns, type, inode, size; "." and ".." too. */
#include "types.h"
#include "stat.h"
#include "user.h"
#include "fs.h"

enum { PATH_BYTES = 512 };

/* One line; NAME is the last component of PATH. */
static void show(const char *path, const char *name)
{
	char column[DIRSIZ + 1];
	struct stat st;
	int n = 0;

	if (stat(path, &st) < 0) {
		printf(2, "ls: cannot stat %s\n", path);
		return;
	}
	while (n < DIRSIZ && name[n]) {
		column[n] = name[n];
		n++;
	}
	while (n < DIRSIZ)
		column[n++] = ' ';
	column[n] = 0;
	printf(1, "%s %d %d %d\n", strlen(name) > DIRSIZ ? name : column, st.type, st.ino, st.size);
}

static void show_folder(int fd, const char *path)
{
	char whole[PATH_BYTES], *name;
	struct dirent de;

	if (strlen(path) + 1 + DIRSIZ + 1 > sizeof whole) {
		printf(1, "ls: path too long\n");
		return;
	}
	strcpy(whole, path);
	name = whole + strlen(whole);
	*name++ = '/';
	while (read(fd, &de, sizeof de) == sizeof de) {
		if (de.inum == 0)
			continue;
		memmove(name, de.name, DIRSIZ);
		name[DIRSIZ] = 0;
		show(whole, name);
	}
}

static void list(const char *path)
{
	const char *name = path + strlen(path);
	struct stat st;
	int fd = open(path, 0);

	if (fd < 0 || fstat(fd, &st) < 0) {
		printf(2, "ls: cannot open %s\n", path);
		return;
	}
	while (name > path && name[-1] != '/')
		name--;
	if (st.type == T_DIR)
		show_folder(fd, path);
	else
		show(path, name);
	close(fd);
}

int main(int argc, char *argv[])
{
	if (argc == 1)
		list(".");
	for (int i = 1; i < argc; i++)
		list(argv[i]);
	exit();
}
