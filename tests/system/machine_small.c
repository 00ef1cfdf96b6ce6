// The least memory, on one processor and on as many as the kernel takes.
// mem: 8
// cpus: 1 2 8
// kernels: debug release
// log: memory: [0-9]+ MiB
#include "_machine.h"

int main(void)
{
	return test_run(body);
}
