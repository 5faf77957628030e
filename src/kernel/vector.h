/*
 * The body of every vector kernel, written once over a `vec`: VEC_BYTES bytes, keystream blocks side by side. What
 * comes of it are vector_blocks(), vector_sectors() and vector_match(), static, for the kernel's row. A kernel's file
 * defines, before it includes this one:
 *
 *     VEC_CONSTRAINT                                 that of its registers, for the compiler
 *     VEC_BYTES, TARGET, VEC_FN                      16, 32 or 64; the attribute of its functions; the same and inline
 *     vec vec_load(p)   void vec_store(p, v)         VEC_BYTES bytes of any alignment
 *     void vec_stream(p, v)                          past the cache; p lies on VEC_BYTES bytes
 *     void vec_fence()                               after the last vec_stream()
 *     vec vec_blocks(p)                              the 16 bytes at p, in every block
 *     vec vec_words(left, right)                     two 64-bit words, in every block
 *     vec vec_add(a, b)                              64-bit words
 *     vec vec_differ(so_far, a, b)                   so_far | (a ^ b)
 *     bool vec_is_zero(v)
 *     vec vec_round(x, key)                          AESENC in every block
 *     vec vec_bytes(b)                               a byte, in every byte
 *     vec vec_fill(v)                                byte 0 of v, or 1 where that is 0, in every byte
 *     vec vec_above(index, last, a, b)               bytewise, signed: index > last ? a : b
 *
 * A sector is some whole vecs of keystream, a mixed one, and vecs of fill. How many are whole is the same in every
 * sector of a plan, so each number has a loop of its own: straight code without a branch, and no block is made that is
 * not used.
 *
 * Loops load nothing: 64 stores are under way, and a load whose address ends in the same 12 bits as one of theirs waits
 * for it. Constants read from memory inside the sector loop cost a quarter of the speed (Zen 3, 256 KiB).
 */
#ifndef KERNEL_VECTOR_H
#define KERNEL_VECTOR_H

#include <stdbool.h>
#include <string.h>

#include "kernel/kernel.h"

enum {
    GROUP = 128,
    GROUP_VECS = GROUP / VEC_BYTES,
    GROUP_BLOCKS = GROUP / KEYSTREAM_BLOCK,
    SECTOR_BLOCKS = KEYSTREAM_SECTOR / KEYSTREAM_BLOCK,
    SECTOR_VECS = KEYSTREAM_SECTOR / VEC_BYTES,
    VEC_BLOCKS = VEC_BYTES / KEYSTREAM_BLOCK,
    AHEAD = 2048 /* bytes from the store to the line that is to be fetched by then */
};

/* Stores must leave in the order of their addresses: where a compiler reorders them, 2 to 8 MiB run at 0.7 of the
 * speed. */
#define IN_ORDER() __asm__ volatile("" ::: "memory")

/* Compilers may not know what is in v. */
#define VEC_OPAQUE(v) __asm__("" : "+" VEC_CONSTRAINT(v))

#define STEPS(blocks) (blocks) * KEYSTREAM_W0, (blocks)*KEYSTREAM_W1

/* How far block 0, 1, 2 and 3 of a vec are ahead of its first. */
static const uint64_t lanes[] = { STEPS(0), STEPS(1), STEPS(2), STEPS(3) };

static const uint8_t indices[] = {
    /* clang-format off */
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
    16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
    32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
    48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63,
    /* clang-format on */
};

struct group {
    vec v[GROUP_VECS];
};

/* What stays the same along a unit. */
struct walk {
    vec key0, key1, step, group_step, sector_step, indices;
};

VEC_FN struct walk walk_along(const struct keystream *stream)
{
    vec step = vec_words(STEPS(VEC_BLOCKS));

    VEC_OPAQUE(step); /* or compilers make a constant of each of its multiples, and load them in the loop */
    return (struct walk) {
        .key0 = vec_blocks(stream->round_keys),
        .key1 = vec_blocks(stream->round_keys + KEYSTREAM_BLOCK),
        .step = step,
        .group_step = vec_words(STEPS(GROUP_BLOCKS)),
        .sector_step = vec_words(STEPS(SECTOR_BLOCKS)),
        .indices = vec_load(indices),
    };
}

