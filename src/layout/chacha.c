#include "layout/chacha.h"

#include <string.h>

#include "base/bits.h"

static void quarter_round(uint32_t w[16], unsigned a, unsigned b, unsigned c, unsigned d)
{
    w[a] += w[b];
    w[d] = bits_rotl32(w[d] ^ w[a], 16);
    w[c] += w[d];
    w[b] = bits_rotl32(w[b] ^ w[c], 12);
    w[a] += w[b];
    w[d] = bits_rotl32(w[d] ^ w[a], 8);
    w[c] += w[d];
    w[b] = bits_rotl32(w[b] ^ w[c], 7);
}

static void double_round(uint32_t w[16])
{
    for (unsigned i = 0; i < 4; i++)
        quarter_round(w, i, 4 + i, 8 + i, 12 + i);
    for (unsigned i = 0; i < 4; i++)
        quarter_round(w, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4);
}

void chacha_block(uint8_t out[64], const uint8_t key[32])
{
    uint32_t start[16] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 }; /* "expand 32-byte k" */
    uint32_t w[16];

    for (unsigned i = 0; i < 8; i++)
        start[4 + i] = bits_load_le32(key + 4 * i);
    memcpy(w, start, sizeof w);
    for (unsigned i = 0; i < 10; i++)
        double_round(w);
    for (unsigned i = 0; i < 16; i++)
        bits_store_le32(out + 4 * i, w[i] + start[i]);
}
