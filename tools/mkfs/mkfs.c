/* mkfs.dmfs: an image from a folder of the host and from single files.  Everything goes through dmfs itself, so what
   this program writes is what the kernel would have written.  The order is sorted and, with -t, all times are given:
   the same input makes the same image.  The image is built beside its final name and renamed at the end, so that a
   failure leaves nothing, or the old image. */
#include "image.h"

#include <dmfs/make.h>
#include <lib/crc.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_MIB 64u
#define MAX_ADDED 256

static const char usage[] =
	"usage: mkfs.dmfs [-s SIZE | -b BLOCKS] [-i INODES] [-d FOLDER] [-t EPOCH]\n"
	"                 [-a HOSTFILE:/PATH[:MODE]]... IMAGE [FOLDER]\n"
	"  -s SIZE    of the image: a number of MiB, or one with K, M or G behind it (64M)\n"
	"  -b BLOCKS  the same in blocks of 4 KiB\n"
	"  -i INODES  how many files it can hold (one for 16 KiB)\n"
	"  -d FOLDER  what the image shall hold: folders, files, modes; links to files are followed;\n"
	"             a file with several names is one file there too\n"
	"  -t EPOCH   all times in the image, in seconds since 1970\n"
	"  -a ...     one more file; folders on the way are made; MODE is octal\n";

struct options {
	const char *image;
	const char *folder; /* NULL: none */
	uint32_t blocks;
	uint32_t inodes; /* 0: dmfs chooses */
	uint32_t time;
	bool time_given;
	unsigned nadded;
	char *added[MAX_ADDED]; /* HOSTFILE:/PATH[:MODE] */
};

/* A file of the host that has several names, of which the first is in the image. */
struct seen {
	struct seen *next;
	dev_t dev;
	ino_t ino;
	uint32_t in_image; /* its inode there */
};

static struct seen *seen;
static char temp_name[4096]; /* "" when there is no half-built image */

static void die(const char *fmt, ...) printf_like(1, 2) noreturn_fn;

static void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("mkfs.dmfs: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	if (temp_name[0])
		unlink(temp_name);
	exit(1);
}

/* The host's disk is full (SIGBUS: the image is a mapped file), or somebody lost patience. */
static void give_up(int signal)
{
	static const char message[] = "mkfs.dmfs: the image cannot be written: the disk is full\n";

	if (signal == SIGBUS && write(STDERR_FILENO, message, sizeof message - 1) < 0)
		signal = SIGTERM; /* nobody reads it */
	if (temp_name[0])
		unlink(temp_name);
	_exit(1);
}

/* Stop unless ST is OK; WHAT was being written. */
static void need(enum status st, const char *what)
{
	if (st == E_NOSPC)
		die("%s: the image is full (choose a larger -s, or more inodes with -i)", what);
	if (st != OK)
		die("%s: %s", what, strerror(-(int)st));
}

/* --- files and folders of the image --- */

static void set_times(const struct options *o, struct dmfs_inode *ip, const struct stat *st)
{
	if (o->time_given)
		return; /* the image's clock stands still at that time */
	ip->d.atime = ip->d.mtime = ip->d.ctime = (uint32_t)st->st_mtime;
	ip->d.atime_nsec = ip->d.mtime_nsec = ip->d.ctime_nsec = 0;
}

static void write_content(struct image *im, struct dmfs_inode *ip, int fd, const char *host)
{
	uint8_t chunk[DMFS_BLOCK_SIZE];

	for (uint32_t block = 0;; block++) {
		size_t have = 0;
		ssize_t n = 1;
		uint32_t disk;
		bool was_new;

		while (have < sizeof chunk && n > 0) {
			n = read(fd, chunk + have, sizeof chunk - have);
			have += n > 0 ? (size_t)n : 0;
		}
		if (n < 0)
			die("%s: %s", host, strerror(errno));
		if (have == 0)
			return;
		need(dmfs_map_alloc(ip, block, &disk, &was_new), host);
		memset(chunk + have, 0, sizeof chunk - have);
		memcpy(im->map + (size_t)disk * DMFS_BLOCK_SIZE, chunk, sizeof chunk);
		ip->d.size += have;
		if (have < sizeof chunk)
			return;
	}
}

