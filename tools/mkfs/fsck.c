/* fsck.dmfs: is an image consistent, and what is in it?  It never writes to the image. */
#include "image.h"

#include <dmfs/check.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_DEPTH 64 /* of folders that -l goes down */

static const char usage[] =
	"usage: fsck.dmfs IMAGE           check it; exit 0: consistent, 1: not, or not an image\n"
	"       fsck.dmfs -l IMAGE        list what it holds: mode, links, owner, group, size, time, path\n"
	"       fsck.dmfs -x IMAGE PATH   print the content of a file\n";

static const char *image_name;

static int complain(const char *what, const char *why)
{
	fprintf(stderr, "fsck.dmfs: %s: %s\n", what, why);
	return 1;
}

static int complain_status(const char *what, enum status st)
{
	return complain(what, st == E_UCLEAN ? "the image is damaged here" : strerror(-(int)st));
}

static void print_finding(void *arg, const struct dmfs_finding *f)
{
	(void)arg;
	printf("%s:", image_name);
	if (f->ino)
		printf(" inode %u:", f->ino);
	if (f->block)
		printf(" block %u:", f->block);
	printf(" %s", f->text);
	if (f->found || f->expected)
		printf(" (%u, expected %u)", f->found, f->expected);
	putchar('\n');
}

static int check(struct dmfs *fs)
{
	void *memory = calloc(1, dmfs_check_memory(fs));
	struct dmfs_statfs sf;
	uint32_t findings = 0;
	enum status st;

	if (!memory)
		return complain(image_name, strerror(ENOMEM));
	st = dmfs_check(fs, memory, print_finding, NULL, &findings);
	free(memory);
	if (st != OK)
		return complain_status(image_name, st);
	dmfs_statfs(fs, &sf);
	printf("%s: %s%s, %u of %u inodes and %u of %u data blocks used\n", image_name,
	       findings ? "DAMAGED" : "consistent", fs->was_clean ? "" : ", not unmounted in order",
	       sf.inodes - sf.free_inodes, sf.inodes, sf.blocks - sf.free_blocks, sf.blocks);
	return findings > 0;
}

/* --- -x --- */

static enum status find(struct dmfs *fs, const char *path, struct dmfs_inode *ip)
{
	enum status st = dmfs_inode_load(fs, DMFS_ROOT_INO, ip);

	while (st == OK && *(path += strspn(path, "/"))) {
		size_t len = strcspn(path, "/");
		struct dmfs_slot slot;

		st = dmfs_dir_lookup(ip, path, len > DMFS_NAME_MAX ? DMFS_NAME_MAX + 1 : (uint32_t)len, &slot);
		if (st == OK)
			st = dmfs_inode_load(fs, slot.ino, ip);
		path += len;
	}
	return st;
}

static int extract(struct image *im, struct dmfs *fs, const char *path)
{
	static const uint8_t zeros[DMFS_BLOCK_SIZE];
	struct dmfs_inode ip;
	enum status st = find(fs, path, &ip);

	if (st == OK && (ip.d.mode & S_IFMT) != S_IFREG)
		return complain(path, "not a file");
	for (uint64_t at = 0; st == OK && at < ip.d.size; at += DMFS_BLOCK_SIZE) {
		uint64_t left = ip.d.size - at;
		size_t n = left < DMFS_BLOCK_SIZE ? (size_t)left : DMFS_BLOCK_SIZE;
		uint32_t disk;

		st = dmfs_map(&ip, (uint32_t)(at >> DMFS_BLOCK_SHIFT), &disk);
		if (st == OK && fwrite(disk ? im->map + (size_t)disk * DMFS_BLOCK_SIZE : zeros, 1, n, stdout) != n)
			return complain("output", strerror(errno));
	}
	if (st != OK)
		return complain_status(path, st);
	return fflush(stdout) == 0 ? 0 : complain("output", strerror(errno));
}

/* --- -l --- */

struct listing {
	struct dmfs *fs;
	char path[4096];
	size_t len; /* of path */
	unsigned depth;
	int failed;
};

static char type_letter(uint32_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR: return 'd';
	case S_IFREG: return '-';
	case S_IFLNK: return 'l';
	case S_IFCHR: return 'c';
	case S_IFBLK: return 'b';
	case S_IFIFO: return 'p';
	}
	return '?';
}

static bool list_entry(void *arg, const struct dmfs_entry *e);

static void list_below(struct listing *l, struct dmfs_inode *dir)
{
	uint32_t cookie = 0;
	enum status st;

	if (l->depth == MAX_DEPTH) {
		l->failed = complain(l->path, "too many folders deep");
		return;
	}
	l->depth++;
	st = dmfs_dir_read(dir, &cookie, list_entry, l);
	l->depth--;
	if (st != OK)
		l->failed = complain_status(l->path, st);
}

static bool list_entry(void *arg, const struct dmfs_entry *e)
{
	struct listing *l = arg;
	struct dmfs_inode ip;
	size_t was = l->len;
	enum status st;

	if (e->name[0] == '.' && (e->len == 1 || (e->len == 2 && e->name[1] == '.')))
		return true;
	if (l->len + e->len + 2 > sizeof l->path)
		return true;
	l->len += (size_t)snprintf(l->path + l->len, sizeof l->path - l->len, "/%.*s", e->len, e->name);
	st = dmfs_inode_load(l->fs, e->ino, &ip);
	if (st == OK) {
		printf("%c%04o %3u %u %u %10llu %u %s\n", type_letter(ip.d.mode), ip.d.mode & 07777u, ip.d.links,
		       ip.d.uid, ip.d.gid, (unsigned long long)ip.d.size, ip.d.mtime, l->path);
		if ((ip.d.mode & S_IFMT) == S_IFDIR)
			list_below(l, &ip);
	} else {
		l->failed = complain_status(l->path, st);
	}
	l->len = was;
	l->path[was] = 0;
	return true;
}

static int list(struct dmfs *fs)
{
	static struct listing l;
	struct dmfs_inode root;
	enum status st = dmfs_inode_load(fs, DMFS_ROOT_INO, &root);

	if (st != OK)
		return complain_status("/", st);
	l.fs = fs;
	list_below(&l, &root);
	return l.failed;
}

static int run(char what, const char *path)
{
	struct image im = {0};
	const char *why = "";
	struct dmfs fs;
	int rc;

	if (!image_open(&im, image_name))
		return complain(image_name, strerror(errno));
	if (dmfs_mount(&fs, &image_ops, &im, im.blocks, DMFS_READONLY, &why) != OK) {
		image_close(&im);
		return complain(image_name, why);
	}
	rc = what == 'x' ? extract(&im, &fs, path) : what == 'l' ? list(&fs) : check(&fs);
	if (dmfs_unmount(&fs) != OK || !image_close(&im))
		rc = complain(image_name, "cannot be closed");
	return rc;
}

int main(int argc, char **argv)
{
	char what = 'c';
	int c;

	while ((c = getopt(argc, argv, "xlh")) != -1) {
		if (c == 'h') {
			fputs(usage, stdout);
			return 0;
		}
		if (c == '?') {
			fputs(usage, stderr);
			return 1;
		}
		what = (char)c;
	}
	if (argc - optind != (what == 'x' ? 2 : 1)) {
		fputs(usage, stderr);
		return 1;
	}
	image_name = argv[optind];
	return run(what, argv[optind + 1]);
}
