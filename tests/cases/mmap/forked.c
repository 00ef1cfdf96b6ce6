/* After fork a private mapping is each one's own, a shared one belongs to both, also where it is first touched then. */
#include "../case.h"

struct both {
	char *private, *shared;
};

static void change(void *arg)
{
	struct both *b = arg;

	printf("child reads %c %c\n", b->private[0], b -> shared[0]);
	b->private[0] = b->shared[0] = b->private[PAGE] = b->shared[PAGE] = 'c';
	printf("child has %c %c %c %c\n", b->private[0], b -> shared[0], b -> private[PAGE], b -> shared[PAGE]);
	MUST(munmap(b->private, 2 * PAGE)); /* this, too, is the child's affair */
}

int main(void)
{
	struct both b = {map(2 * PAGE, RW, ANON, -1, 0), map(2 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0)};

	b.private[0] = b.shared[0] = 'p';
	printf("child ends with %d\n", in_child(change, &b));
	printf("parent has %c %c, and in the second page %d %c\n", b.private[0], b.shared[0], b.private[PAGE],
	       b.shared[PAGE]);
	return 0;
}
