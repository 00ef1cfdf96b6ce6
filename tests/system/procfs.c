// /proc: names, links and the formats of its files, field by field.
// cpus: 1 4
// kernels: debug release
// suite: lazy
// timeout: 120
#include <dirent.h>
#include <sys/utsname.h>

#include "_procfs.h"

enum { SYS_GETDENTS64 = 220, MANY = 600, BIG_ARGS = 300, ARG_BYTES = 60 };
#define PROGRAM "/bin/procfs"

static char *self_path;

/* ---- the machine ---- */

static void the_memory_adds_up(void)
{
	static const char *const names[] = {
		"MemTotal",     "MemFree",    "MemAvailable", "Buffers",    "Cached",      "SwapCached",   "SwapTotal",
		"SwapFree",     "Dirty",      "Writeback",    "AnonPages",  "Mapped",      "Shmem",        "Slab",
		"SReclaimable", "SUnreclaim", "KernelStack",  "PageTables", "CommitLimit", "Committed_AS",
	};
	const char *p = room;

	slurp("/proc/meminfo");
	for (int i = 0; i < COUNT(names); i++) {
		const char *line = p;

		p = expect(p, names[i]);
		p = expect(p, ":");
		while (*p == ' ')
			p++;
		number(&p);
		p = expect(p, " kB\n");
		CHECK_EQ(p - line, 28); /* name and number in columns of 16 and 8 */
	}
	CHECK_STRING(p, "");
	CHECK(meminfo("MemFree") < meminfo("MemTotal"));
	CHECK(meminfo("MemAvailable") >= meminfo("MemFree") && meminfo("MemAvailable") < meminfo("MemTotal"));
	CHECK_EQ(meminfo("Slab"), meminfo("SReclaimable") + meminfo("SUnreclaim"));
	CHECK(meminfo("Mapped") > 0 && meminfo("Mapped") <= meminfo("Cached") + meminfo("Buffers"));
	CHECK(meminfo("MemFree") + meminfo("AnonPages") + meminfo("Shmem") + meminfo("Slab") + meminfo("PageTables") +
	              meminfo("Cached") + meminfo("Buffers") <=
	      meminfo("MemTotal"));
	CHECK(meminfo("AnonPages") > 0 && meminfo("PageTables") >= 8 && meminfo("KernelStack") >= 8);
}

static void the_counters_have_names(void)
{
	const char *p = room;

	slurp("/proc/vmstat");
	expect(p, "nr_free_pages ");
	while (*p) {
		while (islower((unsigned char)*p) || *p == '_')
			p++;
		p = expect(p, " ");
		number(&p);
		p = expect(p, "\n");
	}
	CHECK(vmstat("pgfault") > 0 && vmstat("fault_file") > 0 && vmstat("oom_kill") == 0);
	CHECK_EQ(vmstat("fault_out_of_memory"), 0);
}

static void the_time_is_told(void)
{
	long long before = now_us() / 10000, seconds, parts;
	struct abi_kstat k;
	const char *p = room;

	slurp("/proc/uptime");
	seconds = (long long)number(&p);
	p = expect(p, ".");
	parts = (long long)number(&p);
	CHECK(seconds * 100 + parts >= before && seconds * 100 + parts <= now_us() / 10000);
	p = expect(p, " ");
	number(&p);
	p = expect(p, ".");
	number(&p);
	CHECK_STRING(p, "\n");
	slurp("/proc/loadavg");
	p = room;
	for (int i = 0; i < 3; i++) {
		number(&p);
		p = expect(p, ".");
		CHECK(isdigit((unsigned char)p[0]) && isdigit((unsigned char)p[1]));
		p = expect(p + 2, " ");
	}
	CHECK(number(&p) >= 1);
	p = expect(p, "/");
	CHECK(kstat(&k, sizeof k) > 0);
	CHECK_EQ(number(&p), k.nthreads);
	p = expect(p, " ");
	CHECK(number(&p) >= (unsigned)getpid());
	CHECK_STRING(p, "\n");
}

static void the_cpus_are_counted(void)
{
	struct abi_kstat k;
	const char *p = room;
	time_t now = time(NULL);
	char name[8];

	CHECK(kstat(&k, sizeof k) > 0);
	slurp("/proc/stat");
	for (int cpu = -1; cpu < (int)k.ncpus; cpu++) {
		snprintf(name, sizeof name, cpu < 0 ? "cpu " : "cpu%d", cpu);
		p = expect(p, name);
		for (int i = 0; i < 10; i++) {
			p = expect(p, " ");
			number(&p);
		}
		p = expect(p, "\n");
	}
	p = expect(p, "ctxt ");
	CHECK(number(&p) > 0);
	p = expect(p, "\nbtime ");
	CHECK(number(&p) + 200 >= (unsigned long long)now);
	p = expect(p, "\nprocesses ");
	CHECK(number(&p) >= (unsigned)getpid());
	p = expect(p, "\nprocs_running ");
	CHECK(number(&p) >= 1);
	p = expect(p, "\nprocs_blocked ");
	number(&p);
	CHECK_STRING(p, "\n");
}

