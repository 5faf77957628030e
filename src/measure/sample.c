#include "measure/sample.h"

#include <stdbool.h>

#include "base/bits.h"

/* No two segments rank equal. */
static uint64_t rank_of(uint64_t i)
{
    return bits_mix64((i + 1) * BITS_GOLDEN);
}

/* Does it rank below all of the `count` segments from `first` on? */
static bool is_first(uint64_t i, uint64_t first, uint64_t count)
{
    const uint64_t rank = rank_of(i);

    for (uint64_t n = 0; n < count; n++) {
        if (rank_of(first + n) < rank)
            return false;
    }
    return true;
}

/* The first of 2^(h + 1) is the first of its own 2^h, and of the 2^h beside them. */
unsigned measure_sample_level(uint64_t i)
{
    unsigned level = 0;

    while (level + 1 < MEASURE_SAMPLE_LEVELS) {
        const uint64_t count = UINT64_C(1) << level;

        if (!is_first(i, (i & ~(count - 1)) ^ count, count))
            break;
        level++;
    }
    return level;
}
