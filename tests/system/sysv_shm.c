// System V shared memory with the numbers, structs and errors of Linux/i386: by its own calls and by ipc(); who is
// attached, when a segment goes, what may be done with it, and what /proc and maps say of it.
// suite: shm
// cpus: 1 4
// kernels: debug release
#include "_shm.h"

enum { KEY = 0x1234, SIZE = 5 * PAGE, BIG = 16 * MIB, RW = PROT_READ | PROT_WRITE, NR_IPC = 117, GONE = 1 << 30 };

#define P(pointer) ((uint32_t)(uintptr_t)(pointer))
#define NOT_ATTACHED ((void *)-1)

static int id;
static char *p;

static void removed(int which)
{
	TRY(shmctl(which, IPC_RMID, NULL));
}

static int segments(void)
{
	struct shm_info info;

	TRY(shmctl(0, SHM_INFO, (void *)&info));
	return info.used_ids;
}

/* ---- shmget ---- */

static void found_by_key(void)
{
	int other;

	CHECK_ERR(shmget(KEY, SIZE, 0600), ENOENT);
	id = segment(KEY, SIZE, IPC_CREAT | IPC_EXCL | 0640);
	CHECK_EQ(shmget(KEY, SIZE, 0), id);
	CHECK_EQ(shmget(KEY, 1, 0), id);
	CHECK_EQ(shmget(KEY, 0, 0), id);
	CHECK_EQ(shmget(KEY, SIZE, IPC_CREAT | 0600), id);
	CHECK_EQ(shmget(KEY, 0, IPC_EXCL), id); /* means nothing alone */
	CHECK_ERR(shmget(KEY, SIZE, IPC_CREAT | IPC_EXCL | 0600), EEXIST);
	CHECK_ERR(shmget(KEY, SIZE + 1, 0), EINVAL);
	CHECK_ERR(shmget(KEY, SIZE + 1, IPC_CREAT), EINVAL);
	CHECK_ERR(shmget(KEY, SIZE + 1, IPC_CREAT | IPC_EXCL), EEXIST);
	other = segment(-KEY, 1, IPC_CREAT | 0600);
	CHECK(other != id);
	removed(id);
	CHECK_ERR(shmget(KEY, SIZE, 0600), ENOENT);
	CHECK_EQ(shmget(-KEY, 1, 0), other);
	removed(other);
	CHECK_ERR(shmctl(other, IPC_STAT, (void *)&other), EINVAL);
	CHECK(segment(KEY, SIZE, IPC_CREAT | 0600) != id); /* the number is not used again at once */
	removed(shmget(KEY, 0, 0));
}

static void private_is_always_new(void)
{
	int a = segment(IPC_PRIVATE, 1, 0600), b = segment(IPC_PRIVATE, 1, IPC_CREAT | IPC_EXCL | 0600);

	CHECK(a != b && segments() == 2);
	removed(a);
	removed(b);
	CHECK_ERR(shmget(IPC_PRIVATE, 0, 0600), EINVAL);
	CHECK_ERR(shmget(IPC_PRIVATE, 0x80000001, 0600), EINVAL);
	CHECK_ERR(shmget(IPC_PRIVATE, 0xffffffff, 0600), EINVAL);
	CHECK_ERR(shmget(IPC_PRIVATE, 0x80000000, 0600), ENOSPC);
	CHECK_ERR(shmget(IPC_PRIVATE, PAGE, SHM_HUGETLB | 0600), EINVAL);
	CHECK_ERR(shmget(KEY, 0, IPC_CREAT | 0600), EINVAL);
	CHECK_EQ(segments(), 0);
}

static void keys_of_files(void)
{
	key_t a = ftok("/README", 'a'), b = ftok("/README", 'b'), c = ftok("/bin", 'a');

	CHECK(a != -1 && a != b && a != c && a == ftok("/README", 'a' + 256));
	CHECK_ERR(ftok("/nothing", 'a'), ENOENT);
}

/* ---- shmat and shmdt ---- */

static void attaches(void)
{
	char *q = attach(id, 0);

	CHECK(q != p && p[SIZE - 1] == 'p' && q[SIZE - 1] == 'p');
	q[PAGE] = 'q';
	CHECK_EQ(p[PAGE], 'q');
	TRY(shmdt(q));
	CHECK_EQ(p[PAGE], 'q');
	CHECK_EQ(status_of(id).shm_nattch, 2);
}