/* The vec before the rounds that starts with block `first`. */
VEC_FN vec walk_start(const struct keystream *stream, uint64_t first)
{
    const vec same = vec_words(stream->left + first * KEYSTREAM_W0, stream->right + first * KEYSTREAM_W1);

    return vec_add(same, vec_load((const uint8_t *)lanes));
}

VEC_FN vec walk_rounds(const struct walk *w, vec x)
{
    return vec_round(vec_round(x, w->key0), w->key1);
}

/* The keystream of a group from x on. */
VEC_FN struct group group_make(const struct walk *w, vec x)
{
    struct group g;

#pragma GCC unroll 8
    for (unsigned i = 0; i < GROUP_VECS; i++) {
        g.v[i] = walk_rounds(w, x);
        x = vec_add(x, w->step);
    }
    return g;
}

VEC_FN void vec_put(uint8_t *dst, vec v, enum kernel_way way)
{
    if (way == KERNEL_PAST_CACHE)
        vec_stream(dst, v);
    else
        vec_store(dst, v);
    IN_ORDER();
}

VEC_FN void group_store(uint8_t *dst, const struct group *g, enum kernel_way way)
{
#pragma GCC unroll 8
    for (unsigned i = 0; i < GROUP_VECS; i++) {
        vec_put(dst + i * VEC_BYTES, g->v[i], way);
    }
}

VEC_FN void blocks_store(const struct keystream *stream, uint64_t first, uint8_t *dst, size_t count,
                         enum kernel_way way)
{
    const struct walk w = walk_along(stream);
    vec x = walk_start(stream, first);

    for (; count > 0; count -= GROUP_BLOCKS, dst += GROUP) {
        const struct group g = group_make(&w, x);

        if (count < GROUP_BLOCKS) {
            uint8_t last[GROUP];

            group_store(last, &g, KERNEL_CACHED);
            memcpy(dst, last, count * KEYSTREAM_BLOCK);
            break;
        }
        group_store(dst, &g, way);
        x = vec_add(x, w.group_step);
    }
}

TARGET static void vector_blocks(const struct keystream *stream, uint64_t first, uint8_t *dst, size_t count,
                                 enum kernel_way way)
{
    if (way == KERNEL_CACHED) {
        blocks_store(stream, first, dst, count, KERNEL_CACHED);
    } else {
        blocks_store(stream, first, dst, count, KERNEL_PAST_CACHE);
        vec_fence();
    }
}

/* A sector's vecs: `whole` of keystream, one that keeps the keystream's last bytes, and fill. */
struct sector {
    vec first, fill, last;
    unsigned whole;
};

/* The sector that starts at x and has k bytes of keystream. */
VEC_FN struct sector sector_of(const struct walk *w, vec x, unsigned k, unsigned whole)
{
    struct sector s = { .first = walk_rounds(w, x), .whole = whole };

    s.fill = vec_fill(s.first);
    s.last = vec_bytes((uint8_t)(k - whole * VEC_BYTES - 1)); /* the last place kept, -1 to VEC_BYTES - 1 */
    return s;
}

/* Vec i of it, where x has come to. */
VEC_FN vec sector_vec(const struct walk *w, const struct sector *s, vec x, unsigned i)
{
    const vec made = i == 0 ? s->first : walk_rounds(w, x);

    return i < s->whole ? made : i == s->whole ? vec_above(w->indices, s->last, s->fill, made) : s->fill;
}

