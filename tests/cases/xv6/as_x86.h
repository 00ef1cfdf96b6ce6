/* What the bodies of these cases need of their dialect: x86. */
#define DIALECT "x86"
#define SAY(...) printf(1, __VA_ARGS__)
#define LEAVE(status) ((void)(status), exit())

/* => the child that ended; whether it says 0 is not known here. */
static int wait_zero(void)
{
	return wait();
}
