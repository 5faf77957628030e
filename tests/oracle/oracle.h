/*
 * The oracle: format 1 of fodder once more, written from docs/format.md alone. It shares no code with the library,
 * it is slow, and its names are the page's names, so that the two can be read side by side.
 */
#ifndef FODDER_ORACLE_H
#define FODDER_ORACLE_H

#include <stddef.h>
#include <stdint.h>

__extension__ typedef unsigned __int128 u128;

enum { ORACLE_BALANCED, ORACLE_LZ4, ORACLE_ZSTD, ORACLE_DEFLATE };

/* Section 2. Ratios are whole millionths, unit and window the exponents of powers of two. */
struct oracle_spec {
    uint64_t seed, series, generation, Qdedup;
    uint32_t Qcompress;
    unsigned lg_unit, lg_window, codec, format;
};

struct oracle {
    struct oracle_spec spec;
    uint8_t K0[16], K1[16];
    uint64_t a0, a1, c, d;
    u128 f;
    uint64_t t, h, q;
    uint8_t sbox[256];
};

/* Reads the text form. Returns 0, or -1 and leaves *spec alone where the text is not a spec. */
int oracle_parse(struct oracle_spec *spec, const char *text);

/* Takes a spec that is within the ranges of section 2. */
void oracle_init(struct oracle *o, const struct oracle_spec *spec);

/* The number of distinct units among the first i, and the unique id of unit i. */
uint64_t oracle_n(const struct oracle *o, uint64_t i);
uint64_t oracle_id(const struct oracle *o, uint64_t i);

/* The number of keystream bytes in sector s of a unit. */
unsigned oracle_k(const struct oracle *o, uint64_t s);

/* The byte at an offset, and a run of bytes. Every 64-bit offset is defined, and offsets wrap at 2^64. */
uint8_t oracle_byte(const struct oracle *o, uint64_t offset);
void oracle_read(const struct oracle *o, uint64_t offset, uint8_t *dst, size_t len);

/* The parts, so that published vectors and the page's example can be checked. */
void oracle_chacha20(uint8_t out[64], const uint8_t key[32]);
uint64_t oracle_P(const struct oracle *o, uint64_t w);
void oracle_LR(const struct oracle *o, uint64_t u, uint64_t *L, uint64_t *R);
void oracle_aesenc(const struct oracle *o, uint8_t x[16], const uint8_t K[16]);
void oracle_block(const struct oracle *o, uint64_t u, uint64_t j, uint8_t block[16]);

#endif
