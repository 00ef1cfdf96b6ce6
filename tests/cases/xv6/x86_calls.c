/* Each call of x86 xv6 and of what courses add, once at least: its arguments arrive, its result comes back, its error
   is -1.  What the calls do in depth is tested elsewhere (broad.h, filemap.h, ...). */
#include "types.h"
#include "stat.h"
#include "user.h"
#include "fcntl.h"
#include "fs.h"
#include "mman.h"
#include "param.h"
#include "pstat.h"
#include "shm.h"
#include "uspinlock.h"

#include "as_x86.h"
#include "case.h"
#include "calls.h"

/* The 21 that have a form of their own here. */
static void own_forms(void)
{
	struct stat st;
	int pid = fork(), fd;

	if (pid == 0)
		exit();
	CHECK(wait() == pid && wait() == -1);
	fd = open("/README", O_RDONLY);
	CHECK(fstat(fd, &st) == 0 && st.type == T_FILE && st.size > 1000 && st.nlink == 1 && st.ino > 1);
	CHECK(fstat(99, &st) == -1 && stat("/nothing", &st) == -1 && stat("/", &st) == 0 && st.type == T_DIR);
	close(fd);
	CHECK(sbrk(PAGE) == sbrk(0) - PAGE);
	CHECK(sbrk(0x7fffffff) == (char *)-1);
}

static void locks(void)
{
	struct shared {
		struct uspinlock lock;
		int count;
	} *s = openshmem(77);
	enum { TIMES = 20000 };

	CHECK(s != 0 && s->count == 0);
	if (fork() == 0) {
		for (int i = 0; i < TIMES; i++)
			uacquire(&s->lock), s->count++, urelease(&s->lock);
		exit();
	}
	for (int i = 0; i < TIMES; i++)
		uacquire(&s->lock), s->count++, urelease(&s->lock);
	wait();
	CHECK(s->count == 2 * TIMES && s->lock.locked == 0 && closeshmem(77) == 0);
}

int main(void)
{
	common_calls();
	own_forms();
	locks();
	done("calls");
}