/* Knows the id and nothing else. */
static void stranger(void)
{
	TRY(shmdt(p));
	p = attach(id, 0);
	CHECK_EQ(p[PAGE], 'q');
	p[2 * PAGE] = 's';
}

static void shared_by_all(void)
{
	id = segment(KEY, SIZE - 100, IPC_CREAT | 0600);
	p = attach(id, 0);
	for (int i = 0; i < SIZE; i += PAGE)
		CHECK(p[i] == 0 && p[i + PAGE - 1] == 0);
	p[SIZE - 1] = 'p'; /* whole pages */
	CHECK_END(attaches, 0);
	CHECK_END(stranger, 0);
	CHECK(p[PAGE] == 'q' && p[2 * PAGE] == 's');
	TRY(shmdt(p));
	CHECK_EQ(end_of_read(p), -SIGSEGV);
	CHECK_ERR(shmdt(p), EINVAL);
	p = attach(id, 0); /* it has been there with nobody attached */
	CHECK(p[PAGE] == 'q' && p[SIZE - 1] == 'p');
	TRY(shmdt(p));
	removed(id);
}

static void addresses(void)
{
	char *room = mmap(NULL, 20 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(room != MAP_FAILED);
	id = segment(IPC_PRIVATE, SIZE, 0600);
	room[10 * PAGE] = 'r';
	CHECK_ERR(shmat(id, room, 0), EINVAL); /* taken */
	CHECK_ERR(shmat(id, room + 19 * PAGE, 0), EINVAL);
	CHECK_ERR(shmat(id, room + 1, SHM_REMAP), EINVAL);
	CHECK_ERR(shmat(id, NULL, SHM_REMAP), EINVAL);
	CHECK_ERR(shmat(id, (void *)100, SHM_RND | SHM_REMAP), EINVAL);
	CHECK_ERR(shmat(id, (void *)100, SHM_RND), EINVAL);
	CHECK_ERR(shmat(id, (void *)KERNEL_BASE, 0), ENOMEM);
	CHECK_ERR(shmat(id, (void *)(KERNEL_BASE - PAGE), 0), ENOMEM);
	CHECK_ERR(shmat(id, (void *)0xfffff000, 0), ENOMEM);
	CHECK_EQ(room[10 * PAGE], 'r');
	CHECK_EQ(status_of(id).shm_nattch, 0);
	p = shmat(id, room + 8 * PAGE + 77, SHM_REMAP | SHM_RND);
	CHECK(p == room + 8 * PAGE && p[2 * PAGE] == 0 && room[10 * PAGE] == 0);
	room[13 * PAGE] = 'r'; /* what lies around it is as it was */
	TRY(munmap(room, 8 * PAGE));
	CHECK(shmat(id, room, 0) == room);
	CHECK(shmat(id, room + SIZE, 0) == NOT_ATTACHED); /* overlaps by two pages */
	CHECK_EQ(status_of(id).shm_nattch, 2);
	TRY(shmdt(room));
	TRY(shmdt(p));
	CHECK_EQ(room[13 * PAGE], 'r');
	CHECK_ERR(shmdt(room + 13 * PAGE), EINVAL); /* a mapping, but no segment */
	TRY(munmap(room, 20 * PAGE));
	removed(id);
}

static void wrong_ids(void)
{
	static const int wrong[] = {-1, INT_MIN, INT_MAX, GONE};
	struct shmid_ds ds;

	for (int i = 0; i < COUNT(wrong); i++) {
		CHECK_ERR(shmat(wrong[i], NULL, 0), EINVAL);
		CHECK_ERR(shmctl(wrong[i], IPC_STAT, &ds), EINVAL);
		CHECK_ERR(shmctl(wrong[i], SHM_STAT, &ds), EINVAL);
		CHECK_ERR(shmctl(wrong[i], IPC_RMID, NULL), EINVAL);
		CHECK_ERR(shmctl(wrong[i], SHM_LOCK, NULL), EINVAL);
		CHECK_ERR(shmctl(wrong[i], IPC_SET, &ds), EINVAL);
	}
	CHECK_ERR(shmdt(NULL), EINVAL);
	CHECK_ERR(shmdt((void *)1), EINVAL);
	CHECK_ERR(shmdt((void *)KERNEL_BASE), EINVAL);
	CHECK_ERR(shmdt((void *)0xfffff000), EINVAL);
	CHECK_ERR(shmctl(-1, IPC_INFO, &ds), EINVAL);
}

/* Two attachments side by side, pieces of them unmapped: shmdt takes what is left of the one, and of no other. */
static void pieces(void)
{
	char *room = mmap(NULL, 10 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	id = segment(IPC_PRIVATE, SIZE, 0600);
	CHECK(shmat(id, room, SHM_REMAP) == room);
	CHECK(shmat(id, room + SIZE, SHM_REMAP) == room + SIZE);
	CHECK_EQ(status_of(id).shm_nattch, 2);
	room[4 * PAGE] = 'x';
	TRY(munmap(room, PAGE));
	TRY(munmap(room + 2 * PAGE, PAGE)); /* a hole makes two of it */
	CHECK_EQ(status_of(id).shm_nattch, 3);
	CHECK_ERR(shmdt(room + PAGE), EINVAL);
	TRY(shmdt(room));
	CHECK_EQ(status_of(id).shm_nattch, 1);
	CHECK_EQ(end_of_read(room + PAGE), -SIGSEGV);
	CHECK_EQ(end_of_read(room + 4 * PAGE), -SIGSEGV);
	CHECK_EQ(room[SIZE + 4 * PAGE], 'x');
	TRY(mprotect(room + SIZE + PAGE, PAGE, PROT_READ));
	CHECK_EQ(status_of(id).shm_nattch, 3);
	TRY(mprotect(room + SIZE + PAGE, PAGE, RW));
	CHECK_EQ(status_of(id).shm_nattch, 1);
	p = mremap(room + SIZE, SIZE, SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, room);
	CHECK(p == room && status_of(id).shm_nattch == 1 && p[4 * PAGE] == 'x');
	TRY(munmap(p, SIZE));
	CHECK_EQ(status_of(id).shm_nattch, 0);
	removed(id);
}

static void read_only(void)
{
	int fds[2];
	char *q;

	id = segment(IPC_PRIVATE, SIZE, 0600);
	p = attach(id, 0);
	q = attach(id, SHM_RDONLY);
	check_region(p, "rw-s", "/SYSV00000000 (deleted)");
	check_region(q, "r--s", "/SYSV00000000 (deleted)");
	CHECK_EQ(q[0], 0);
	p[0] = 'p';
	CHECK_EQ(q[0], 'p');
	CHECK_EQ(end_of_write(q), -SIGSEGV);
	CHECK_EQ(end_of_write(q + PAGE), -SIGSEGV); /* not there yet */
	CHECK_ERR(mprotect(q, SIZE, RW), EACCES);
	TRY(pipe(fds));
	CHECK_EQ(write(fds[1], "w", 1), 1);
	CHECK_ERR(read(fds[0], q, 1), EFAULT);
	CHECK_EQ(read(fds[0], p + PAGE, 1), 1);
	CHECK(q[PAGE] == 'w' && q[0] == 'p');
	close(fds[0]);
	close(fds[1]);
	TRY(shmdt(q));
	q = attach(id, SHM_EXEC);
	check_region(q, "rwxs", "/SYSV00000000 (deleted)");
	TRY(shmdt(q));
	TRY(shmdt(p));
	removed(id);
}

/* ---- who keeps it ---- */

static void inherits(void)
{
	CHECK_EQ(status_of(id).shm_nattch, 2);
	CHECK_EQ(p[0], 'p');
	p[1] = 'c';
	TRY(shmdt(p));
	CHECK_EQ(status_of(id).shm_nattch, 1);
}

static void execs(void)
{
	char *argv[] = {"true", NULL};

	execv("/bin/true", argv);
	_exit(99);
}

static void is_killed(void)
{
	raise(SIGKILL);
}

static void fork_exec_exit(void)
{
	id = segment(KEY, SIZE, IPC_CREAT | 0600);
	p = attach(id, 0);
	p[0] = 'p';
	CHECK_END(inherits, 0);
	CHECK_END(execs, 0);
	CHECK_END(is_killed, -SIGKILL);
	CHECK_EQ(status_of(id).shm_nattch, 1);
	CHECK_EQ(p[1], 'c');
	TRY(shmdt(p));
	CHECK_EQ(status_of(id).shm_nattch, 0);
	removed(id);
}

static void attaches_what_is_removed(void)
{
	char *q = attach(id, 0);

	CHECK(q[0] == 'x' && (status_of(id).shm_perm.mode & SHM_DEST));
	q[1] = 'y';
}

static bool rehearsal; /* the first touch of the program's own memory takes pages, too */

static void removed_while_attached(void)
{
	uint32_t before = anon_bytes();
	int again;

	id = segment(KEY, SIZE, IPC_CREAT | 0600);
	p = attach(id, 0);
	p[0] = 'x';
	removed(id);
	removed(id); /* once more is nothing */
	check_region(p, "rw-s", "/SYSV00001234 (deleted)");
	CHECK_EQ(status_of(id).shm_perm.__key, IPC_PRIVATE);
	CHECK_EQ(status_of(id).shm_perm.mode, SHM_DEST | 0600);
	again = segment(KEY, SIZE, IPC_CREAT | IPC_EXCL | 0600);
	CHECK(again != id);
	removed(again);
	CHECK_END(attaches_what_is_removed, 0);
	CHECK(p[0] == 'x' && p[1] == 'y' && anon_bytes() > before);
	TRY(shmdt(p));
	CHECK_ERR(shmat(id, NULL, 0), EINVAL);
	CHECK_EQ(segments(), 0);
	if (!rehearsal)
		CHECK_EQ(anon_bytes(), before);
}

static void exits_attached(void)
{
	int mine = segment(IPC_PRIVATE, SIZE, 0600);

	attach(mine, 0)[0] = 1;
	removed(mine);
}

/* ---- shmctl ---- */

static void stranger_attaches(void)
{
	TRY(shmdt(attach(id, 0)));
}

static void what_is_told(void)
{
	time_t start = time(NULL);
	struct shmid_ds ds;

	id = segment(KEY, SIZE - 1, IPC_CREAT | 0640);
	ds = status_of(id);
	CHECK(ds.shm_perm.__key == KEY && ds.shm_perm.mode == 0640 && ds.shm_segsz == SIZE - 1);
	CHECK(ds.shm_perm.uid == 0 && ds.shm_perm.gid == 0 && ds.shm_perm.cuid == 0 && ds.shm_perm.cgid == 0);
	CHECK(ds.shm_cpid == getpid() && ds.shm_lpid == 0 && ds.shm_nattch == 0);
	CHECK(ds.shm_atime == 0 && ds.shm_dtime == 0 && ds.shm_ctime >= start - 1 && ds.shm_ctime <= time(NULL));
	CHECK(ds.__atime_high == 0 && ds.__dtime_high == 0 && ds.__ctime_high == 0);
	CHECK_END(stranger_attaches, 0);
	ds = status_of(id);
	CHECK(ds.shm_lpid != 0 && ds.shm_lpid != getpid() && ds.shm_cpid == getpid());
	CHECK(ds.shm_atime >= ds.shm_ctime && ds.shm_dtime >= ds.shm_atime);
	p = attach(id, 0);
	ds = status_of(id);
	CHECK(ds.shm_lpid == getpid() && ds.shm_nattch == 1);
	TRY(shmdt(p));
	ds.shm_perm.mode = 07777 & ~0170;
	ds.shm_perm.uid = 70000;
	ds.shm_perm.gid = 80000;
	ds.shm_segsz = 1;
	TRY(shmctl(id, IPC_SET, &ds));
	ds = status_of(id);
	CHECK(ds.shm_perm.mode == 0607 && ds.shm_perm.uid == 70000 && ds.shm_perm.gid == 80000);
	CHECK(ds.shm_segsz == SIZE - 1 && ds.shm_perm.cuid == 0);
	TRY(shmctl(id, SHM_LOCK, NULL));
	CHECK_EQ(status_of(id).shm_perm.mode, SHM_LOCKED | 0607);
	TRY(shmctl(id, SHM_UNLOCK, NULL));
	CHECK_EQ(status_of(id).shm_perm.mode, 0607);
	CHECK_ERR(shmctl(id, 77, &ds), EINVAL);
	CHECK_ERR(shmctl(id, ABI_IPC_64 | IPC_STAT, &ds), EINVAL); /* that is ipc()'s */
	CHECK_ERR(shmctl(id, IPC_STAT, NULL), EFAULT);
	CHECK_ERR(shmctl(id, IPC_SET, (void *)KERNEL_BASE), EFAULT);
	CHECK_ERR(shmctl(0, IPC_INFO, NULL), EFAULT);
	CHECK_ERR(shmctl(0, SHM_INFO, (void *)1), EFAULT);
	removed(id);
}

static void all_together(void)
{
	int ids[10], place;
	struct shmid_ds ds;
	struct shminfo limits;
	struct shm_info info;

	CHECK_EQ(shmctl(0, SHM_INFO, (void *)&info), 0);
	for (int i = 0; i < COUNT(ids); i++)
		ids[i] = segment(IPC_PRIVATE, (size_t)(i + 1) * PAGE, 0600);
	p = attach(ids[9], 0);
	p[0] = p[9 * PAGE] = 1;
	CHECK_EQ(shmctl(0, SHM_INFO, (void *)&info), 9);
	CHECK(info.used_ids == 10 && info.shm_tot == 55 && info.shm_rss == 2 && info.shm_swp == 0);
	CHECK_EQ(shmctl(0, IPC_INFO, (void *)&limits), 9);
	CHECK(limits.shmmax == KERNEL_BASE && limits.shmmin == 1 && limits.shmall > 0);
	for (place = 0; shmctl(place, SHM_STAT, &ds) >= 0; place++) {
		CHECK_EQ(shmctl(place, SHM_STAT, &ds), ids[place]);
		CHECK_EQ(shmctl(place, SHM_STAT_ANY, &ds), ids[place]);
		CHECK_EQ(ds.shm_segsz, (place + 1) * PAGE);
	}
	CHECK_EQ(place, 10);
	TRY(shmdt(p));
	for (int i = 0; i < COUNT(ids); i++)
		removed(ids[i]);
}

/* ---- ipc() ---- */

static void the_one_call(void)
{
	struct abi_shmid64_ds now;
	struct abi_shmid_ds old;
	uint32_t at = 0;

	id = TRAP(NR_IPC, ABI_IPC_SHMGET, KEY, SIZE, IPC_CREAT | 0600);
	CHECK_EQ(shmget(KEY, 0, 0), id);
	CHECK_EQ(TRAP(NR_IPC, ABI_IPC_SHMGET, KEY, SIZE, IPC_CREAT | IPC_EXCL), -EEXIST);
	CHECK_EQ(TRAP(NR_IPC, ABI_IPC_SHMAT, (uint32_t)id, 0, P(&at), 0), 0);
	p = (char *)(uintptr_t)at;
	p[SIZE - 1] = 1;
	CHECK_EQ(TRAP(NR_IPC, ABI_IPC_SHMAT, (uint32_t)id, 0, 0, 0), -EFAULT);
	CHECK_EQ(TRAP(NR_IPC, ABI_IPC_SHMAT, (uint32_t)id, 0, KERNEL_BASE, 0), -EFAULT);
	CHECK_EQ(TRAP(NR_IPC, ABI_IPC_SHMAT, (uint32_t)id, 0, P(&at), P(p)), -EINVAL);
	CHECK_EQ(TRAP(NR_IPC, 1u << 16 | ABI_IPC_SHMAT, (uint32_t)id, 0, P(&at), 0), -EINVAL);
	CHECK_EQ(at, P(p));
	CHECK_EQ(TRAP(NR_IPC, ABI_IPC_SHMCTL, (uint32_t)id, ABI_IPC_64 | IPC_STAT, 0, P(&now)), 0);
	CHECK(now.perm.key == KEY && now.segsz == SIZE && now.nattch == 1 && now.cpid == getpid());
	memset(&old, 0x5a, sizeof old);
	CHECK_EQ(TRAP(NR_IPC, ABI_IPC_SHMCTL, (uint32_t)id, IPC_STAT, 0, P(&old)), 0);
	CHECK(old.perm.key == KEY && old.segsz == SIZE && old.nattch == 1 && old.cpid == getpid());
	CHECK(old.perm.mode == 0600 && old.atime == (int32_t)now.atime && old.unused3 == 0);
	old.perm.mode = 0444;
	CHECK_EQ(TRAP(NR_IPC, ABI_IPC_SHMCTL, (uint32_t)id, IPC_SET, 0, P(&old)), 0);
	CHECK_EQ(status_of(id).shm_perm.mode, 0444);
	CHECK_EQ(TRAP(NR_IPC, ABI_IPC_SHMCTL, (uint32_t)id, IPC_STAT, 0, 0), -EFAULT);
	CHECK_EQ(TRAP(NR_IPC, ABI_IPC_SHMDT, 0, 0, 0, P(p)), 0);
	CHECK_EQ(TRAP(NR_IPC, ABI_IPC_SHMDT, 0, 0, 0, P(p)), -EINVAL);
	CHECK_EQ(TRAP(NR_IPC, ABI_IPC_SHMCTL, (uint32_t)id, ABI_IPC_64 | IPC_RMID, 0, 0), 0);
	CHECK_EQ(TRAP(NR_IPC, ABI_IPC_SHMCTL, (uint32_t)id, IPC_RMID, 0, 0), -EINVAL);
	CHECK_EQ(TRAP(NR_IPC, 2, 1, 1, 0600), -ENOSYS); /* semget */
	CHECK_EQ(TRAP(NR_IPC, 13, 1, 0600), -ENOSYS);   /* msgget */
	CHECK_EQ(TRAP(NR_IPC, 0xffff), -ENOSYS);
}

/* ---- /proc/sysvipc/shm ---- */

static void lines_of_proc(void)
{
	char line[300], *end;
	struct shmid_ds ds;
	const char *text;
	struct stat st;

	id = segment(KEY, SIZE - 7, IPC_CREAT | 0640);
	p = attach(id, 0);
	p[0] = p[2 * PAGE] = 1;
	ds = status_of(id);
	snprintf(line, sizeof line, "%10d %10d  %4o %10u %5u %5u  %5u %5u %5u %5u %5u %10u %10u %10u %10u %10u\n", KEY,
	         id, 0640, SIZE - 7, getpid(), getpid(), 1, 0, 0, 0, 0, (unsigned)ds.shm_atime, 0,
	         (unsigned)ds.shm_ctime, 2 * PAGE, 0);
	text = text_of("/proc/sysvipc/shm");
	end = strchr(text, '\n') + 1;
	CHECK(strncmp(text,
	              "       key      shmid perms       size  cpid  lpid nattch   uid   gid  cuid  cgid"
	              "      atime      dtime      ctime        rss       swap\n",
	              (size_t)(end - text)) == 0);
	CHECK_STRING(end, line);
	TRY(shmdt(p));
	removed(id);
	CHECK_EQ(stat("/proc/sysvipc", &st), 0);
	CHECK(S_ISDIR(st.st_mode));
	CHECK_ERR(open("/proc/sysvipc/nothing", O_RDONLY), ENOENT);
	CHECK_EQ(chdir("/proc/sysvipc"), 0);
	CHECK_EQ(stat("../sysvipc/shm", &st), 0);
	CHECK_EQ(chdir("/"), 0);
}

/* More than one piece of a file of /proc. */
static void many_lines(void)
{
	int first = segment(IPC_PRIVATE, 1, 0600), lines = -1;

	for (int i = 1; i < 300; i++)
		segment(IPC_PRIVATE, 1, 0600);
	for (const char *at = text_of("/proc/sysvipc/shm"); (at = strchr(at, '\n')) != NULL; at++)
		lines++;
	CHECK_EQ(lines, 300);
	for (int i = 0; i < 300; i++)
		removed(first + i);
}

/* ---- lazy ---- */

static void checks_the_last_page(void)
{
	CHECK_EQ(p[BIG - 1], 'x');
	p[BIG / 2] = 'c';
}

static void large_and_lazy(void)
{
	uint32_t before = anon_bytes();

	id = segment(IPC_PRIVATE, BIG, 0600);
	p = attach(id, 0);
	CHECK_EQ(anon_bytes(), before);
	p[BIG - 1] = 'x';
	CHECK_EQ(anon_bytes() - before, 3 * PAGE); /* and two nodes */
	CHECK_END(checks_the_last_page, 0);
	CHECK_EQ(p[BIG / 2], 'c');
	for (int i = 0; i < BIG; i += PAGE)
		p[i]++;
	CHECK_EQ(anon_bytes() - before, BIG + 5 * PAGE); /* four nodes of pages, and theirs */
	CHECK_EQ(audit_fails(), 0);
	TRY(shmdt(p));
	CHECK_EQ(anon_bytes() - before, BIG + 5 * PAGE);
	removed(id);
	CHECK_EQ(anon_bytes(), before);
}

static void body(void)
{
	CHECK_EQ(segments(), 0);
	found_by_key();
	private_is_always_new();
	keys_of_files();
	shared_by_all();
	addresses();
	wrong_ids();
	pieces();
	read_only();
	fork_exec_exit();
	rehearsal = true;
	removed_while_attached();
	rehearsal = false;
	removed_while_attached();
	CHECK_END(exits_attached, 0);
	what_is_told();
	all_together();
	the_one_call();
	lines_of_proc();
	many_lines();
	large_and_lazy();
	CHECK_EQ(segments(), 0);
	exits_attached();
	CHECK_EQ(segments(), 1);
}

int main(void)
{
	return test_run(body);
}