static void the_rest_of_the_machine(void)
{
	struct utsname u;
	char want[300];
	const char *p = room;

	CHECK_EQ(uname(&u), 0);
	snprintf(want, sizeof want, "%s version %s (%s) %s\n", u.sysname, u.release, u.version, u.machine);
	slurp("/proc/version");
	CHECK_STRING(room, want);
	slurp("/proc/mounts");
	CHECK_STRING(room, "/dev/hda / dmfs rw 0 0\ndevfs /dev devfs rw 0 0\nproc /proc proc ro 0 0\n");
	slurp("/proc/filesystems");
	CHECK_STRING(room, "nodev\tproc\nnodev\tdevfs\n\tdmfs\n");
	slurp("/proc/cmdline");
	CHECK(strstr(room, "run=\"procfs") && room[strlen(room) - 1] == '\n');
	slurp("/proc/cpuinfo");
	expect(room, "processor\t: 0\n");
	slurp_steps("/proc/slabinfo", 100);
	p = expect(room, "slabinfo - version: 2.1\n# name            <active_objs> <num_objs> <objsize> ");
	for (p = strchr(p, '\n') + 1; *p;) {
		unsigned live, all, size, per, pages, slabs, used;
		char name[32];
		int n = 0;

		CHECK_EQ(sscanf(p, "%31s %u %u %u %u %u : tunables 0 0 0 : slabdata %u %u 0%n", name, &live, &all,
		                &size, &per, &pages, &slabs, &used, &n),
		         8);
		CHECK(pages == 1 && live <= all && all == slabs * per && per * size <= PAGE);
		p = expect(p + n, "\n");
	}
}

/* ---- names ---- */

/* Does the directory of PATH have NAME?  Its number in *INO. */
static bool directory_has(const char *path, const char *name, unsigned long long *ino)
{
	DIR *d = opendir(path);
	struct dirent *e;
	bool found = false;

	CHECK(d != NULL);
	while ((e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, name) != 0)
			continue;
		CHECK(!found);
		found = true;
		*ino = e->d_ino;
	}
	closedir(d);
	return found;
}

static void check_name(const char *directory, const char *name, unsigned type)
{
	char path[80];
	unsigned long long ino = 0;
	struct stat st;

	snprintf(path, sizeof path, "%s/%s", directory, name);
	CHECK(directory_has(directory, name, &ino));
	CHECK_EQ(lstat(path, &st), 0);
	CHECK_EQ(st.st_ino, ino);
	CHECK_EQ(st.st_mode & S_IFMT, type);
	CHECK(st.st_nlink > 0 && st.st_size == 0 && (st.st_mode & 0222 & (type == S_IFLNK ? 0 : 07777)) == 0);
}

static void names_are_there(void)
{
	static const char *const machine[] = {"cmdline", "cpuinfo", "filesystems", "kpagecount", "kpageflags",
	                                      "loadavg", "meminfo", "mounts",      "slabinfo",   "stat",
	                                      "uptime",  "version", "vmstat"};
	static const char *const files[] = {"cmdline", "comm",  "environ", "maps",  "mounts",
	                                    "pagemap", "smaps", "stat",    "statm", "status"};
	static const char *const links[] = {"cwd", "exe", "root"};
	char own[32];

	for (int i = 0; i < COUNT(machine); i++)
		check_name("/proc", machine[i], S_IFREG);
	check_name("/proc", "self", S_IFLNK);
	check_name("/proc", "sysvipc", S_IFDIR);
	check_name("/proc/sysvipc", "shm", S_IFREG);
	snprintf(own, sizeof own, "%d", getpid());
	check_name("/proc", own, S_IFDIR);
	for (int i = 0; i < COUNT(files); i++)
		check_name("/proc/self", files[i], S_IFREG);
	for (int i = 0; i < COUNT(links); i++)
		check_name("/proc/self", links[i], S_IFLNK);
	check_name("/proc/self", "fd", S_IFDIR);
	CHECK_ERR(open("/proc/nothing", O_RDONLY), ENOENT);
	CHECK_ERR(open("/proc/99999", O_RDONLY), ENOENT);
	CHECK_ERR(open("/proc/01", O_RDONLY), ENOENT);
	CHECK_ERR(open("/proc/4294967297", O_RDONLY), ENOENT);
	CHECK_ERR(open("/proc/self/fd/77", O_RDONLY), ENOENT);
	CHECK_ERR(open("/proc/meminfo/x", O_RDONLY), ENOTDIR);
}

