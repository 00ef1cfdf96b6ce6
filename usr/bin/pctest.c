/* A bounded buffer between processes: pctest PRODUCERS CONSUMERS ITEMS.  Each producer makes so many items, the
   consumers take all of them, and semaphores in shared memory see to it that none is lost or taken twice, which is
   counted. */
#include <err.h>
#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tool.h"

static const char how[] = "pctest PRODUCERS CONSUMERS ITEMS";
static const char help[] =
	"usage: pctest PRODUCERS CONSUMERS ITEMS\n"
	"So many processes make ITEMS items each, so many others take them, through a buffer of 8 places.\n"
	"Prints how many were taken in all; fails if one was lost or taken twice.\n";

enum { PLACES = 8, PROCESSES_MAX = 100, ITEMS_MAX = 1000000 };

/* Shared by all. */
struct buffer {
	sem_t empty, full; /* places */
	sem_t lock;        /* 1: nobody changes what follows */
	unsigned int in, out;
	unsigned int place[PLACES];
	unsigned int claimed; /* items that consumers take or have taken */
	unsigned int total;
	unsigned char taken[]; /* how often each item was, up to 255 times */
};

static struct buffer *buffer;

static void down(sem_t *s)
{
	while (sem_wait(s) != 0)
		if (errno != EINTR)
			err(1, "sem_wait");
}

static void up(sem_t *s)
{
	if (sem_post(s) != 0)
		err(1, "sem_post");
}

static void put(unsigned int item)
{
	down(&buffer->empty);
	down(&buffer->lock);
	buffer->place[buffer->in++ % PLACES] = item;
	up(&buffer->lock);
	up(&buffer->full);
}

static unsigned int get(void)
{
	unsigned int item;

	down(&buffer->full);
	down(&buffer->lock);
	item = buffer->place[buffer->out++ % PLACES];
	up(&buffer->lock);
	up(&buffer->empty);
	return item;
}

static void produce(unsigned int first, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		put(first + i);
}

/* One may take an item only if there will be one for it, so nobody waits in vain at the end. */
static bool claim(void)
{
	return __atomic_fetch_add(&buffer->claimed, 1, __ATOMIC_RELAXED) < buffer->total;
}

static void consume(void)
{
	while (claim()) {
		unsigned int item = get();

		if (item >= buffer->total)
			errx(1, "item %u was never made", item);
		if (__atomic_add_fetch(&buffer->taken[item], 1, __ATOMIC_RELAXED) != 1)
			errx(1, "item %u was taken twice", item);
	}
}

/* ---- the parent ---- */

static pid_t children[2 * PROCESSES_MAX];
static unsigned int started;

static void end_all(void)
{
	for (unsigned int i = 0; i < started; i++)
		if (children[i] > 0)
			kill(children[i], SIGKILL);
	while (wait(NULL) > 0 || errno == EINTR)
		continue;
}

/* => in the child: true. */
static bool start(void)
{
	pid_t pid = fork();

	if (pid < 0) {
		warn("fork");
		end_all();
		exit(1);
	}
	if (pid > 0)
		children[started++] = pid;
	return pid == 0;
}

static void start_all(unsigned int producers, unsigned int consumers, unsigned int items)
{
	for (unsigned int i = 0; i < producers; i++)
		if (start()) {
			produce(i * items, items);
			_exit(0);
		}
	for (unsigned int i = 0; i < consumers; i++)
		if (start()) {
			consume();
			_exit(0);
		}
}

static void note_end(pid_t pid)
{
	for (unsigned int i = 0; i < started; i++)
		if (children[i] == pid)
			children[i] = 0;
}

/* If one fails the others would wait for it for ever. */
static void wait_all(void)
{
	int status;
	pid_t pid;

	while ((pid = wait(&status)) > 0 || errno == EINTR) {
		if (pid < 0)
			continue;
		note_end(pid);
		if (status == 0)
			continue;
		warnx("process %d failed", pid);
		end_all();
		exit(1);
	}
}

static void buffer_make(unsigned int total)
{
	buffer = mmap(NULL, sizeof *buffer + total, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (buffer == MAP_FAILED)
		err(1, "shared memory");
	buffer->total = total;
	if (sem_init(&buffer->empty, 1, PLACES) != 0 || sem_init(&buffer->full, 1, 0) != 0 ||
	    sem_init(&buffer->lock, 1, 1) != 0)
		err(1, "sem_init");
}

static unsigned int count_taken(void)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < buffer->total; i++)
		n += buffer->taken[i] == 1;
	return n;
}

static unsigned int number(const char *text, unsigned long max)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno)
		usage(how);
	if (n < 1 || n > max) {
		warnx("%s: not from 1 to %lu", text, max);
		usage(how);
	}
	return (unsigned int)n;
}

int main(int argc, char **argv)
{
	unsigned int producers, consumers, items, taken;

	help_if_asked(argc, argv, help);
	if (argc != 4)
		usage(how);
	producers = number(argv[1], PROCESSES_MAX);
	consumers = number(argv[2], PROCESSES_MAX);
	items = number(argv[3], ITEMS_MAX);
	buffer_make(producers * items);
	start_all(producers, consumers, items);
	wait_all();
	taken = count_taken();
	printf("%u producers, %u consumers, %u items each\nTotal = %u\n", producers, consumers, items, taken);
	if (taken != buffer->total)
		errx(1, "%u items were lost", buffer->total - taken);
	return finish(0);
}