/* The inode in the image of the host's file HS; 0: it is not there yet. */
static uint32_t seen_find(const struct stat *hs)
{
	for (const struct seen *s = seen; s; s = s->next)
		if (s->dev == hs->st_dev && s->ino == hs->st_ino)
			return s->in_image;
	return 0;
}

static void seen_add(const struct stat *hs, uint32_t in_image)
{
	struct seen *s = malloc(sizeof *s);

	if (!s)
		die("%s", strerror(errno));
	*s = (struct seen){seen, hs->st_dev, hs->st_ino, in_image};
	seen = s;
}

/* One more name, NAME in DIR, for the file INO of the image. */
static void put_link(struct dmfs_inode *dir, const char *name, uint32_t ino)
{
	struct dmfs_inode ip;
	struct dmfs_slot slot;

	need(dmfs_inode_load(dir->fs, ino, &ip), name);
	need(dmfs_dir_add(dir, name, (uint32_t)strlen(name), ino, S_IFREG >> 12, &slot), name);
	ip.d.links++;
	need(dmfs_inode_store(&ip), name);
}

/* The file HOST as NAME in DIR; one that is there already is overwritten. => its inode. */
static uint32_t put_file(struct image *im, const struct options *o, struct dmfs_inode *dir, const char *name,
                         const char *host, uint32_t mode)
{
	uint32_t len = (uint32_t)strlen(name);
	struct dmfs_inode ip;
	struct dmfs_slot slot;
	struct stat hs;
	int fd = open(host, O_RDONLY);
	enum status st;

	if (fd < 0 || fstat(fd, &hs) != 0)
		die("%s: %s", host, strerror(errno));
	if (!S_ISREG(hs.st_mode))
		die("%s: not a file", host);
	mode = mode == UINT32_MAX ? hs.st_mode & 07777 : mode;
	st = dmfs_dir_lookup(dir, name, len, &slot);
	if (st == OK) {
		need(dmfs_inode_load(dir->fs, slot.ino, &ip), host);
		if (slot.type != S_IFREG >> 12)
			die("%s: a folder of that name is in the image", host);
		im->fresh = false; /* the blocks that are given back hold something */
		need(dmfs_truncate(&ip, 0), host);
	} else {
		need(st == E_NOENT ? OK : st, host);
		need(dmfs_inode_alloc(dir->fs, S_IFREG, &ip), host);
		need(dmfs_dir_add(dir, name, len, ip.ino, S_IFREG >> 12, &slot), host);
		ip.d.links = 1;
	}
	ip.d.mode = (uint16_t)(S_IFREG | mode);
	write_content(im, &ip, fd, host);
	set_times(o, &ip, &hs);
	need(dmfs_inode_store(&ip), host);
	close(fd);
	return ip.ino;
}

/* Load the folder NAME of DIR, which is made if need be. */
static void enter_folder(struct dmfs_inode *dir, const char *name, uint32_t len, uint32_t mode, struct dmfs_inode *sub)
{
	struct dmfs_slot slot;
	enum status st = dmfs_dir_lookup(dir, name, len, &slot);

	if (st == OK) {
		need(dmfs_inode_load(dir->fs, slot.ino, sub), name);
		if (slot.type != S_IFDIR >> 12)
			die("%.*s: a file of that name is in the image, a folder is wanted", (int)len, name);
		return;
	}
	need(st == E_NOENT ? OK : st, name);
	need(dmfs_inode_alloc(dir->fs, S_IFDIR | mode, sub), name);
	need(dmfs_dir_init(sub, dir->ino), name);
	need(dmfs_dir_add(dir, name, len, sub->ino, S_IFDIR >> 12, &slot), name);
	need(dmfs_inode_store(sub), name);
	dir->d.links++;
	need(dmfs_inode_store(dir), name);
}

/* --- from the host --- */

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int not_dots(const struct dirent *e)
{
	return strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
}

static void put_folder(struct image *im, const struct options *o, struct dmfs_inode *dir, const char *host);