/* The processes in /proc are those of getprocs. */
static void processes_are_listed(void)
{
	static struct abi_procinfo list[64];
	int n = getprocs(list, sizeof list), found = 0;
	DIR *d = opendir("/proc");
	struct dirent *e;

	CHECK(d != NULL && n > 2 && n < COUNT(list));
	while ((e = readdir(d)) != NULL) {
		const char *p = e->d_name;
		int pid = isdigit((unsigned char)*p) ? (int)number(&p) : 0, i = 0;

		if (pid == 0)
			continue;
		while (i < n && list[i].pid != pid)
			i++;
		CHECK(i < n && *p == '\0');
		found++;
	}
	closedir(d);
	CHECK_EQ(found, n);
}

static void nothing_can_be_written(void)
{
	char own[32];

	snprintf(own, sizeof own, "/proc/%d", getpid());
	CHECK_ERR(open("/proc/meminfo", O_WRONLY), EROFS);
	CHECK_ERR(open("/proc/meminfo", O_RDWR), EROFS);
	CHECK_ERR(open("/proc/meminfo", O_RDONLY | O_TRUNC), EROFS);
	CHECK_ERR(open("/proc/new", O_RDWR | O_CREAT, 0600), EROFS);
	CHECK_ERR(open("/proc/self", O_WRONLY), EISDIR);
	CHECK_ERR(open("/proc", O_RDWR), EISDIR);
	CHECK_ERR(mkdir("/proc/new", 0755), EROFS);
	CHECK_ERR(unlink("/proc/meminfo"), EPERM);
	CHECK_ERR(unlink("/proc/self"), EPERM);
	CHECK_ERR(rmdir(own), EPERM);
	CHECK_ERR(rename("/proc/meminfo", "/proc/stat"), EPERM);
	CHECK_ERR(rename("/proc/meminfo", "/tmp/x"), EXDEV);
	CHECK_ERR(link("/proc/meminfo", "/proc/new"), EPERM);
	CHECK_ERR(truncate("/proc/meminfo", 0), EROFS);
	CHECK_ERR(access("/proc/meminfo", W_OK), EROFS);
	CHECK_EQ(access("/proc/meminfo", R_OK), 0);
	CHECK_ERR(execv("/proc/meminfo", (char *[]){self_path, NULL}), EACCES);
}

/* ---- links ---- */

static void check_link(const char *path, const char *want)
{
	char text[200];
	ssize_t n = readlink(path, text, sizeof text - 1);

	CHECK(n > 0);
	text[n] = '\0';
	CHECK_STRING(text, want);
	n = readlinkat(AT_FDCWD, path, text, 1); /* cut, as all of it does not fit */
	CHECK(n == 1 && text[0] == want[0]);
}

static void same_node(const char *a, const char *b)
{
	struct stat x, y;

	CHECK_EQ(stat(a, &x), 0);
	CHECK_EQ(stat(b, &y), 0);
	CHECK(x.st_dev == y.st_dev && x.st_ino == y.st_ino && x.st_mode == y.st_mode);
}

static void links_lead_there(void)
{
	char text[64], number[16], want[64];
	struct stat st;
	int fd;

	snprintf(number, sizeof number, "%d", getpid());
	check_link("/proc/self", number);
	check_link("/proc/self/exe", PROGRAM);
	check_link("/proc/self/root", "/");
	same_node("/proc/self/exe", PROGRAM);
	same_node("/proc/self/root/bin", "/bin");
	CHECK_EQ(chdir("/tmp"), 0);
	check_link("/proc/self/cwd", "/tmp");
	same_node("/proc/self/cwd", "/tmp");
	CHECK_EQ(chdir("/proc/self/fd/.."), 0);
	snprintf(want, sizeof want, "/proc/%d", getpid());
	CHECK(getcwd(text, sizeof text) != NULL);
	CHECK_STRING(text, want);
	same_node(".", "/proc/self");
	same_node("..", "/proc");
	same_node("../..", "/");
	check_link("cwd", want);
	CHECK_EQ(chdir("/"), 0);
	CHECK_ERR(readlink("/proc/meminfo", text, sizeof text), EINVAL);
	CHECK_ERR(readlink("/proc", text, sizeof text), EINVAL);
	CHECK_ERR(readlink("/README", text, sizeof text), EINVAL);
	CHECK_ERR(readlink("/nothing", text, sizeof text), ENOENT);
	CHECK_ERR(readlink("/proc/self", text, 0), EINVAL);
	CHECK_ERR(readlink("/proc/self/", text, sizeof text), EINVAL);
	CHECK_ERR(open("/proc/self", O_RDONLY | O_NOFOLLOW), ELOOP);
	CHECK_ERR(open("/proc/self", O_RDONLY | O_CREAT | O_EXCL, 0600), EEXIST);
	fd = TRY(open("/proc", O_RDONLY));
	CHECK(readlinkat(fd, "self", text, sizeof text) > 0);
	CHECK_EQ(fstatat(fd, "self", &st, AT_SYMLINK_NOFOLLOW), 0);
	CHECK(S_ISLNK(st.st_mode));
	CHECK_EQ(fstatat(fd, "self", &st, 0), 0);
	CHECK(S_ISDIR(st.st_mode));
	close(fd);
}

