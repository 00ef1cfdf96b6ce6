/* The first instruction: main's arguments lie above a return address.  What main returns is the status. */
int main(int argc, char **argv);

__attribute__((noreturn, used)) static void start(int argc, char **argv)
{
	exit(main(argc, argv));
}

__attribute__((naked, noreturn)) void _start(void);

__attribute__((naked, noreturn)) void _start(void)
{
	__asm__("xorl %%ebp, %%ebp\n\tjmp %P0" : : "i"(start));
}
