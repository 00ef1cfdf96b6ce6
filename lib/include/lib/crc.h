/* CRC-32C (Castagnoli; RFC 3720 appendix B.4), the checksum of dmfs's structures. */
#ifndef LIB_CRC_H
#define LIB_CRC_H

#include <stddef.h>
#include <stdint.h>

/* The checksum of the bytes that gave CRC (0: none yet) followed by the LEN bytes at DATA.
   So crc32c(0, "123456789", 9) is 0xE3069283, and crc32c(crc32c(0, a, n), b, m) that of a and b in a row. */
uint32_t crc32c(uint32_t crc, const void *data, size_t len);

#endif