static void check_fd(int fd, const char *want)
{
	char path[32];

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	check_link(path, want);
}

static void descriptors_are_links(void)
{
	int fd = TRY(open("/tmp/linked", O_RDWR | O_CREAT | O_TRUNC, 0600)), again, fds[2], dir;
	char path[64], want[32], byte;
	struct stat st, pipe_st;

	CHECK_EQ(write(fd, "abc", 3), 3);
	check_fd(fd, "/tmp/linked");
	snprintf(path, sizeof path, "/proc/%d/fd/%d", getpid(), fd);
	again = TRY(open(path, O_RDWR)); /* another description of the same file */
	CHECK(read(again, &byte, 1) == 1 && byte == 'a');
	CHECK_EQ(close(again), 0);
	CHECK_EQ(rename("/tmp/linked", "/tmp/renamed"), 0);
	check_fd(fd, "/tmp/renamed");
	CHECK_EQ(link("/tmp/renamed", "/tmp/second"), 0);
	CHECK_EQ(unlink("/tmp/renamed"), 0);
	CHECK_EQ(stat("/tmp/second", &st), 0);
	check_fd(fd, "/tmp/second");
	CHECK_EQ(unlink("/tmp/second"), 0);
	check_fd(fd, "(deleted)");
	again = TRY(open(path, O_RDONLY)); /* it has no name, but the link leads to the file itself */
	CHECK(read(again, &byte, 1) == 1 && byte == 'a');
	close(again);
	close(fd);
	CHECK_ERR(stat(path, &st), ENOENT);
	TRY(pipe(fds));
	CHECK_EQ(fstat(fds[0], &pipe_st), 0);
	snprintf(want, sizeof want, "pipe:[%llu]", (unsigned long long)pipe_st.st_ino);
	check_fd(fds[0], want);
	check_fd(fds[1], want);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fds[0]);
	CHECK_EQ(stat(path, &st), 0);
	CHECK(S_ISFIFO(st.st_mode) && st.st_ino == pipe_st.st_ino && st.st_dev == pipe_st.st_dev);
	CHECK_EQ(lstat(path, &st), 0);
	CHECK_EQ(st.st_mode, S_IFLNK | 0500);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fds[1]);
	CHECK_EQ(lstat(path, &st), 0);
	CHECK_EQ(st.st_mode, S_IFLNK | 0300);
	close(fds[0]);
	close(fds[1]);
	fd = TRY(open("/dev/null", O_RDONLY));
	check_fd(fd, "/dev/null");
	close(fd);
	fd = TRY(open("/proc/self/maps", O_RDONLY));
	snprintf(want, sizeof want, "/proc/%d/maps", getpid());
	check_fd(fd, want);
	close(fd);
	dir = TRY(open("/proc/self/fd", O_RDONLY));
	snprintf(want, sizeof want, "/proc/%d/fd", getpid());
	check_fd(dir, want);
	close(dir);
}

/* The entries of fd/ are the descriptors that are open: 0, 1, 2, 500 and that of the listing. */
static void descriptors_are_listed(void)
{
	static const char *const want[] = {"0", "1", "2", "3", "500"};
	DIR *d;
	struct dirent *e;
	int n = 0;

	CHECK_EQ(dup2(0, 500), 500);
	d = opendir("/proc/self/fd");
	CHECK(d != NULL);
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		CHECK(n < COUNT(want));
		CHECK_STRING(e->d_name, want[n]);
		CHECK_EQ(e->d_type, DT_LNK);
		n++;
	}
	CHECK_EQ(n, COUNT(want));
	closedir(d);
	close(500);
}

