/* What the system says it is: uname(2) and /proc/version. */
#ifndef KERN_VERSION_H
#define KERN_VERSION_H

#define KERNEL_NAME "Dormouse"
#define KERNEL_RELEASE "0.1.0"
#define KERNEL_VERSION "lazy"
#define KERNEL_MACHINE "i686"

#endif
