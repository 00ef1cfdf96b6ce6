// More memory than the kernel can use: it says so, and uses the rest.
// mem: 3072 4096
// cpus: 1 2
// kernels: debug release
// log: memory: [0-9]+ MiB lie above
#include "_machine.h"

int main(void)
{
	return test_run(body);
}