static void put_entry(struct image *im, const struct options *o, struct dmfs_inode *dir, const char *name,
                      const char *host)
{
	struct stat hs, link;
	struct dmfs_inode sub;

	if (lstat(host, &link) != 0 || stat(host, &hs) != 0)
		die("%s: %s", host, strerror(errno));
	if (S_ISREG(hs.st_mode) && seen_find(&hs)) {
		put_link(dir, name, seen_find(&hs));
	} else if (S_ISREG(hs.st_mode)) {
		uint32_t ino = put_file(im, o, dir, name, host, UINT32_MAX);

		if (hs.st_nlink > 1)
			seen_add(&hs, ino);
	} else if (S_ISDIR(link.st_mode)) {
		enter_folder(dir, name, (uint32_t)strlen(name), hs.st_mode & 07777, &sub);
		put_folder(im, o, &sub, host);
		set_times(o, &sub, &hs);
		need(dmfs_inode_store(&sub), host);
	} else {
		die("%s: neither file, nor folder, nor link to a file", host);
	}
}

/* All that the host's folder HOST holds, into DIR. */
static void put_folder(struct image *im, const struct options *o, struct dmfs_inode *dir, const char *host)
{
	struct dirent **entries;
	int n = scandir(host, &entries, not_dots, by_name);

	if (n < 0)
		die("%s: %s", host, strerror(errno));
	for (int i = 0; i < n; i++) {
		char path[4096];

		if (snprintf(path, sizeof path, "%s/%s", host, entries[i]->d_name) >= (int)sizeof path)
			die("%s/%s: the name is too long", host, entries[i]->d_name);
		put_entry(im, o, dir, entries[i]->d_name, path);
		free(entries[i]);
	}
	free(entries);
	need(dmfs_inode_store(dir), host);
}

static uint32_t parse_mode(const char *text, const char *spec)
{
	char *end;
	unsigned long mode = strtoul(text, &end, 8);

	if (*text == 0 || *end != 0 || mode > 07777)
		die("-a %s: %s is not an octal mode", spec, text);
	return (uint32_t)mode;
}

/* HOSTFILE:/PATH[:MODE] */
static void put_added(struct image *im, const struct options *o, struct dmfs *fs, char *spec)
{
	char *path = strstr(spec, ":/"), *colon, *slash;
	uint32_t mode = UINT32_MAX;
	struct dmfs_inode dir, sub;

	if (!path || path == spec)
		die("-a %s: not of the form HOSTFILE:/PATH[:MODE]", spec);
	colon = strchr(path + 1, ':');
	if (colon)
		mode = parse_mode(colon + 1, spec);
	if (colon)
		*colon = 0;
	*path++ = 0;
	need(dmfs_inode_load(fs, DMFS_ROOT_INO, &dir), spec);
	for (path++; (slash = strchr(path, '/')); path = slash + 1) {
		if (slash == path)
			continue;
		enter_folder(&dir, path, (uint32_t)(slash - path), 0755, &sub);
		dir = sub;
	}
	if (*path == 0)
		die("-a %s: the path in the image ends with a slash", spec);
	put_file(im, o, &dir, path, spec, mode);
	need(dmfs_inode_store(&dir), spec);
}

static void fill(struct image *im, const struct options *o, struct dmfs *fs)
{
	struct dmfs_inode root;
	struct stat hs;

	if (o->folder) {
		if (stat(o->folder, &hs) != 0)
			die("%s: %s", o->folder, strerror(errno));
		need(dmfs_inode_load(fs, DMFS_ROOT_INO, &root), o->folder);
		put_folder(im, o, &root, o->folder);
		set_times(o, &root, &hs);
		need(dmfs_inode_store(&root), o->folder);
	}
	for (unsigned i = 0; i < o->nadded; i++)
		put_added(im, o, fs, o->added[i]);
}

/* --- the image --- */

static void choose_uuid(const struct options *o, uint8_t uuid[16])
{
	if (!o->time_given) {
		if (getrandom(uuid, 16, 0) != 16)
			die("no random numbers: %s", strerror(errno));
	} else {
		for (uint32_t i = 0; i < 4; i++) {
			uint32_t seed[] = {i, o->time, o->blocks, o->inodes};
			uint32_t word = crc32c(0, seed, sizeof seed);

			memcpy(uuid + 4 * i, &word, sizeof word);
		}
	}
	uuid[6] = (uint8_t)((uuid[6] & 0x0F) | 0x40); /* RFC 4122: random, variant 1 */
	uuid[8] = (uint8_t)((uuid[8] & 0x3F) | 0x80);
}

