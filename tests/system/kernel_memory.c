// kernels: release
// mem: 512
// root: module
/* Of 512 MiB the kernel keeps at most 3 for itself: image, frame table, stacks, small memory, page tables. */
#include "check.h"
#include <dormouse.h>

#define MOST (3u << 20)

int main(void)
{
	static char buf[4096];
	struct abi_kstat k;
	unsigned int sum;

	CHECK(kstat(buf, sizeof buf) >= (int)sizeof k);
	memcpy(&k, buf, sizeof k);
	sum = k.kernel + k.slab + k.tables;
	printf("kernel %u, slab %u, tables %u\n", (unsigned)k.kernel, (unsigned)k.slab, (unsigned)k.tables);
	CHECK(k.kernel > 512 << 10); /* else it counted nothing */
	CHECK(sum <= MOST);
	return 0;
}
