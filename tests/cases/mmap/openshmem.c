/* One page per id, the same for all who open it: made with zeros, gone with the last who leaves. */
#include "../case.h"

enum { ID = 25, CHILDREN = 10 };

static void add_one(void *arg)
{
	char *page = (char *)MUST(openshmem(ID));

	(void)arg;
	page[0]++;
	MUST(closeshmem(ID));
}

static void refused(const char *what, int id)
{
	printf("openshmem, %s: %s\n", what, openshmem(id) == (char *)-1 ? strerror(errno) : "a page");
	printf("closeshmem, %s: %s\n", what, closeshmem(id) == 0 ? "done" : strerror(errno));
}

static void use(void)
{
	char *page = (char *)MUST(openshmem(ID));
	int ended = 0;

	printf("%zu bytes of a new page are not zero\n", count_others(page, PAGE, 0));
	printf("opened again it is %s\n", openshmem(ID) == page ? "at the same place" : "elsewhere");
	page[0] = 10;
	for (int i = 0; i < CHILDREN; i++)
		ended += in_child(add_one, NULL) == 0;
	printf("%d children made 10 to %d\n", ended, page[0]);
	MUST(closeshmem(ID));
	printf("after one of two closes: %s, %d\n", is_there(page) ? "there" : "gone", page[0]);
	MUST(closeshmem(ID));
	printf("after the other: %s\n", is_there(page) ? "there" : "gone");
}

int main(void)
{
	long before;

	use();
	before = freemem();
	use();
	printf("%ld bytes are missing\n", before - freemem());
	refused("id 0", 0);
	refused("id -1", -1);
	printf("closeshmem of what is not open: %s\n", closeshmem(ID) == 0 ? "done" : strerror(errno));
	return 0;
}
