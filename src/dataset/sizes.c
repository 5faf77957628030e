#include "dataset/sizes.h"

#include <assert.h>

#include "base/bits.h"
#include "layout/chacha.h"

/* Roots of 2 in 2^-62: the square root, its square root and so on. Each is isqrt(the one before it * 2^62). */
static const uint64_t roots[32] = {
    UINT64_C(0x5a827999fcef3242), UINT64_C(0x4c1bf828c6dc54b7), UINT64_C(0x45cae0f1f545eb73),
    UINT64_C(0x42d561b3e6243d8a), UINT64_C(0x4166c34c5615d0eb), UINT64_C(0x40b268f9de0183b9),
    UINT64_C(0x4058f6a7ecccd5b5), UINT64_C(0x402c6be96af2fb57), UINT64_C(0x4016321b687027a7),
    UINT64_C(0x400b18178ba33b13), UINT64_C(0x40058bce410147e7), UINT64_C(0x4002c5d7bff71dad),
    UINT64_C(0x400162e807ee7e5a), UINT64_C(0x4000b1730df6a523), UINT64_C(0x400058b9497b8151),
    UINT64_C(0x40002c5c955dd700), UINT64_C(0x4000162e46d6f26b), UINT64_C(0x40000b1722757b1a),
    UINT64_C(0x4000058b90fd3e0b), UINT64_C(0x400002c5c86f3f25), UINT64_C(0x40000162e433c79a),
    UINT64_C(0x400000b17218edcf), UINT64_C(0x40000058b90c3968), UINT64_C(0x4000002c5c860d54),
    UINT64_C(0x400000162e4302d2), UINT64_C(0x4000000b17218073), UINT64_C(0x400000058b90bffc),
    UINT64_C(0x40000002c5c85fee), UINT64_C(0x4000000162e42ff3), UINT64_C(0x40000000b17217f8),
    UINT64_C(0x4000000058b90bfb), UINT64_C(0x400000002c5c85fd),
};

/* Teichroew's polynomial in 2^-32, the highest power first. */
static const uint64_t bend[] = { 128418560, 35888609, 328749304, 1084087473, UINT64_C(16964459987) };

#define LOG2_E UINT64_C(6196328018) /* in 2^-32 */

void sizes_begin(struct sizes *sizes, uint64_t seed, uint64_t series)
{
    uint8_t key[32] = { 0 }, out[64];

    bits_store_le64(key, seed);
    bits_store_le64(key + 8, series);
    chacha_block(out, key);
    sizes->draws = bits_load_le64(out);
}

static uint64_t draw(const struct sizes *sizes, uint64_t k, uint64_t j)
{
    return bits_mix64(sizes->draws + (8 * k + j + 1) * BITS_GOLDEN);
}

static uint64_t in_span(uint64_t min, uint64_t max, uint64_t word)
{
    return min + bits_mul_hi(word, max - min + 1);
}

/* A normal number by a sum of twelve uniform ones, in 2^-32; its sign is that of *sum. */
static uint64_t normal(const struct sizes *sizes, uint64_t k, int64_t *sum)
{
    uint64_t r, square, p = bend[0];

    *sum = 6 - 6 * (INT64_C(1) << 32);
    for (uint64_t j = 0; j < 6; j++) {
        const uint64_t word = draw(sizes, k, j);

        *sum += (int64_t)(word >> 32) + (int64_t)(uint32_t)word;
    }
    r = (uint64_t)(*sum < 0 ? -*sum : *sum);
    square = (uint64_t)((u128)r * r >> 36);
    for (size_t i = 1; i < sizeof bend / sizeof *bend; i++)
        p = (uint64_t)((u128)p * square >> 32) + bend[i];
    return (uint64_t)((u128)p * r >> 34);
}

/* 2^(f / 2^32), in 2^-62. */
static uint64_t power(uint32_t f)
{
    uint64_t m = UINT64_C(1) << 62;

    for (unsigned i = 0; i < 32; i++) {
        if (f >> (31 - i) & 1)
            m = (uint64_t)((u128)m * roots[i] >> 62);
    }
    return m;
}

/* product / 2^shift, halves up; UINT64_MAX where that is more than 64 bits hold. */
static uint64_t round_shift(u128 product, unsigned shift)
{
    u128 rounded;

    if (shift > 126)
        return 0; /* product is below 2^125: less than a half is left */
    rounded = shift == 0 ? product : ((product >> (shift - 1)) + 1) >> 1;
    return rounded > UINT64_MAX ? UINT64_MAX : (uint64_t)rounded;
}

static uint64_t lognormal(const struct sizes *sizes, uint64_t k)
{
    const uint64_t deviation = (uint64_t)((u128)LOG2_E * sizes->sigma / 1000000);
    int64_t sum, x, n;
    uint64_t size;

    x = (int64_t)((u128)normal(sizes, k, &sum) * deviation >> 32);
    if (sum < 0)
        x = -x;
    n = x / (INT64_C(1) << 32) - (x % (INT64_C(1) << 32) < 0);
    if (n > 62) /* 2^63 at least */
        return sizes->max;
    size = round_shift((u128)sizes->median * power((uint32_t)x), (unsigned)(62 - n));
    return size < sizes->min ? sizes->min : size > sizes->max ? sizes->max : size;
}

static uint64_t histogram(const struct sizes *sizes, uint64_t k)
{
    const uint64_t at = bits_mul_hi(draw(sizes, k, 0), sizes->rows[sizes->row_count - 1].upto);
    size_t low = 0, high = sizes->row_count - 1; /* the first row whose `upto` is above `at` is one of these */

    while (low < high) {
        const size_t middle = (low + high) / 2;

        if (at < sizes->rows[middle].upto)
            high = middle;
        else
            low = middle + 1;
    }
    return in_span(sizes->rows[low].min, sizes->rows[low].max, draw(sizes, k, 1));
}

uint64_t sizes_of(const struct sizes *sizes, uint64_t k)
{
    switch (sizes->rule) {
    case SIZES_FIXED:
        return sizes->min;
    case SIZES_UNIFORM:
        return in_span(sizes->min, sizes->max, draw(sizes, k, 0));
    case SIZES_LOGNORMAL:
        return lognormal(sizes, k);
    default:
        assert(sizes->rule == SIZES_HISTOGRAM);
        return histogram(sizes, k);
    }
}
