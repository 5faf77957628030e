/* Bits and bytes: what C leaves out. Everything here is pure. */
#ifndef BASE_BITS_H
#define BASE_BITS_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

__extension__ typedef unsigned __int128 u128;

static inline bool bits_is_pow2(uint64_t x)
{
    return x != 0 && (x & (x - 1)) == 0;
}

static inline unsigned bits_log2(uint64_t pow2)
{
    assert(bits_is_pow2(pow2));
    return (unsigned)__builtin_ctzll(pow2);
}

static inline uint32_t bits_rotl32(uint32_t x, unsigned n)
{
    assert(n > 0 && n < 32);
    return x << n | x >> (32 - n);
}

/* The upper half of the 128-bit product. */
static inline uint64_t bits_mul_hi(uint64_t a, uint64_t b)
{
    return (uint64_t)((u128)a * b >> 64);
}

/* Written out byte by byte, so that they hold on any byte order; compilers make one instruction of each. */
static inline uint32_t bits_load_le32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t bits_load_le64(const uint8_t *p)
{
    return (uint64_t)bits_load_le32(p + 4) << 32 | bits_load_le32(p);
}

static inline void bits_store_le32(uint8_t *p, uint32_t x)
{
    p[0] = (uint8_t)x;
    p[1] = (uint8_t)(x >> 8);
    p[2] = (uint8_t)(x >> 16);
    p[3] = (uint8_t)(x >> 24);
}

static inline void bits_store_le64(uint8_t *p, uint64_t x)
{
    bits_store_le32(p, (uint32_t)x);
    bits_store_le32(p + 4, (uint32_t)(x >> 32));
}

#endif
