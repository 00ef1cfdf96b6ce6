/* What is written to mapped memory is there, and only there. */
#include "../case.h"

enum { LEN = 2 * PAGE };

int main(void)
{
	char *p = map(LEN, RW, ANON, -1, 0), *other = map(LEN, RW, ANON, -1, 0);
	const char text[] = "the dormouse is asleep again";

	memcpy(p + PAGE - 10, text, sizeof text); /* over the border of two pages */
	printf("%s\n", p + PAGE - 10);
	p[PAGE - 10] = 'T';
	printf("%s\n", p + PAGE - 10);
	printf("%zu bytes before it changed\n", count_others(p, PAGE - 10, 0));
	printf("%zu bytes behind it changed\n", count_others(p + PAGE - 10 + sizeof text, PAGE + 10 - sizeof text, 0));
	printf("%zu bytes of another mapping changed\n", count_others(other, LEN, 0));
	return 0;
}
