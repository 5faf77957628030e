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
#define VEC_AHEAD      2048        /* 8 MiB: from 0.94 to 1.02 of memset on Zen 3, which has no wider kernel */
#define VEC_JOINS(off) (off == 16) /* where malloc leaves large buffers; AVX2 shifts by halves only */
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

VEC_FN vec vec_shift(vec indices, size_t off)
{
    (void)off;
    return indices; /* not used: there is one way */
}

VEC_FN vec vec_join(vec before, vec now, vec shift)
{
    (void)shift;
    return _mm256_permute2x128_si256(before, now, 0x21); /* the high half of one, the low half of the other */
}

#include "kernel/vector.h"

/* The bits that are set in each byte: a look-up for each half of it. */
TARGET static inline __m256i count_bits(__m256i x)
{
    const __m256i half = _mm256_set1_epi8(15);
    const __m256i counts = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
    const __m256i low = _mm256_shuffle_epi8(counts, _mm256_and_si256(x, half));
    const __m256i high = _mm256_shuffle_epi8(counts, _mm256_and_si256(_mm256_srli_epi16(x, 4), half));

    return _mm256_add_epi8(low, high);
}

TARGET static inline uint64_t sum(__m256i words)
{
    const __m128i pair = _mm_add_epi64(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));

    return (uint64_t)_mm_cvtsi128_si64(pair) + (uint64_t)_mm_extract_epi64(pair, 1);
}

/* The counters of a sector's bytes, which hold 16 times 8 at most, cannot overflow; sectors are summed in words. */
TARGET static struct difference vaes256_difference(const uint8_t *a, const uint8_t *b, size_t count)
{
    const __m256i zero = _mm256_setzero_si256();
    __m256i all_same = zero, all_set = zero;

    for (size_t s = 0; s < count; s++) {
        __m256i same = zero, set = zero;

#pragma GCC unroll 2 /* all unrolled, it would spill */
        for (size_t i = 0; i < KEYSTREAM_SECTOR; i += sizeof zero, a += sizeof zero, b += sizeof zero) {
            const __m256i left = _mm256_loadu_si256((const __m256i *)a);
            const __m256i x = _mm256_xor_si256(left, _mm256_loadu_si256((const __m256i *)b));

            same = _mm256_sub_epi8(same, _mm256_cmpeq_epi8(x, zero));
            set = _mm256_add_epi8(set, count_bits(x));
        }
        all_same = _mm256_add_epi64(all_same, _mm256_sad_epu8(same, zero));
        all_set = _mm256_add_epi64(all_set, _mm256_sad_epu8(set, zero));
    }
    return (struct difference) { .bytes = count * KEYSTREAM_SECTOR - sum(all_same), .bits = sum(all_set) };
}

const struct kernel kernel_vaes256 = {
    .name = "vaes256",
    .needs = CPU_VAES256,
    .blocks = vector_blocks,
    .sectors = vector_sectors,
    .match = vector_match,
    .undo = aesni_undo,
    .difference = vaes256_difference,
};

#endif
