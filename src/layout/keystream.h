/* What the layout tells a kernel about one unit (docs/format.md, sections 5 and 6). */
#ifndef LAYOUT_KEYSTREAM_H
#define LAYOUT_KEYSTREAM_H

#include <stdint.h>

/* Block j is AESENC(AESENC((left + j * W0, right + j * W1), K0), K1). */
struct keystream {
    const uint8_t *round_keys; /* 32 bytes: K0, K1 */
    uint64_t left, right;
};

#define KEYSTREAM_W0 UINT64_C(0x9E3779B97F4A7C15)
#define KEYSTREAM_W1 UINT64_C(0xBB67AE8584CAA73B)

/* q of compress 1: all 512 bytes. */
#define KEYSTREAM_Q_ALL (UINT64_C(512) << 32)

enum { KEYSTREAM_BLOCK = 16, KEYSTREAM_SECTOR = 512 };

/* k: the keystream bytes at the start of sector s of a unit. */
static inline unsigned keystream_split(uint64_t q, uint64_t s)
{
    return (unsigned)((s + 1) * q >> 32) - (unsigned)(s * q >> 32);
}

#endif
