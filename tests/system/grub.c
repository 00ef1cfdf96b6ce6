// GRUB 2 loads kernel and root file system too: its memory map, its command line and its place for the module differ
// from those of QEMU's own loader.
// root: iso
// cpus: 1 2
// kernels: debug release
// timeout: 90
// expect: ^loaded$
#include <stdio.h>

int main(void)
{
	puts("loaded");
	return 0;
}
