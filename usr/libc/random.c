/* Pseudo-random numbers: the 64-bit linear congruence of Knuth's MMIX, of which the top bits are used. */
#include <stdlib.h>

#include <stdint.h>

static uint64_t state = 1;

void srand(unsigned int seed)
{
	state = seed;
}

int rand(void)
{
	state = state * 6364136223846793005ull + 1442695040888963407ull;
	return (int)(state >> 33);
}
