#include "layout/overhead.h"

#include <fodder/fodder.h>

#include "base/bits.h"
#include "layout/layout.h"

enum { POINTS = 12 };

/* Compress ratios, in millionths, and beside each the run's cost in hundredths of a byte a sector. Fitted by search on
 * this very layout against liblz4 1.9, libzstd 1.5 and zlib 1.2 on chunks of 32 KiB to 1 MiB. */
static const uint32_t points[POINTS] = { 32000000, 24000000, 16000000, 12000000, 8000000, 6000000,
                                         4000000,  3000000,  2000000,  1500000,  1250000, 1100000 };
static const uint16_t costs[][POINTS] = {
    [FODDER_CODEC_BALANCED] = { 425, 470, 470, 478, 485, 545, 545, 555, 555, 620, 670, 670 },
    [FODDER_CODEC_LZ4] = { 597, 688, 699, 700, 701, 800, 801, 802, 803, 903, 1000, 1000 },
    [FODDER_CODEC_ZSTD] = { 254, 260, 250, 262, 270, 293, 293, 330, 317, 400, 400, 400 },
    [FODDER_CODEC_DEFLATE] = { 419, 431, 450, 462, 477, 495, 484, 503, 523, 474, 431, 433 },
};

/* The share of a sector that a ratio leaves, in 2^-32 byte. */
static uint64_t share(uint32_t compress)
{
    return (UINT64_C(512) * 1000000 << 32) / compress;
}

static uint64_t interpolate(const uint16_t *cost, uint64_t t)
{
    unsigned b = 1;

    while (b < POINTS - 1 && t >= share(points[b]))
        b++;
    if (t >= share(points[b]))
        return ((uint64_t)cost[b] << 32) / 100;

    const uint64_t ta = share(points[b - 1]), tb = share(points[b]);
    const u128 weighted = (u128)cost[b - 1] * (tb - t) + (u128)cost[b] * (t - ta);

    return (uint64_t)((weighted << 32) / (100 * (tb - ta)));
}

uint64_t overhead_keystream(uint32_t compress, uint32_t codec)
{
    const uint64_t t = share(compress);

    return compress == 1000000 ? KEYSTREAM_Q_ALL : t - interpolate(costs[codec], t);
}
