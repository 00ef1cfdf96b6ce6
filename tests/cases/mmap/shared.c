/* Memory shared by a parent and its children: each adds to a sum of its own and to a slot; all see all of it. */
#include "../case.h"

enum { CHILDREN = 8, ROUNDS = 10000, PAGES = 4 };

struct table {
	volatile int total;
	volatile int slot[CHILDREN];
};

static void add(struct table *t, int me)
{
	for (int i = 0; i < ROUNDS; i++) {
		__atomic_fetch_add(&t->total, 1, __ATOMIC_SEQ_CST);
		t->slot[me] += me;
	}
}

int main(void)
{
	struct table *t = (struct table *)map(PAGES * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char *last = (char *)t + (PAGES - 1) * PAGE; /* first touched by the children */
	int status, wrong = 0, sum = 0;

	for (int i = 0; i < CHILDREN; i++)
		if (MUST(fork()) == 0) {
			add(t, i);
			last[i] = (char)('A' + i);
			_exit(i);
		}
	for (int i = 0; i < CHILDREN; i++) {
		MUST(wait(&status));
		sum += WIFEXITED(status) ? WEXITSTATUS(status) : 1000;
	}
	for (int i = 0; i < CHILDREN; i++)
		wrong += t->slot[i] != i * ROUNDS;
	printf("children ended with %d together\n", sum);
	printf("total %d, %d slots wrong, last page %.8s\n", t->total, wrong, last);
	return 0;
}
