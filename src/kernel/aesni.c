/* One block a vec: AES-NI and SSE4.2, on every x86-64 server since 2010. */
#include "cpu/cpu.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TARGET         __attribute__((target("aes,sse4.2,popcnt")))
#define VEC_FN         TARGET static inline __attribute__((always_inline))
#define VEC_CONSTRAINT "x"
#define VEC_AHEAD      0
enum { VEC_BYTES = 16 };
typedef __m128i vec;

VEC_FN vec vec_load(const uint8_t *p)
{
    return _mm_loadu_si128((const __m128i *)p);
}

VEC_FN void vec_store(uint8_t *p, vec v)
{
    _mm_storeu_si128((__m128i *)p, v);
}

VEC_FN void vec_stream(uint8_t *p, vec v)
{
    _mm_stream_si128((__m128i *)p, v);
}

VEC_FN void vec_fence(void)
{
    _mm_sfence();
}

VEC_FN vec vec_blocks(const uint8_t *p)
{
    return vec_load(p);
}

VEC_FN vec vec_words(uint64_t left, uint64_t right)
{
    return _mm_set_epi64x((long long)right, (long long)left);
}

VEC_FN vec vec_add(vec a, vec b)
{
    return _mm_add_epi64(a, b);
}

VEC_FN vec vec_differ(vec so_far, vec a, vec b)
{
    return _mm_or_si128(so_far, _mm_xor_si128(a, b));
}

VEC_FN bool vec_is_zero(vec v)
{
    return _mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_setzero_si128())) == 0xffff;
}

VEC_FN vec vec_bytes(uint8_t b)
{
    return _mm_set1_epi8((char)b);
}

VEC_FN vec vec_round(vec x, vec key)
{
    return _mm_aesenc_si128(x, key);
}

VEC_FN vec vec_fill(vec v)
{
    const vec zero = _mm_setzero_si128(), same = _mm_shuffle_epi8(v, zero);

    return _mm_sub_epi8(same, _mm_cmpeq_epi8(same, zero));
}

VEC_FN vec vec_above(vec index, vec last, vec a, vec b)
{
    return _mm_blendv_epi8(b, a, _mm_cmpgt_epi8(index, last));
}

#include "kernel/difference.h"
#include "kernel/vector.h"

/* A round is SubBytes, ShiftRows, MixColumns and the key; AESIMC undoes the third, AESDECLAST the first two. */
TARGET static vec undo_round(vec x, vec key)
{
    return _mm_aesdeclast_si128(_mm_aesimc_si128(_mm_xor_si128(x, key)), _mm_setzero_si128());
}

TARGET void aesni_undo(const uint8_t *round_keys, const uint8_t *block, uint64_t words[2])
{
    const vec once = undo_round(vec_load(block), vec_load(round_keys + KEYSTREAM_BLOCK));

    vec_store((uint8_t *)words, undo_round(once, vec_load(round_keys)));
}

TARGET static struct difference aesni_difference(const uint8_t *a, const uint8_t *b, size_t count)
{
    return difference_of(a, b, count);
}

const struct kernel kernel_aesni = {
    .name = "aesni",
    .needs = CPU_AESNI,
    .blocks = vector_blocks,
    .sectors = vector_sectors,
    .match = vector_match,
    .undo = aesni_undo,
    .difference = aesni_difference,
};

#endif
