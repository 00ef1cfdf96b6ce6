/* The first instruction: main's arguments lie above a return address.  A main that returns has ended. */
int main(int argc, char **argv);

__attribute__((noreturn, used)) static void start(int argc, char **argv)
{
	main(argc, argv);
	exit();
}

__attribute__((naked, noreturn)) void _start(void);

__attribute__((naked, noreturn)) void _start(void)
{
	__asm__("xorl %%ebp, %%ebp\n\tjmp %P0" : : "i"(start));
}
