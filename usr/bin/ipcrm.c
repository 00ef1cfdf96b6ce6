/* Remove segments of shared memory: they go with the last who is attached. */
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <sys/shm.h>
#include <unistd.h>

#include "tool.h"

static const char how[] = "ipcrm [-a] [-m ID]... [-M KEY]...";
static const char help[] = "usage: ipcrm [-a] [-m ID]... [-M KEY]...\n"
			   "Remove segments of shared memory.  Who has them attached keeps them until the end.\n"
			   "  -m ID   the one of this id\n"
			   "  -M KEY  the one of this key, decimal or 0x...\n"
			   "  -a      all of them\n";

/* => false, and that was said */
static bool parse(const char *text, long long lowest, long long highest, long long *out)
{
	char *end;

	errno = 0;
	*out = strtoll(text, &end, 0);
	if (end != text && !*end && !errno && *out >= lowest && *out <= highest)
		return true;
	warnx("%s is no number of a segment", text);
	return false;
}

static int remove_id(int id, const char *text)
{
	if (shmctl(id, IPC_RMID, NULL) == 0)
		return 0;
	warn("%s", text);
	return 1;
}

static int remove_by_id(const char *text)
{
	long long id;

	return parse(text, 0, INT_MAX, &id) ? remove_id((int)id, text) : 1;
}

static int remove_by_key(const char *text)
{
	long long key;
	int id;

	if (!parse(text, INT_MIN, UINT_MAX, &key))
		return 1;
	id = (key_t)key == IPC_PRIVATE ? -1 : shmget((key_t)key, 0, 0);
	if (id < 0) {
		warnx("%s: no such key", text);
		return 1;
	}
	return remove_id(id, text);
}

/* Those that are marked already are there as long as somebody is attached: they are passed over. */
static int remove_all(void)
{
	struct shmid_ds ds;
	int place = 0, id, status = 0;

	while ((id = shmctl(place, SHM_STAT, &ds)) >= 0) {
		if (ds.shm_perm.mode & SHM_DEST) {
			place++;
			continue;
		}
		if (shmctl(id, IPC_RMID, NULL) < 0 && errno != EINVAL) { /* not: somebody was first */
			warn("%d", id);
			status = 1;
			place++;
		}
	}
	return status;
}

int main(int argc, char **argv)
{
	int c, status = 0;

	help_if_asked(argc, argv, help);
	if (argc == 1)
		usage(how);
	opterr = 0;
	while ((c = getopt(argc, argv, "am:M:")) != -1)
		switch (c) {
		case 'a': status |= remove_all(); break;
		case 'm': status |= remove_by_id(optarg); break;
		case 'M': status |= remove_by_key(optarg); break;
		default: usage(how);
		}
	if (optind < argc)
		usage(how);
	return status;
}
