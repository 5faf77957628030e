/* Two blocks a vec: VAES and AVX2, without AVX-512: Zen 3, Alder Lake and their likes. */
#include "cpu/cpu.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TARGET         __attribute__((target("vaes,avx2")))
#define VEC_FN         TARGET static inline __attribute__((always_inline))
#define VEC_CONSTRAINT "x"
enum { VEC_BYTES = 32 };
typedef __m256i vec;

VEC_FN vec vec_load(const uint8_t *p)
{
    return _mm256_loadu_si256((const __m256i *)p);
}

VEC_FN void vec_store(uint8_t *p, vec v)
{
    _mm256_storeu_si256((__m256i *)p, v);
}

VEC_FN void vec_stream(uint8_t *p, vec v)
{
    _mm256_stream_si256((__m256i *)p, v);
}

VEC_FN void vec_fence(void)
{
    _mm_sfence();
}

VEC_FN vec vec_blocks(const uint8_t *p)
{
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)p));
}

VEC_FN vec vec_words(uint64_t left, uint64_t right)
{
    return _mm256_broadcastsi128_si256(_mm_set_epi64x((long long)right, (long long)left));
}

VEC_FN vec vec_add(vec a, vec b)
{
    return _mm256_add_epi64(a, b);
}

VEC_FN vec vec_differ(vec so_far, vec a, vec b)
{
    return _mm256_or_si256(so_far, _mm256_xor_si256(a, b));
}

VEC_FN bool vec_is_zero(vec v)
{
    return _mm256_testz_si256(v, v);
}

VEC_FN vec vec_bytes(uint8_t b)
{
    return _mm256_set1_epi8((char)b);
}

VEC_FN vec vec_round(vec x, vec key)
{
    return _mm256_aesenc_epi128(x, key);
}

VEC_FN vec vec_fill(vec v)
{
    const vec same = _mm256_broadcastb_epi8(_mm256_castsi256_si128(v));

    return _mm256_sub_epi8(same, _mm256_cmpeq_epi8(same, _mm256_setzero_si256()));
}

VEC_FN vec vec_above(vec index, vec last, vec a, vec b)
{
    return _mm256_blendv_epi8(b, a, _mm256_cmpgt_epi8(index, last));
}

#include "kernel/vector.h"

const struct kernel kernel_vaes256 = {
    .name = "vaes256",
    .needs = CPU_VAES256,
    .blocks = vector_blocks,
    .sectors = vector_sectors,
    .match = vector_match,
    .undo = aesni_undo,
    .difference = avx2_difference,
};

#endif
