/* The keystream in plain C, on any byte order: SubBytes, ShiftRows and MixColumns of a column are four look-ups. */
#include <string.h>

#include "base/bits.h"
#include "kernel/aes_table.h"
#include "kernel/difference.h"
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

static void scalar_blocks(const struct keystream *stream, uint64_t first, uint8_t *dst, size_t count,
                          enum kernel_way way)
{
    const struct state key0 = load_key(stream->round_keys), key1 = load_key(stream->round_keys + 16);
    uint64_t left = stream->left + first * KEYSTREAM_W0, right = stream->right + first * KEYSTREAM_W1;
    (void)way;

    for (; count > 0; count--) {
        struct state x = { { (uint32_t)left, (uint32_t)(left >> 32), (uint32_t)right, (uint32_t)(right >> 32) } };

        x = aes_round(aes_round(x, &key0), &key1);
        bits_store_le64(dst, (uint64_t)x.column[1] << 32 | x.column[0]);
        bits_store_le64(dst + 8, (uint64_t)x.column[3] << 32 | x.column[2]);
        dst += KEYSTREAM_BLOCK;
        left += KEYSTREAM_W0;
        right += KEYSTREAM_W1;
    }
}

static void scalar_sectors(const struct keystream *stream, uint64_t q, uint64_t first, uint8_t *dst, size_t count,
                           enum kernel_way way)
{
    for (; count > 0; count--, first++, dst += KEYSTREAM_SECTOR) {
        const unsigned k = keystream_split(q, first);

        scalar_blocks(stream, first * (KEYSTREAM_SECTOR / KEYSTREAM_BLOCK), dst, (k + 15) / KEYSTREAM_BLOCK, way);
        memset(dst + k, dst[0] ? dst[0] : 1, KEYSTREAM_SECTOR - k);
    }
}

static size_t scalar_match(const struct keystream *stream, uint64_t q, uint64_t first, const uint8_t *src, size_t count)
{
    uint8_t sector[KEYSTREAM_SECTOR];
    size_t i = 0;

    for (; i < count; i++, src += KEYSTREAM_SECTOR) {
        scalar_sectors(stream, q, first + i, sector, 1, KERNEL_CACHED);
        if (memcmp(sector, src, sizeof sector) != 0)
            break;
    }
    return i;
}

static uint8_t times(uint8_t a, unsigned factor)
{
    uint8_t product = 0;

    for (; factor > 0; factor >>= 1, a = (uint8_t)DOUBLE(a)) {
        if (factor & 1)
            product ^= a;
    }
    return product;
}

/* InvMixColumns, FIPS 197 section 5.3.3, of one byte: row r of column c. */
static uint8_t unmixed_byte(const uint8_t *column, unsigned r)
{
    return times(column[r], 14) ^ times(column[(r + 1) % 4], 11) ^ times(column[(r + 2) % 4], 13) ^
           times(column[(r + 3) % 4], 9);
}

static uint8_t unsubstituted(uint8_t byte)
{
    static const uint8_t sbox[256] = { AES_SBOX(+) };
    unsigned i = 0;

    while (sbox[i] != byte)
        i++;
    return (uint8_t)i;
}

static void undo_round(uint8_t state[16], const uint8_t *key)
{
    uint8_t mixed[16];

    for (unsigned i = 0; i < 16; i++)
        mixed[i] = state[i] ^ key[i];
    /* Byte (r, c) has come from column c + r: ShiftRows. */
    for (unsigned c = 0; c < 4; c++) {
        for (unsigned r = 0; r < 4; r++)
            state[4 * ((c + r) % 4) + r] = unsubstituted(unmixed_byte(mixed + 4 * c, r));
    }
}

static void scalar_undo(const uint8_t *round_keys, const uint8_t *block, uint64_t words[2])
{
    uint8_t state[KEYSTREAM_BLOCK];

    memcpy(state, block, sizeof state);
    undo_round(state, round_keys + KEYSTREAM_BLOCK);
    undo_round(state, round_keys);
    words[0] = bits_load_le64(state);
    words[1] = bits_load_le64(state + 8);
}

static struct difference scalar_difference(const uint8_t *a, const uint8_t *b, size_t count)
{
    return difference_of(a, b, count);
}

const struct kernel kernel_scalar = {
    .name = "scalar",
    .needs = 0,
    .blocks = scalar_blocks,
    .sectors = scalar_sectors,
    .match = scalar_match,
    .undo = scalar_undo,
    .difference = scalar_difference,
};
