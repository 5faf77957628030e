/* How sectors differ, in C that a compiler makes the best of for the target of the function around it. */
#ifndef KERNEL_DIFFERENCE_H
#define KERNEL_DIFFERENCE_H

#include "base/bits.h"
#include "kernel/kernel.h"

static inline __attribute__((always_inline)) struct difference difference_of(const uint8_t *a, const uint8_t *b,
                                                                             size_t count)
{
    const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
    struct difference sum = { 0, 0 };

    for (size_t i = 0; i < count * KEYSTREAM_SECTOR; i += 8) {
        const uint64_t x = bits_load_le64(a + i) ^ bits_load_le64(b + i);

        sum.bits += (unsigned)__builtin_popcountll(x);
        sum.bytes +=
            (unsigned)__builtin_popcountll(~low & (((x & low) + low) | x)); /* a byte's top bit, where it is not 0 */
    }
    return sum;
}

#endif
