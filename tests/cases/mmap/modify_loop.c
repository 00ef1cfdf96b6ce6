/* Every byte of a mapping is written in many rounds, each round on what the one before it left. */
#include "../case.h"

enum { LEN = 5 * PAGE, ROUNDS = 40 };

static unsigned char expected(int i, int round)
{
	unsigned char c = 0;

	for (int r = 0; r < round; r++)
		c = (unsigned char)(c * 3 + i + r);
	return c;
}

int main(void)
{
	unsigned char *p = (unsigned char *)map(LEN, RW, ANON, -1, 0);
	int wrong = 0;

	for (int round = 0; round < ROUNDS; round++)
		for (int i = 0; i < LEN; i++)
			p[i] = (unsigned char)(p[i] * 3 + i + round);
	for (int i = 0; i < LEN; i++)
		wrong += p[i] != expected(i, ROUNDS);
	printf("%d of %d bytes are wrong after %d rounds\n", wrong, LEN, ROUNDS);
	return 0;
}
