/* The keystream in plain C, on any byte order: SubBytes, ShiftRows and MixColumns of a column are four look-ups. */
#include <string.h>

#include "base/bits.h"
#include "kernel/aes_table.h"
#include "kernel/kernel.h"

#define DOUBLE(s) (uint32_t)((s) << 1 ^ ((s) >> 7) * 0x11b)
#define TRIPLE(s) (DOUBLE(s) ^ (uint32_t)(s))

/* What an input byte in row 0, 1, 2 or 3 adds to its output column; row 0 is the low byte of a column. */
#define ROW0(s) (DOUBLE(s) | (uint32_t)(s) << 8 | (uint32_t)(s) << 16 | TRIPLE(s) << 24)
#define ROW1(s) (TRIPLE(s) | DOUBLE(s) << 8 | (uint32_t)(s) << 16 | (uint32_t)(s) << 24)
#define ROW2(s) ((uint32_t)(s) | TRIPLE(s) << 8 | DOUBLE(s) << 16 | (uint32_t)(s) << 24)
#define ROW3(s) ((uint32_t)(s) | (uint32_t)(s) << 8 | TRIPLE(s) << 16 | DOUBLE(s) << 24)

static const uint32_t rows[4][256] = { { AES_SBOX(ROW0) }, { AES_SBOX(ROW1) }, { AES_SBOX(ROW2) }, { AES_SBOX(ROW3) } };

/* Four columns of four bytes, as in FIPS 197. */
struct state {
    uint32_t column[4];
};

static inline uint32_t mixed_column(const struct state *x, unsigned c)
{
    return rows[0][x->column[c] & 0xff] ^ rows[1][x->column[(c + 1) % 4] >> 8 & 0xff] ^
           rows[2][x->column[(c + 2) % 4] >> 16 & 0xff] ^ rows[3][x->column[(c + 3) % 4] >> 24];
}

static inline struct state aes_round(struct state x, const struct state *key)
{
    return (struct state) { {
        mixed_column(&x, 0) ^ key->column[0],
        mixed_column(&x, 1) ^ key->column[1],
        mixed_column(&x, 2) ^ key->column[2],
        mixed_column(&x, 3) ^ key->column[3],
    } };
}

static struct state load_key(const uint8_t *key)
{
    return (struct state) { {
        bits_load_le32(key),
        bits_load_le32(key + 4),
        bits_load_le32(key + 8),
        bits_load_le32(key + 12),
    } };
}

static void scalar_blocks(const struct keystream *stream, uint64_t first, uint8_t *dst, size_t count)
{
    const struct state key0 = load_key(stream->round_keys), key1 = load_key(stream->round_keys + 16);
    uint64_t left = stream->left + first * KEYSTREAM_W0, right = stream->right + first * KEYSTREAM_W1;

    for (; count > 0; count--) {
        struct state x = { { (uint32_t)left, (uint32_t)(left >> 32), (uint32_t)right, (uint32_t)(right >> 32) } };

        x = aes_round(aes_round(x, &key0), &key1);
        for (unsigned c = 0; c < 4; c++)
            bits_store_le32(dst + 4 * c, x.column[c]);
        dst += KEYSTREAM_BLOCK;
        left += KEYSTREAM_W0;
        right += KEYSTREAM_W1;
    }
}

static void scalar_sectors(const struct keystream *stream, uint64_t q, uint64_t first, uint8_t *dst, size_t count)
{
    for (; count > 0; count--, first++, dst += KEYSTREAM_SECTOR) {
        const unsigned k = keystream_split(q, first);

        scalar_blocks(stream, first * (KEYSTREAM_SECTOR / KEYSTREAM_BLOCK), dst, (k + 15) / KEYSTREAM_BLOCK);
        memset(dst + k, dst[0] ? dst[0] : 1, KEYSTREAM_SECTOR - k);
    }
}

const struct kernel kernel_scalar = {
    .name = "scalar",
    .needs = 0,
    .blocks = scalar_blocks,
    .sectors = scalar_sectors,
};
