/* Four blocks a vec: VAES and AVX-512: Zen 4, Ice Lake and later. */
#include "cpu/cpu.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TARGET         __attribute__((target("vaes,avx512f,avx512bw")))
#define VEC_FN         TARGET static inline __attribute__((always_inline))
#define VEC_CONSTRAINT "x"
enum { VEC_BYTES = 64 };
typedef __m512i vec;

VEC_FN vec vec_load(const uint8_t *p)
{
    return _mm512_loadu_si512(p);
}

VEC_FN void vec_store(uint8_t *p, vec v)
{
    _mm512_storeu_si512(p, v);
}

VEC_FN void vec_stream(uint8_t *p, vec v)
{
    _mm512_stream_si512((__m512i *)p, v);
}

VEC_FN void vec_fence(void)
{
    _mm_sfence();
}

VEC_FN vec vec_blocks(const uint8_t *p)
{
    return _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)p));
}

VEC_FN vec vec_words(uint64_t left, uint64_t right)
{
    return _mm512_broadcast_i32x4(_mm_set_epi64x((long long)right, (long long)left));
}

VEC_FN vec vec_add(vec a, vec b)
{
    return _mm512_add_epi64(a, b);
}

VEC_FN vec vec_differ(vec so_far, vec a, vec b)
{
    return _mm512_ternarylogic_epi64(so_far, a, b, 0xf6);
}

VEC_FN bool vec_is_zero(vec v)
{
    return _mm512_test_epi64_mask(v, v) == 0;
}

VEC_FN vec vec_bytes(uint8_t b)
{
    return _mm512_set1_epi8((char)b);
}

VEC_FN vec vec_round(vec x, vec key)
{
    return _mm512_aesenc_epi128(x, key);
}

VEC_FN vec vec_fill(vec v)
{
    return _mm512_max_epu8(_mm512_broadcastb_epi8(_mm512_castsi512_si128(v)), _mm512_set1_epi8(1));
}

VEC_FN vec vec_above(vec index, vec last, vec a, vec b)
{
    return _mm512_mask_blend_epi8(_mm512_cmpgt_epi8_mask(index, last), b, a);
}

#include "kernel/vector.h"

const struct kernel kernel_vaes512 = {
    .name = "vaes512",
    .needs = CPU_VAES512,
    .blocks = vector_blocks,
    .sectors = vector_sectors,
    .match = vector_match,
    .undo = aesni_undo,
    .difference = avx2_difference,
};

#endif
