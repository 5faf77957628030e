/* One block a vec: NEON and the AES instructions of ARMv8, on little-endian aarch64: Graviton, Ampere, Grace. */
#include "cpu/cpu.h"

#if defined(__aarch64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

#include <arm_neon.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__clang__)
#define TARGET __attribute__((target("aes")))
#else
#define TARGET __attribute__((target("+crypto")))
#endif
#define VEC_FN         TARGET static inline __attribute__((always_inline))
#define VEC_CONSTRAINT "w"
#define VEC_AHEAD      0
enum { VEC_BYTES = 16 };
typedef uint8x16_t vec;

VEC_FN vec vec_load(const uint8_t *p)
{
    return vld1q_u8(p);
}

VEC_FN void vec_store(uint8_t *p, vec v)
{
    vst1q_u8(p, v);
}

/* These CPUs see for themselves that whole lines are written, and do not read them first. */
VEC_FN void vec_stream(uint8_t *p, vec v)
{
    vec_store(p, v);
}

VEC_FN void vec_fence(void)
{
}

VEC_FN vec vec_blocks(const uint8_t *p)
{
    return vec_load(p);
}

VEC_FN vec vec_words(uint64_t left, uint64_t right)
{
    return vreinterpretq_u8_u64(vcombine_u64(vcreate_u64(left), vcreate_u64(right)));
}

VEC_FN vec vec_add(vec a, vec b)
{
    return vreinterpretq_u8_u64(vaddq_u64(vreinterpretq_u64_u8(a), vreinterpretq_u64_u8(b)));
}

VEC_FN vec vec_differ(vec so_far, vec a, vec b)
{
    return vorrq_u8(so_far, veorq_u8(a, b));
}

VEC_FN bool vec_is_zero(vec v)
{
    return vmaxvq_u8(v) == 0;
}

VEC_FN vec vec_bytes(uint8_t b)
{
    return vdupq_n_u8(b);
}

/* AESE begins with the key, where AESENC ends with it: so its key is 0. */
VEC_FN vec vec_round(vec x, vec key)
{
    return veorq_u8(vaesmcq_u8(vaeseq_u8(x, vec_bytes(0))), key);
}

VEC_FN vec vec_fill(vec v)
{
    return vmaxq_u8(vdupq_laneq_u8(v, 0), vec_bytes(1));
}

VEC_FN vec vec_above(vec index, vec last, vec a, vec b)
{
    return vbslq_u8(vcgtq_s8(vreinterpretq_s8_u8(index), vreinterpretq_s8_u8(last)), a, b);
}

#include "kernel/difference.h"
#include "kernel/vector.h"

/* AESD undoes ShiftRows and SubBytes, after its key, which is 0 here. */
VEC_FN vec undo_round(vec x, vec key)
{
    return vaesdq_u8(vaesimcq_u8(veorq_u8(x, key)), vec_bytes(0));
}

TARGET static void neon_undo(const uint8_t *round_keys, const uint8_t *block, uint64_t words[2])
{
    const vec once = undo_round(vec_load(block), vec_load(round_keys + KEYSTREAM_BLOCK));

    vec_store((uint8_t *)words, undo_round(once, vec_load(round_keys)));
}

TARGET static struct difference neon_difference(const uint8_t *a, const uint8_t *b, size_t count)
{
    return difference_of(a, b, count);
}

const struct kernel kernel_neon = {
    .name = "neon",
    .needs = CPU_NEON_AES,
    .blocks = vector_blocks,
    .sectors = vector_sectors,
    .match = vector_match,
    .undo = neon_undo,
    .difference = neon_difference,
};

#endif