VEC_FN void sector_store(const struct walk *w, vec x, unsigned k, unsigned whole, uint8_t *dst, enum kernel_way way)
{
    const struct sector s = sector_of(w, x, k, whole);

#pragma GCC unroll 32
    for (unsigned i = 0; i < SECTOR_VECS; i++, dst += VEC_BYTES) {
        if (way == KERNEL_CACHED && i % (64 / VEC_BYTES) == 0)
            __builtin_prefetch(dst + AHEAD); /* each line, once; 8 MiB: from 0.94 to 1.02 of memset (Zen 3) */
        vec_put(dst, sector_vec(w, &s, x, i), way);
        x = vec_add(x, w->step);
    }
}

VEC_FN bool sector_matches(const struct walk *w, vec x, unsigned k, unsigned whole, const uint8_t *src)
{
    const struct sector s = sector_of(w, x, k, whole);
    vec difference = vec_bytes(0);

#pragma GCC unroll 32
    for (unsigned i = 0; i < SECTOR_VECS; i++, src += VEC_BYTES) {
        difference = vec_differ(difference, sector_vec(w, &s, x, i), vec_load(src));
        VEC_OPAQUE(difference);
        x = vec_add(x, w->step);
    }
    return vec_is_zero(difference);
}

VEC_FN void sectors_store(const struct keystream *stream, uint64_t q, unsigned whole, uint64_t first, uint8_t *dst,
                          size_t count, enum kernel_way way)
{
    const struct walk w = walk_along(stream);
    vec x = walk_start(stream, first * SECTOR_BLOCKS);

    for (; count > 0; count--, first++, dst += KEYSTREAM_SECTOR) {
        sector_store(&w, x, keystream_split(q, first), whole, dst, way);
        x = vec_add(x, w.sector_step);
    }
}

VEC_FN size_t sectors_match(const struct keystream *stream, uint64_t q, unsigned whole, uint64_t first,
                            const uint8_t *src, size_t count)
{
    const struct walk w = walk_along(stream);
    vec x = walk_start(stream, first * SECTOR_BLOCKS);

    for (size_t i = 0; i < count; i++, src += KEYSTREAM_SECTOR) {
        if (!sector_matches(&w, x, keystream_split(q, first + i), whole, src))
            return i;
        x = vec_add(x, w.sector_step);
    }
    return count;
}

/* k is q rounded down or up: where up makes one more vec whole, the mixed one keeps all. One case for each number of
 * whole vecs, 512 bytes of 16 at most; CALL(n) is a statement. */
#define EACH_WHOLE(q)                                                                                                  \
    switch ((q >> 32) / VEC_BYTES) {                                                                                   \
        CASES(0)                                                                                                       \
        CASES(8)                                                                                                       \
        CASES(16)                                                                                                      \
        CASES(24)                                                                                                      \
        CASE(32)                                                                                                       \
    }
#define CASES(n) CASE(n) CASE(n + 1) CASE(n + 2) CASE(n + 3) CASE(n + 4) CASE(n + 5) CASE(n + 6) CASE(n + 7)
#define CASE(n)                                                                                                        \
    case n:                                                                                                            \
        if (n <= SECTOR_VECS)                                                                                          \
            CALL(n);                                                                                                   \
        break;

TARGET static void vector_sectors(const struct keystream *stream, uint64_t q, uint64_t first, uint8_t *dst,
                                  size_t count, enum kernel_way way)
{
#define CALL(n) sectors_store(stream, q, n, first, dst, count, KERNEL_CACHED)
    if (way == KERNEL_CACHED)
        EACH_WHOLE(q);
#undef CALL
#define CALL(n) sectors_store(stream, q, n, first, dst, count, KERNEL_PAST_CACHE)
    if (way == KERNEL_PAST_CACHE) {
        EACH_WHOLE(q);
        vec_fence();
    }
#undef CALL
}

TARGET static size_t vector_match(const struct keystream *stream, uint64_t q, uint64_t first, const uint8_t *src,
                                  size_t count)
{
#define CALL(n) return sectors_match(stream, q, n, first, src, count)
    EACH_WHOLE(q);
#undef CALL
    return 0; /* not reached: q is 512 bytes at most */
}

#endif
