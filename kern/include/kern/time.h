/* Clocks as programs see them. */
#ifndef KERN_TIME_H
#define KERN_TIME_H

#include <arch/time.h>

#define NS_PER_S 1000000000u

void time_init(void);        /* reads the battery clock once */
uint64_t time_wall_ns(void); /* since 1970, UTC */
/* When the time of day is WALL (ns), what time_uptime_ns says; 0: before the boot.  The time of day is never set. */
uint64_t time_uptime_of_wall(uint64_t wall);
static inline uint64_t time_uptime_ns(void)
{
	return arch_time_ns();
}
uint32_t time_wall_s(void); /* since 1970; cheap: as of the last tick.  For times of files */
void time_tick(void);       /* on the boot CPU, interrupts disabled */

#endif
