/* What the bodies of these cases need of their dialect: RISC-V. */
#define DIALECT "riscv"
#define SAY(...) printf(__VA_ARGS__)
#define LEAVE(status) exit(status)

/* => the child that ended with status 0, or -1. */
static int wait_zero(void)
{
	int status = -2, pid = wait(&status);

	return status == 0 ? pid : -1;
}