/* ---- a process ---- */

static char *brk_at(void)
{
	return sbrk(0);
}

static struct abi_procinfo info_of(int pid)
{
	static struct abi_procinfo list[64];
	int n = getprocs(list, sizeof list);

	for (int i = 0; i < n && i < COUNT(list); i++)
		if (list[i].pid == pid)
			return list[i];
	FAILED("getprocs does not know %d", pid);
}

static void stat_has_52_fields(void)
{
	long long before, after;
	struct abi_procinfo info;
	struct stat_fields s;

	slurp("/proc/self/stat"); /* from now on all is there that this touches */
	s = stat_parse();
	info = info_of(getpid());
	before = now_us() / 10000;
	info = info_of(getpid());
	slurp("/proc/self/stat");
	after = now_us() / 10000;
	s = stat_parse();
	CHECK_EQ(s.field[1], getpid());
	CHECK_STRING(s.name, "procfs");
	CHECK_EQ(s.state, 'R');
	CHECK_EQ(s.field[4], getppid());
	CHECK_EQ(s.field[5], getpgrp());
	CHECK_EQ(s.field[6], getsid(0));
	CHECK(s.field[7] == 0x501 && s.field[8] > 0);
	CHECK_EQ(s.field[20], 1);
	CHECK(s.field[22] > 0 && s.field[22] <= after && before >= s.field[22]);
	CHECK_EQ(s.field[23], info.promised);
	CHECK_EQ(s.field[24] * PAGE, info.resident);
	CHECK(s.field[26] <= (long long)(uintptr_t)stat_has_52_fields &&
	      s.field[27] > (long long)(uintptr_t)stat_has_52_fields);
	CHECK(s.field[28] > (long long)(uintptr_t)&s && s.field[28] < s.field[48]);
	CHECK(s.field[45] <= (long long)(uintptr_t)&self_path || s.field[46] > 0);
	CHECK(s.field[47] <= (long long)(uintptr_t)brk_at());
	CHECK_EQ(s.field[48], (long long)(uintptr_t)self_path);
	CHECK_EQ(s.field[49], (long long)(uintptr_t)self_path + (long long)strlen(self_path) + 1);
	CHECK(s.field[50] == s.field[49] && s.field[51] > s.field[50]);
	slurp(proc_path(1, "stat"));
	s = stat_parse();
	CHECK(s.field[1] == 1 && s.field[4] == 0 && s.state == 'S');
	CHECK_STRING(s.name, "init");
}

static const char *label(const char **p, const char *name)
{
	*p = expect(*p, name);
	*p = expect(*p, ":\t");
	return *p;
}

static unsigned kb(const char **p, const char *name)
{
	const char *start = label(p, name);
	unsigned n;

	while (**p == ' ')
		++*p;
	n = (unsigned)number(p);
	CHECK_EQ(*p - start, 8);
	*p = expect(*p, " kB\n");
	return n;
}

static void status_has_our_lines(void)
{
	static const char *const sets[] = {"SigPnd", "ShdPnd", "SigBlk", "SigIgn", "SigCgt"};
	struct abi_procinfo info = info_of(getpid());
	unsigned anon, file, rss;
	char want[200];
	const char *p = room;
	struct region stack;

	slurp("/proc/self/maps");
	stack = maps_find((unsigned)(uintptr_t)&info);
	slurp("/proc/self/status");
	info = info_of(getpid());
	slurp("/proc/self/status");
	snprintf(want, sizeof want, "Name:\tprocfs\nUmask:\t%04o\nState:\tR (running)\nTgid:\t%d\nNgid:\t0\nPid:\t%d\n",
	         022, getpid(), getpid());
	p = expect(p, want);
	snprintf(want, sizeof want, "PPid:\t%d\nTracerPid:\t0\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nFDSize:\t",
	         getppid());
	p = expect(p, want);
	CHECK(number(&p) >= 32);
	p = expect(p, "\nGroups:\t \n");
	CHECK_EQ(kb(&p, "VmSize") * 1024ll, info.promised);
	kb(&p, "VmLck");
	rss = kb(&p, "VmRSS");
	CHECK_EQ(rss * 1024ll, info.resident);
	anon = kb(&p, "RssAnon");
	file = kb(&p, "RssFile");
	CHECK(anon + file == rss && anon > 0 && file > 0);
	CHECK_EQ(kb(&p, "RssShmem"), 0);
	CHECK(kb(&p, "VmData") >= ROOM / 1024);
	CHECK_EQ(kb(&p, "VmStk"), (stack.end - stack.start) / 1024);
	CHECK(kb(&p, "VmExe") > 0);
	CHECK_EQ(kb(&p, "VmLib"), 0);
	CHECK(kb(&p, "VmPTE") >= 8);
	CHECK_EQ(kb(&p, "VmSwap"), 0);
	p = expect(p, "Threads:\t1\n");
	for (int i = 0; i < COUNT(sets); i++) {
		label(&p, sets[i]);
		hex(&p, 8);
		hex(&p, 8);
		p = expect(p, "\n");
	}
	snprintf(want, sizeof want, "Promised:\t%u B\nResident:\t%u B\n", info.promised, info.resident);
	CHECK_STRING(p, want);
	slurp("/proc/self/statm");
	p = room;
	CHECK_EQ(number(&p) * PAGE, info.promised);
	p = expect(p, " ");
	CHECK_EQ(number(&p) * PAGE, info.resident);
	p = expect(p, " ");
	CHECK_EQ(number(&p) * 4, file);
	slurp("/proc/self/comm");
	CHECK_STRING(room, "procfs\n");
}

