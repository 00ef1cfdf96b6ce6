/* What there is of System V's shared memory. */
#include <err.h>
#include <stdbool.h>
#include <sys/shm.h>
#include <time.h>
#include <unistd.h>

#include "tool.h"

static const char how[] = "ipcs [-m] [-c|-l|-p|-t|-u]";
static const char help[] =
	"usage: ipcs [-m] [-c|-l|-p|-t|-u]\n"
	"List the segments of shared memory: key, id, owner, rights, size in bytes, how often attached.\n"
	"  -m  shared memory, the only kind there is\n"
	"  -c  who made and who owns them\n"
	"  -l  limits\n"
	"  -p  the processes that made them and used them last\n"
	"  -t  when they were attached, detached and changed last\n"
	"  -u  how much all of them take\n";

enum { KIB_PER_PAGE = 4 };

static void list_one(int id, const struct shmid_ds *ds)
{
	printf("0x%08x %-10d %-10u %-10o %-10lu %-10lu %s%s\n", (unsigned)ds->shm_perm.__key, id, ds->shm_perm.uid,
	       ds->shm_perm.mode & 0777u, (unsigned long)ds->shm_segsz, ds->shm_nattch,
	       ds->shm_perm.mode & SHM_DEST ? "dest " : "", ds->shm_perm.mode & SHM_LOCKED ? "locked" : "");
}

static void list_owners(int id, const struct shmid_ds *ds)
{
	printf("%-10d %-10o %-10u %-10u %-10u %-10u\n", id, ds->shm_perm.mode & 0777u, ds->shm_perm.cuid,
	       ds->shm_perm.cgid, ds->shm_perm.uid, ds->shm_perm.gid);
}

static void list_processes(int id, const struct shmid_ds *ds)
{
	printf("%-10d %-10u %-10d %-10d\n", id, ds->shm_perm.uid, (int)ds->shm_cpid, (int)ds->shm_lpid);
}

static const char *time_text(time_t t, char *text, size_t size)
{
	if (t == 0 || strftime(text, size, "%b %d %H:%M:%S", localtime(&t)) == 0)
		snprintf(text, size, "Not set");
	return text;
}

static void list_times(int id, const struct shmid_ds *ds)
{
	char a[24], d[24], c[24];

	printf("%-10d %-10u %-20s %-20s %-20s\n", id, ds->shm_perm.uid, time_text(ds->shm_atime, a, sizeof a),
	       time_text(ds->shm_dtime, d, sizeof d), time_text(ds->shm_ctime, c, sizeof c));
}

static const struct view {
	char option;
	const char *title, *columns;
	void (*list)(int id, const struct shmid_ds *ds);
} views[] = {
	{'m', "Shared Memory Segments", "key        shmid      owner      perms      bytes      nattch     status",
         list_one},
	{'c', "Shared Memory Segment Creators/Owners", "shmid      perms      cuid       cgid       uid        gid",
         list_owners},
	{'p', "Shared Memory Creator/Last-op PIDs", "shmid      owner      cpid       lpid", list_processes},
	{'t', "Shared Memory Attach/Detach/Change Times",
         "shmid      owner      attached             detached             changed", list_times},
};

static void list_all(const struct view *v)
{
	struct shmid_ds ds;
	int id;

	printf("\n------ %s --------\n%s\n", v->title, v->columns);
	for (int place = 0; (id = shmctl(place, SHM_STAT, &ds)) >= 0; place++)
		v->list(id, &ds);
	putchar('\n');
}

static void list_limits(void)
{
	struct shminfo info;

	if (shmctl(0, IPC_INFO, (void *)&info) < 0)
		err(1, "IPC_INFO");
	printf("\n------ Shared Memory Limits --------\nmax number of segments = %lu\nmax seg size (kbytes) = %lu\n"
	       "max total shared memory (kbytes) = %lu\nmin seg size (bytes) = %lu\n\n",
	       (unsigned long)info.shmmni, (unsigned long)info.shmmax / 1024, (unsigned long)info.shmall * KIB_PER_PAGE,
	       (unsigned long)info.shmmin);
}

static void list_use(void)
{
	struct shm_info info;

	if (shmctl(0, SHM_INFO, (void *)&info) < 0)
		err(1, "SHM_INFO");
	printf("\n------ Shared Memory Status --------\nsegments allocated %d\npages allocated %lu\npages resident  "
	       "%lu\n"
	       "pages swapped   %lu\n\n",
	       info.used_ids, (unsigned long)info.shm_tot, (unsigned long)info.shm_rss, (unsigned long)info.shm_swp);
}

static void show(char what)
{
	if (what == 'l')
		list_limits();
	if (what == 'u')
		list_use();
	for (unsigned i = 0; i < sizeof views / sizeof views[0]; i++)
		if (views[i].option == what)
			list_all(&views[i]);
}

int main(int argc, char **argv)
{
	char what = 'm';
	int c;

	help_if_asked(argc, argv, help);
	opterr = 0;
	while ((c = getopt(argc, argv, "mclptu")) != -1) {
		if (c == '?')
			usage(how);
		if (c != 'm')
			what = (char)c;
	}
	if (optind < argc)
		usage(how);
	show(what);
	return finish(0);
}
