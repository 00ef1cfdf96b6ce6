/* The calls that both dialects have in the same form. */

static void of_files(void)
{
	int fd = open("/calls", O_CREATE | O_RDWR), other, ends[2];
	struct stat st;
	char c = 0;

	CHECK(fd >= 3 && write(fd, "abc", 3) == 3 && (other = dup(fd)) > fd && write(other, "d", 1) == 1);
	CHECK(close(fd) == 0 && close(other) == 0 && close(other) == -1 && dup(99) == -1);
	CHECK((fd = open("/calls", O_RDONLY)) >= 3 && read(fd, &c, 1) == 1 && c == 'a' && close(fd) == 0);
	CHECK(link("/calls", "/calls2") == 0 && unlink("/calls") == 0 && unlink("/calls2") == 0);
	CHECK(mkdir("/calls") == 0 && chdir("/calls") == 0 && chdir("..") == 0 && unlink("/calls") == 0);
	CHECK(chdir("/calls") == -1);
	CHECK(pipe(ends) == 0 && write(ends[1], "x", 1) == 1 && read(ends[0], &c, 1) == 1 && c == 'x');
	close(ends[0]), close(ends[1]);
	CHECK(mknod("/console", 1, 1) == 0 && (fd = open("/console", O_RDWR)) >= 3 && write(fd, "", 0) == 0);
	CHECK(close(fd) == 0 && unlink("/console") == 0 && open("/nothing", O_RDONLY) == -1);
	CHECK(symlink("/README", "/calls") == 0 && (fd = open("/calls", O_RDONLY)) >= 3 && read(fd, &c, 1) == 1);
	CHECK(close(fd) == 0 && (fd = open("/calls", O_RDONLY | O_NOFOLLOW)) >= 3 && fstat(fd, &st) == 0);
	CHECK(st.type == T_SYMLINK && close(fd) == 0 && unlink("/calls") == 0);
	CHECK((fd = open("/calls", O_CREATE | O_RDWR)) >= 3 && write(fd, "abcdef", 6) == 6 && close(fd) == 0);
	CHECK((fd = open("/calls", O_RDWR | O_TRUNC)) >= 3 && read(fd, &c, 1) == 0 && close(fd) == 0);
	CHECK(unlink("/calls") == 0);
}

static void of_processes(void)
{
	int pid = fork(), ends[2], got = 0;

	if (pid == 0)
		for (;;)
			sleep(1000);
	CHECK(pid > 0 && kill(pid) == 0);
	wait_zero();
	CHECK(kill(pid) == -1);
	CHECK(pipe(ends) == 0);
	if (fork() == 0) {
		int me = getpid();

		write(ends[1], &me, sizeof me);
		LEAVE(0);
	}
	pid = wait_zero();
	CHECK(read(ends[0], &got, sizeof got) == sizeof got && got == pid && got != getpid());
	close(ends[0]), close(ends[1]);
	CHECK(exec("/nothing", (char *[]){"x", 0}) == -1);
}

static void of_time(void)
{
	int begin = uptime();

	CHECK(sleep(5) == 0 && uptime() - begin >= 5);
	begin = uptime();
	CHECK(pause(3) == 0 && uptime() - begin >= 3 && sleep(0) == 0);
}

static void of_memory(void)
{
	char *p = mmap(0, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *heap = sbrklazy(3 * PAGE);
	enum { BLOCKS = 50 };
	void *blocks[BLOCKS];
	int before;

	CHECK(p != (char *)-1 && p[0] == 0 && (p[0] = 1) && munmap(p, 2 * PAGE) == 0 && !survives(read_at, p));
	CHECK(msync((char *)0x10, PAGE) == -1 && munmap((char *)0xfffff000u, PAGE) == -1);
	heap = (char *)(((unsigned long)heap + PAGE - 1) / PAGE * PAGE);
	heap[0] = 1;
	CHECK(mprotect(heap, 1) == 0 && heap[0] == 1 && !survives(write_at, heap) && survives(write_at, heap + PAGE));
	CHECK(munprotect(heap, 1) == 0 && survives(write_at, heap) == 1);
	CHECK(mprotect(heap + 1, 1) == -1 && mprotect(heap, 0) == -1 && mprotect(0, 1) == -1 && munprotect(0, 1) == -1);
	before = freemem();
	for (int i = 0; i < BLOCKS; i++)
		CHECK((blocks[i] = kmalloc(3000)) != 0);
	CHECK(before > 1 << 20 && freemem() <= before - BLOCKS * 3000);
	for (int i = 0; i < BLOCKS; i++)
		kmfree(blocks[i]);
	CHECK(freemem() == before && kmalloc(100000) == 0);
}

static void of_shared_memory(void)
{
	char *p = openshmem(5), *q = 0, *r;
	int id = shmget(4711, 3000, 01000 | 0666);

	CHECK(p != 0 && shm_open(5, &q) == 0 && q != 0);
	p[7] = 'p';
	CHECK(q[7] == 'p' && shm_close(5) == 0 && closeshmem(5) == 0 && closeshmem(5) == -1);
	CHECK(id >= 0 && shmget(4711, 3000, 0) == id && shmget(4712, 10, 0) == -1);
	p = shmat(id, 0, 0);
	r = shmat(id, 0, 010000);
	CHECK(p != (char *)-1 && r != (char *)-1 && p != r);
	if (fork() == 0) {
		p[9] = 's';
		LEAVE(0);
	}
	wait_zero();
	CHECK(p[9] == 's' && r[9] == 's' && !survives(write_at, r));
	CHECK(shmdt(p) == 0 && shmdt(r) == 0 && shmdt(r) == -1 && shmctl(id, 0, 0) == 0 && shmctl(id, 0, 0) == -1);
}

static void of_looking_on(void)
{
	unsigned int info[2] = {0, 0};
	int before = getprocs(), reads = getreadcount(), pid, nobody;
	char c;

	CHECK(before >= 2);
	pid = fork();
	if (pid == 0)
		for (;;)
			sleep(1000);
	CHECK(getprocs() == before + 1 && sysinfo((void *)info) == 0);
	CHECK(info[0] > 1 << 20 && (int)info[1] == before + 1);
	kill(pid);
	wait_zero();
	nobody = read(99, &c, 1);
	CHECK(nobody == -1 && getreadcount() == reads + 1 && sysinfo((void *)0x80000000u) == -1);
	CHECK(trace(1 << 30) == 0 && trace(0) == 0);
}

/* They have a number, and no deed yet. */
static void set_aside(void)
{
	CHECK(clone() == -1 && join() == -1 && settickets(1) == -1 && getpinfo(0) == -1);
	CHECK(sigalarm(1, 0) == -1 && sigreturn() == -1 && wait2() == -1 && setpriority() == -1);
	CHECK(sem_init() == -1 && sem_destroy() == -1 && sem_wait() == -1 && sem_post() == -1);
}

static void common_calls(void)
{
	of_files();
	of_processes();
	of_time();
	of_memory();
	of_shared_memory();
	of_looking_on();
	set_aside();
}