static void maps_follow_brk_and_mmap(void)
{
	unsigned top = (unsigned)(uintptr_t)sbrk(5 * PAGE + 1), grown = top + 5 * PAGE + 1, all;
	char *a = mmap(NULL, 3 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct region r;
	struct stat st;
	int n;

	CHECK(a != MAP_FAILED && stat(PROGRAM, &st) == 0);
	slurp("/proc/self/maps");
	all = maps_check(&n);
	CHECK_EQ(all, info_of(getpid()).promised);
	r = maps_find((unsigned)(uintptr_t)maps_follow_brk_and_mmap);
	CHECK_STRING(r.prot, "r-xp");
	CHECK_STRING(r.name, PROGRAM);
	CHECK(r.ino == st.st_ino && r.major == (st.st_dev >> 8 & 0xfff) && r.minor == (st.st_dev & 0xff));
	r = maps_find(grown - 1);
	CHECK_STRING(r.prot, "rw-p");
	CHECK_STRING(r.name, "[heap]");
	CHECK(r.end == (grown + PAGE - 1) / PAGE * PAGE && r.ino == 0 && r.offset == 0);
	r = maps_find((unsigned)(uintptr_t)&st);
	CHECK_STRING(r.name, "[stack]");
	CHECK_EQ(r.end, KERNEL_BASE);
	r = maps_find((unsigned)(uintptr_t)a);
	CHECK_STRING(r.prot, "r--p");
	CHECK_STRING(r.name, "");
	CHECK(r.start == (unsigned)(uintptr_t)a && r.end == r.start + 3 * PAGE);
	CHECK_EQ(munmap(a + PAGE, PAGE), 0);
	slurp("/proc/self/maps");
	CHECK_EQ(maps_check(&n), all - PAGE);
	CHECK_EQ(maps_find((unsigned)(uintptr_t)a + PAGE).end, 0);
	CHECK_EQ(maps_find((unsigned)(uintptr_t)a + 2 * PAGE).end, (unsigned)(uintptr_t)a + 3 * PAGE);
	CHECK_EQ(munmap(a, 3 * PAGE), 0);
	CHECK(sbrk(-(5 * PAGE + 1)) != (void *)-1);
	slurp("/proc/self/maps");
	CHECK_EQ(maps_check(&n),
	         all - 3 * PAGE - (r.end ? ((grown + PAGE - 1) / PAGE - (top + PAGE - 1) / PAGE) * PAGE : 0));
	slurp("/proc/self/smaps");
	CHECK(strstr(room, "\nRss: ") && strstr(room, "Private_Dirty: "));
}

/* Many regions: more than one piece of text, the same in steps of any size. */
static void maps_are_long(void)
{
	char *base = mmap(NULL, MANY * 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *copy = malloc(ROOM);
	int n, len;

	CHECK(base != MAP_FAILED && copy);
	for (int i = 0; i < MANY; i++)
		CHECK_EQ(munmap(base + (2 * i + 1) * PAGE, PAGE), 0);
	len = slurp("/proc/self/maps");
	maps_check(&n);
	CHECK(n > MANY && len > 4 * PAGE);
	memcpy(copy, room, (size_t)len + 1);
	for (int step = 1; step < 5000; step = step * 3 + 4) {
		CHECK_EQ(slurp_steps("/proc/self/maps", step), len);
		CHECK_STRING(room, copy);
	}
	free(copy);
	CHECK_EQ(munmap(base, MANY * 2 * PAGE), 0);
}

/* Regions that come and go between two reads: lines stay whole and in order. */
static void maps_change_while_read(void)
{
	char *base = mmap(NULL, MANY * 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = TRY(open("/proc/self/maps", O_RDONLY)), got, all = 0, n;

	CHECK(base != MAP_FAILED);
	for (int i = 0; i < MANY; i++)
		CHECK_EQ(munmap(base + (2 * i + 1) * PAGE, PAGE), 0);
	for (int turn = 0; (got = TRY(read(fd, room + all, 1000))) > 0; turn++) {
		char *hole = base + (turn * 37 % MANY * 2 + 1) * PAGE;

		all += got;
		CHECK(all + 1000 < ROOM);
		if (turn % 2)
			CHECK_EQ(munmap(hole - PAGE, PAGE), 0);
		else
			CHECK(mmap(hole, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == hole);
	}
	room[all] = '\0';
	maps_check(&n);
	CHECK(n > MANY / 2 && n < 2 * MANY);
	CHECK_EQ(lseek(fd, 0, SEEK_SET), 0);
	all = (int)TRY(read(fd, room, ROOM - 1));
	room[all] = '\0';
	CHECK_EQ(maps_check(&n), info_of(getpid()).promised);
	CHECK_EQ(lseek(fd, all - 10, SEEK_SET), all - 10);
	CHECK(read(fd, room, ROOM) == 10 && room[9] == '\n');
	CHECK_EQ(read(fd, room, ROOM), 0);
	close(fd);
	CHECK_EQ(munmap(base, MANY * 2 * PAGE), 0);
}

/* ---- other processes ---- */

static void close_all_and_wait(int fds[2])
{
	char byte;

	close(fds[1]);
	(void)!read(fds[0], &byte, 1); /* until the parent ends or closes */
	_exit(7);
}

/* A child that waits until the writing end that is returned closes. */
static pid_t waiting_child(int *end)
{
	int fds[2];
	pid_t pid;

	TRY(pipe(fds));
	pid = TRY(fork());
	if (pid == 0)
		close_all_and_wait(fds);
	close(fds[0]);
	*end = fds[1];
	return pid;
}

static void a_process_ends_while_it_is_read(void)
{
	static const char *const names[] = {"stat", "status", "maps", "cmdline", "pagemap", "statm", "comm"};
	int end, fds[COUNT(names)], dir, fd_dir;
	pid_t pid = waiting_child(&end);
	char own[32], entries[512];

	child_is(pid, 'S');
	for (int i = 0; i < COUNT(names); i++) {
		fds[i] = TRY(open(proc_path(pid, names[i]), O_RDONLY));
		CHECK(read(fds[i], room, 8) > 0);
	}
	snprintf(own, sizeof own, "/proc/%d", pid);
	dir = TRY(open(own, O_RDONLY));
	fd_dir = TRY(open(proc_path(pid, "fd"), O_RDONLY));
	CHECK_EQ(chdir(own), 0);
	close(end);
	CHECK_EQ(child_wait(pid), 7);
	for (int i = 0; i < COUNT(names); i++) {
		CHECK_ERR(read(fds[i], room, 8), ESRCH);
		CHECK_EQ(lseek(fds[i], 0, SEEK_SET), 0);
		CHECK_ERR(read(fds[i], room, 8), ESRCH);
		close(fds[i]);
	}
	CHECK_EQ(TRAP(SYS_GETDENTS64, (uint32_t)dir, (uint32_t)(uintptr_t)entries, sizeof entries), -ENOENT);
	CHECK_EQ(TRAP(SYS_GETDENTS64, (uint32_t)fd_dir, (uint32_t)(uintptr_t)entries, sizeof entries), -ENOENT);
	CHECK_ERR(openat(dir, "stat", O_RDONLY), ENOENT);
	CHECK_ERR(openat(fd_dir, "0", O_RDONLY), ENOENT);
	CHECK_ERR(open("stat", O_RDONLY), ENOENT);
	CHECK(getcwd(room, ROOM) == NULL);
	CHECK_EQ(chdir("/"), 0);
	close(dir);
	close(fd_dir);
	CHECK_ERR(open(proc_path(pid, "stat"), O_RDONLY), ENOENT);
}

static void a_zombie_is_shown(void)
{
	pid_t pid = fork();
	struct stat_fields s;
	int fd;

	if (pid == 0)
		_exit(3);
	child_is(pid, 'Z');
	slurp(proc_path(pid, "stat"));
	s = stat_parse();
	CHECK(s.state == 'Z' && s.field[23] == 0 && s.field[24] == 0 && s.field[52] == 3 << 8);
	slurp(proc_path(pid, "status"));
	CHECK(strstr(room, "State:\tZ (zombie)\n") && !strstr(room, "VmSize") && strstr(room, "\nPromised:\t0 B\n"));
	CHECK_EQ(slurp(proc_path(pid, "maps")), 0);
	CHECK_EQ(slurp(proc_path(pid, "cmdline")), 0);
	fd = TRY(open(proc_path(pid, "pagemap"), O_RDONLY));
	CHECK_EQ(read(fd, room, 8), 0);
	close(fd);
	CHECK_ERR(readlink(proc_path(pid, "exe"), room, ROOM), ENOENT);
	CHECK_ERR(readlink(proc_path(pid, "cwd"), room, ROOM), ENOENT);
	CHECK_EQ(child_wait(pid), 3);
	CHECK_ERR(open(proc_path(pid, "stat"), O_RDONLY), ENOENT);
}

/* Whoever names a file does not write lines of maps, stat or status. */
static void a_name_is_no_line(void)
{
	const char *evil = "/tmp/evil\n00000000-00001000 rwxp 00000000 00:00 0", *p = room;
	char before[64];
	pid_t pid;
	int n;

	program_copy("/bin/sleep", evil);
	pid = TRY(fork());
	if (pid == 0) {
		execl(evil, "sleep", "100", (char *)NULL);
		_exit(1);
	}
	do
		slurp(proc_path(pid, "maps"));
	while (!strstr(room, "evil"));
	maps_check(&n);
	while (*p)
		CHECK(region_parse(&p).end > 0x1000);
	CHECK(strstr(room, "/tmp/evil\\01200000000-"));
	slurp(proc_path(pid, "status"));
	p = expect(room, "Name:\tevil\\012");
	expect(strchr(p, '\n'), "\nUmask:\t");
	slurp(proc_path(pid, "stat"));
	snprintf(before, sizeof before, "%d (evil\\012", pid);
	CHECK(strchr(expect(room, before), '\n') == strrchr(room, '\n'));
	CHECK_EQ(kill(pid, SIGKILL), 0);
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
	CHECK_EQ(unlink(evil), 0);
}

/* Run again with many arguments, see what /proc says of them. */
static void strings_are_shown(void)
{
	static char *args[BIG_ARGS + 3], text[BIG_ARGS][ARG_BYTES + 1];
	static char *const environment[] = {(char *)"A=1", (char *)"LONG=x y", NULL};
	pid_t pid;

	args[0] = self_path;
	args[1] = (char *)"strings";
	for (int i = 0; i < BIG_ARGS; i++) {
		memset(text[i], 'a' + i % 26, (size_t)(i % ARG_BYTES));
		args[2 + i] = text[i];
	}
	pid = fork();
	if (pid == 0) {
		execve(PROGRAM, args, environment);
		_exit(99);
	}
	CHECK_EQ(child_wait(pid), 0);
}

static void strings_check(int argc, char **argv)
{
	static const char environment[] = "A=1\0LONG=x y";
	int len = slurp("/proc/self/cmdline"), at = 0;

	CHECK_EQ(argc, BIG_ARGS + 2);
	for (int i = 0; i < argc; i++) {
		CHECK_STRING(room + at, argv[i]);
		at += (int)strlen(argv[i]) + 1;
	}
	CHECK(at == len && len > 2 * PAGE);
	CHECK_EQ(slurp_steps("/proc/self/cmdline", 333), len);
	CHECK_EQ(slurp("/proc/self/environ"), (int)sizeof environment);
	CHECK_EQ(memcmp(room, environment, sizeof environment), 0);
	argv[1][0] = 'S'; /* it is the memory of the process that is shown */
	slurp("/proc/self/cmdline");
	CHECK_STRING(room + strlen(argv[0]) + 1, "Strings");
	slurp(proc_path(1, "cmdline"));
	CHECK_STRING(room, "/bin/init");
}

static void body(void)
{
	memset(room, 1, sizeof room);
	the_memory_adds_up();
	the_counters_have_names();
	the_time_is_told();
	the_cpus_are_counted();
	the_rest_of_the_machine();
	names_are_there();
	processes_are_listed();
	nothing_can_be_written();
	links_lead_there();
	descriptors_are_links();
	descriptors_are_listed();
	stat_has_52_fields();
	status_has_our_lines();
	maps_follow_brk_and_mmap();
	maps_are_long();
	maps_change_while_read();
	a_process_ends_while_it_is_read();
	a_zombie_is_shown();
	strings_are_shown();
	a_name_is_no_line();
}

int main(int argc, char **argv)
{
	self_path = argv[0];
	if (argc > 1 && argv[1][0] == 's') {
		strings_check(argc, argv);
		return 0;
	}
	return test_run(body);
}
