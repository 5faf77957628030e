/* Bits and bytes: what C leaves out. Everything here is pure. */
#ifndef BASE_BITS_H
#define BASE_BITS_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

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

static inline uint64_t bits_min(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The same, where one of them is a length in memory, so that the smaller is one too. */
static inline size_t bits_min_size(uint64_t a, size_t b)
{
    return (size_t)bits_min(a, b);
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

/* The finalizer of SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014): a
 * bijection whose every bit hangs on all of x. SplitMix64's numbers are those of BITS_GOLDEN, twice that, ... from a
 * seed on. */
#define BITS_GOLDEN UINT64_C(0x9E3779B97F4A7C15)

static inline uint64_t bits_mix64(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
    return x ^ x >> 31;
}

/* Little-endian words from and to memory of any alignment: one instruction each. */
static inline uint64_t bits_le64(uint64_t x)
{
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap64(x) : x;
}

static inline uint32_t bits_le32(uint32_t x)
{
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap32(x) : x;
}

static inline uint32_t bits_load_le32(const uint8_t *p)
{
    uint32_t x;

    memcpy(&x, p, sizeof x);
    return bits_le32(x);
}

static inline uint64_t bits_load_le64(const uint8_t *p)
{
    uint64_t x;

    memcpy(&x, p, sizeof x);
    return bits_le64(x);
}

static inline void bits_store_le32(uint8_t *p, uint32_t x)
{
    x = bits_le32(x);
    memcpy(p, &x, sizeof x);
}

static inline void bits_store_le64(uint8_t *p, uint64_t x)
{
    x = bits_le64(x);
    memcpy(p, &x, sizeof x);
}

#endif
