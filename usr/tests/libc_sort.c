/* qsort and bsearch over sizes, element widths and orders. */
#include <stdint.h>
#include <stdlib.h>

#include "check.h"

enum { MOST = 300 };

static int compare_ints(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

static int compare_bytes(const void *a, const void *b)
{
	return memcmp(a, b, 7);
}

static void fill(int *v, int n, int kind)
{
	for (int i = 0; i < n; i++)
		v[i] = kind == 0 ? rand() : kind == 1 ? i : kind == 2 ? -i : kind == 3 ? 5 : rand() % 4;
}

static void numbers(void)
{
	int v[MOST];

	for (int n = 0; n < MOST; n += n < 20 ? 1 : 37)
		for (int kind = 0; kind < 5; kind++) {
			unsigned int before = 0, after = 0;

			fill(v, n, kind);
			for (int i = 0; i < n; i++)
				before += (unsigned int)v[i];
			qsort(v, (size_t)n, sizeof v[0], compare_ints);
			for (int i = 0; i < n; i++) {
				after += (unsigned int)v[i];
				CHECK(i == 0 || v[i - 1] <= v[i]);
			}
			CHECK(before == after);
		}
}

static void odd_widths(void)
{
	unsigned char v[100][7];

	for (int i = 0; i < 100; i++)
		for (int j = 0; j < 7; j++)
			v[i][j] = (unsigned char)rand();
	qsort(v, 100, 7, compare_bytes);
	for (int i = 1; i < 100; i++)
		CHECK(memcmp(v[i - 1], v[i], 7) <= 0);
}

static void search(void)
{
	int v[MOST];

	for (int i = 0; i < MOST; i++)
		v[i] = 2 * i;
	for (int n = 0; n <= 40; n++)
		for (int key = -1; key <= 2 * n; key++) {
			int *found = bsearch(&key, v, (size_t)n, sizeof v[0], compare_ints);

			if (key >= 0 && key < 2 * n && key % 2 == 0)
				CHECK(found == v + key / 2);
			else
				CHECK(found == NULL);
		}
}

int main(void)
{
	numbers();
	odd_widths();
	search();
	return check_end();
}
