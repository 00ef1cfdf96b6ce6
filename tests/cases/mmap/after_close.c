/* A mapping of a file outlives the descriptor, and the file's name. */
#include "../case.h"

enum { SIZE = 2 * PAGE + 100 };

int main(void)
{
	int descriptor = make_file("/tmp/after", SIZE);
	char *p = map(SIZE, PROT_READ, MAP_PRIVATE, descriptor, 0);

	MUST(close(descriptor));
	printf("after close: %zu bytes differ\n", count_unlike_file(p, 0, SIZE));
	printf("behind the end: %zu bytes are not zero\n", count_others(p + SIZE, 3 * PAGE - SIZE, 0));
	MUST(rename("/tmp/after", "/tmp/renamed"));
	printf("after rename: %zu bytes differ\n", count_unlike_file(p, 0, SIZE));
	MUST(unlink("/tmp/renamed"));
	printf("after unlink: %zu bytes differ\n", count_unlike_file(p, 0, SIZE));
	printf("the file is %s\n", open("/tmp/renamed", O_RDONLY) < 0 ? "gone" : "there");
	return 0;
}
