/* What both VAES kernels share. */
#include "kernel/kernel.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define TARGET __attribute__((target("avx2")))

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
TARGET struct difference avx2_difference(const uint8_t *a, const uint8_t *b, size_t count)
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

#endif