static void build(const struct options *o)
{
	struct image im = {.fixed_now = o->time_given, .now = {o->time, 0}};
	struct dmfs_geometry g = {.blocks = o->blocks, .inodes = o->inodes};
	const char *why = "";
	struct dmfs fs;

	if (snprintf(temp_name, sizeof temp_name, "%s.%ld.tmp", o->image, (long)getpid()) >= (int)sizeof temp_name) {
		temp_name[0] = 0;
		die("%s: the name is too long", o->image);
	}
	if (!image_make(&im, temp_name, o->blocks)) {
		int saved = errno;

		if (saved == EEXIST || saved == ENOENT || saved == EACCES)
			temp_name[0] = 0; /* not ours */
		die("%s: %s", o->image, strerror(saved));
	}
	choose_uuid(o, g.uuid);
	if (dmfs_make(&image_ops, &im, &g, &why) != OK)
		die("%s: %s", o->image, why);
	if (dmfs_mount(&fs, &image_ops, &im, o->blocks, 0, &why) != OK)
		die("%s: %s", o->image, why);
	fill(&im, o, &fs);
	need(dmfs_unmount(&fs), o->image);
	if (!image_close(&im) || rename(temp_name, o->image) != 0)
		die("%s: %s", o->image, strerror(errno));
}

/* --- the command line --- */

static uint32_t parse_number(const char *option, const char *text, uint64_t max)
{
	char *end;
	unsigned long long n;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != 0 || errno != 0 || n > max)
		die("%s %s: not a number up to %llu", option, text, (unsigned long long)max);
	return (uint32_t)n;
}

static uint32_t parse_size(const char *text)
{
	size_t len = strlen(text);
	uint32_t per = 256; /* blocks of a MiB */
	char digits[32];
	bool kib = false;

	if (len == 0 || len >= sizeof digits)
		die("-s %s: not a size", text);
	memcpy(digits, text, len + 1);
	switch (digits[len - 1]) {
	case 'G':
		per = 256 * 1024;
		digits[--len] = 0;
		break;
	case 'M': digits[--len] = 0; break;
	case 'K':
		kib = true;
		digits[--len] = 0;
		break;
	}
	return kib ? parse_number("-s", digits, UINT32_MAX) / 4 : parse_number("-s", digits, UINT32_MAX / per) * per;
}

static void parse_options(int argc, char **argv, struct options *o)
{
	int c;

	while ((c = getopt(argc, argv, "s:b:i:d:t:a:h")) != -1) {
		switch (c) {
		case 's': o->blocks = parse_size(optarg); break;
		case 'b': o->blocks = parse_number("-b", optarg, UINT32_MAX); break;
		case 'i': o->inodes = parse_number("-i", optarg, UINT32_MAX); break;
		case 'd': o->folder = optarg; break;
		case 't':
			o->time = parse_number("-t", optarg, UINT32_MAX);
			o->time_given = true;
			break;
		case 'a':
			if (o->nadded == MAX_ADDED)
				die("-a: more than %d files", MAX_ADDED);
			o->added[o->nadded++] = optarg;
			break;
		case 'h': fputs(usage, stdout); exit(0);
		default: fputs(usage, stderr); exit(1);
		}
	}
	if (argc - optind < 1 || argc - optind > 2 || (argc - optind == 2 && o->folder)) {
		fputs(usage, stderr);
		exit(1);
	}
	o->image = argv[optind];
	if (argc - optind == 2)
		o->folder = argv[optind + 1];
}

int main(int argc, char **argv)
{
	static struct options o = {.blocks = DEFAULT_MIB * 256};

	parse_options(argc, argv, &o);
	signal(SIGBUS, give_up);
	signal(SIGINT, give_up);
	signal(SIGTERM, give_up);
	build(&o);
	return 0;
}
