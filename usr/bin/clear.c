/* Clear the screen: the sequences of a VT100. */
#include "tool.h"

int main(void)
{
	fputs("\033[H\033[2J", stdout);
	return finish(0);
}
