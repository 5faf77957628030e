#include "layout/place.h"

#include "base/bits.h"

/* right - M * left - c = j * (W1 - M * W0), and that factor is twice an odd number. */
#define FACTOR  (KEYSTREAM_W1 - LAYOUT_M * KEYSTREAM_W0)
#define INVERSE UINT64_C(0xE8CE208B79EC9601)
_Static_assert((FACTOR / 2 & 1) == 1 && FACTOR / 2 * INVERSE == 1, "j comes back by one multiplication");

#define P0_INVERSE UINT64_C(0x96DE1B173F119089)
#define P1_INVERSE UINT64_C(0x319642B2D24D8EC3)
_Static_assert(LAYOUT_P0 *P0_INVERSE == 1 && LAYOUT_P1 * P1_INVERSE == 1, "P comes back");

/* The inverse of P. */
static uint64_t unpermute(const struct layout *l, uint64_t z)
{
    z = (z ^ z >> 31 ^ z >> 62) * P1_INVERSE;
    z = ((z ^ z >> 27 ^ z >> 54) ^ l->a1) * P0_INVERSE;
    return z ^ z >> 30 ^ z >> 60 ^ l->a0;
}

bool place_find(const struct layout *l, const uint64_t words[2], struct place *place)
{
    const uint64_t blocks = (UINT64_C(1) << l->log2_unit) / KEYSTREAM_BLOCK;
    const uint64_t multiple = words[1] - LAYOUT_M * words[0] - l->c;
    const uint64_t block = multiple / 2 * INVERSE & UINT64_MAX >> 1; /* a half, so it is known mod 2^63 */
    uint64_t w;

    /* One branch for both: that on the parity of random words would be guessed wrong every other time. */
    if ((multiple & 1) | (block >= blocks))
        return false;
    w = unpermute(l, words[0] - block * KEYSTREAM_W0);
    *place = (struct place) { .id = w & (LAYOUT_MAX_IDS - 1), .generation = w >> 44, .block = block };
    return true;
}

bool place_offset(const struct layout *l, uint64_t id, uint64_t *offset)
{
    /* The new unit i of this id is the last with n(i) = id: i * f <= id * 2^64. */
    const u128 unit = l->f == 0 ? id : ((u128)id << 64) / l->f;

    if (unit >> (63 - l->log2_unit) != 0)
        return false;
    *offset = (uint64_t)unit << l->log2_unit;
    return true;
}
