#include "layout/layout.h"

#include "base/bits.h"
#include "layout/chacha.h"
#include "layout/overhead.h"

static void derive_keys(struct layout *l, const struct spec *spec)
{
    uint8_t key[32], out[64];

    bits_store_le64(key, spec->value[SPEC_SEED]);
    bits_store_le64(key + 8, spec->value[SPEC_SERIES]);
    bits_store_le64(key + 16, spec->value[SPEC_DEDUP]);
    bits_store_le32(key + 24, (uint32_t)spec->value[SPEC_COMPRESS]);
    key[28] = (uint8_t)l->log2_unit;
    key[29] = (uint8_t)l->log2_window;
    key[30] = (uint8_t)spec->value[SPEC_CODEC];
    key[31] = SPEC_FORMAT;
    chacha_block(out, key);
    for (unsigned i = 0; i < sizeof l->round_keys; i++)
        l->round_keys[i] = out[i];
    l->a0 = bits_load_le64(out + 32);
    l->a1 = bits_load_le64(out + 40);
    l->c = bits_load_le64(out + 48);
    l->d = bits_load_le64(out + 56);
}

struct layout layout_of(const struct spec *spec)
{
    struct layout l = {
        .generation = spec->value[SPEC_GENERATION],
        .f = (uint64_t)(((u128)SPEC_MILLION << 64) / spec->value[SPEC_DEDUP]), /* 2^64, for dedup 1, becomes 0 */
        .q = overhead_keystream((uint32_t)spec->value[SPEC_COMPRESS], (uint32_t)spec->value[SPEC_CODEC]),
        .log2_unit = bits_log2(spec->value[SPEC_UNIT]),
        .log2_window = bits_log2(spec->value[SPEC_WINDOW]),
    };

    derive_keys(&l, spec);
    return l;
}

/* P: the permutation of 64 bits. */
static uint64_t permute(const struct layout *l, uint64_t w)
{
    uint64_t z = w ^ l->a0;

    z = (z ^ z >> 30) * LAYOUT_P0 ^ l->a1;
    z = (z ^ z >> 27) * LAYOUT_P1;
    return z ^ z >> 31;
}

uint64_t layout_distinct(const struct layout *l, uint64_t i)
{
    const u128 product = (u128)i * l->f;

    if (l->f == 0)
        return i;
    return (uint64_t)(product >> 64) + ((uint64_t)product != 0);
}

uint64_t layout_unit_id(const struct layout *l, uint64_t i)
{
    const uint64_t before = layout_distinct(l, i);
    uint64_t window, fresh;

    if (layout_distinct(l, i + 1) > before)
        return before;
    window = layout_distinct(l, i >> l->log2_window << l->log2_window);
    fresh = before - window;
    return fresh == 0 ? before - 1 : window + bits_mul_hi(permute(l, i ^ l->d), fresh);
}

struct keystream layout_keystream_of(const struct layout *l, uint64_t id, uint64_t generation)
{
    const uint64_t left = permute(l, id + (generation << 44));

    return (struct keystream) { .round_keys = l->round_keys, .left = left, .right = l->c + LAYOUT_M * left };
}

struct keystream layout_keystream(const struct layout *l, uint64_t id)
{
    return layout_keystream_of(l, id, l->generation);
}

uint64_t layout_max_units(const struct layout *l)
{
    /* n(i) <= 2^44 as long as i * f <= 2^108. */
    const u128 most = l->f == 0 ? LAYOUT_MAX_IDS : ((u128)1 << 108) / l->f;

    return most > UINT64_MAX ? UINT64_MAX : (uint64_t)most;
}
