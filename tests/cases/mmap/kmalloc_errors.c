/* Wrong sizes and wrong pointers are refused, and harm nobody. */
#include "../case.h"

static void try_size(size_t size)
{
	void *p = (errno = 0, kmalloc(size));

	printf("kmalloc(%zu): %s\n", size, p ? "memory" : strerror(errno));
	if (p)
		MUST(kfree(p));
}

static void try_free(const char *what, void *p)
{
	printf("kfree of %s: %s\n", what, kfree(p) == 0 ? "done" : strerror(errno));
}

static void free_what_is_anothers(void *p)
{
	try_free("the parent's", p);
}

int main(void)
{
	char *mine = kmalloc(100), local = 0;

	try_size(0);
	try_size(1);
	try_size(4096);
	try_size(4097);
	try_size((size_t)-1);
	try_free("NULL", NULL);
	try_free("an address in the middle", mine + 16);
	try_free("the stack", &local);
	try_free("a program's own memory", malloc(10));
	in_child(free_what_is_anothers, mine);
	try_free("mine", mine);
	try_free("mine again", mine);
	return 0;
}
