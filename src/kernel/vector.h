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
 *     VEC_AHEAD                                      how far ahead of stores lines are fetched, in bytes; 0: not at all
 *
 * and, where it joins two vecs in one operation,
 *
 *     VEC_JOINS(off)                                 does it for `off`, from 1 to VEC_BYTES - 1?
 *     vec vec_shift(indices, off)                    what vec_join needs for that
 *     vec vec_join(before, now, shift)               the last `off` bytes of `before`, then the first ones of `now`
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
    JOIN_FROM = 2048 /* bytes: below, joining costs more than it saves */
};

#ifndef VEC_JOINS
#define VEC_JOINS(off)               false
#define vec_shift(indices, off)      (indices)
#define vec_join(before, now, shift) (now)
#endif

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

/* How a destination is written: as it lies, or in vecs that lie on VEC_BYTES, each joined from the end of one and the
 * beginning of the next, because stores across two lines take twice as long; and either of them past the cache. */
enum aim { AIM_PLAIN, AIM_JOINED, AIM_PAST_CACHE, AIM_JOINED_PAST_CACHE };

/* `behind`: where something was written before dst. */
static inline enum aim aim_at(const uint8_t *dst, bool behind, enum kernel_way way)
{
    const size_t off = (uintptr_t)dst % VEC_BYTES;

    if (off == 0)
        return way == KERNEL_PAST_CACHE ? AIM_PAST_CACHE : AIM_PLAIN;
    if (!VEC_JOINS(off) || !behind)
        return AIM_PLAIN;
    return way == KERNEL_PAST_CACHE ? AIM_JOINED_PAST_CACHE : AIM_JOINED;
}

struct out {
    uint8_t *at;
    enum aim aim;
    vec before, shift;
};

/* From dst on. Joined, at least one vec before it is written already. */
VEC_FN struct out out_to(uint8_t *dst, enum aim aim)
{
    const size_t off = (uintptr_t)dst % VEC_BYTES;
    struct out out = { .at = dst, .aim = aim };

    if (aim & AIM_JOINED) {
        out.at -= off;
        out.before = vec_load(dst - VEC_BYTES);
        out.shift = vec_shift(vec_load(indices), off);
    }
    return out;
}

/* One more vec; `same` where the one before it was the same bytes throughout, and so is this. */
VEC_FN void out_put(struct out *out, vec v, bool same)
{
    const vec now = out->aim & AIM_JOINED && !same ? vec_join(out->before, v, out->shift) : v;

    if (out->aim & AIM_PAST_CACHE)
        vec_stream(out->at, now);
    else
        vec_store(out->at, now);
    IN_ORDER();
    out->before = v;
    out->at += VEC_BYTES;
}

/* Behind the last vec, which ends at `end`. */
VEC_FN void out_end(const struct out *out, uint8_t *end)
{
    if (out->aim & AIM_JOINED)
        vec_store(end - VEC_BYTES, out->before);
    if (out->aim & AIM_PAST_CACHE)
        vec_fence();
}

VEC_FN void group_store(struct out *out, const struct group *g)
{
#pragma GCC unroll 8
    for (unsigned i = 0; i < GROUP_VECS; i++) {
        out_put(out, g->v[i], false);
    }
}

VEC_FN void blocks_store(const struct keystream *stream, uint64_t first, uint8_t *dst, size_t count, enum aim aim)
{
    const struct walk w = walk_along(stream);
    struct out out = out_to(dst, aim);
    vec x = walk_start(stream, first);

    for (; count >= GROUP_BLOCKS; count -= GROUP_BLOCKS, dst += GROUP) {
        const struct group g = group_make(&w, x);

        group_store(&out, &g);
        x = vec_add(x, w.group_step);
    }
    out_end(&out, dst);
    if (count > 0) {
        const struct group g = group_make(&w, x);
        uint8_t last[GROUP];

        out = out_to(last, AIM_PLAIN);
        group_store(&out, &g);
        memcpy(dst, last, count * KEYSTREAM_BLOCK);
    }
}

/* CALL(a), a statement, where a is `aim` as a constant, for a loop of its own. */
#define EACH_AIM(aim)                                                                                                  \
    switch (aim) {                                                                                                     \
    case AIM_PLAIN:                                                                                                    \
        CALL(AIM_PLAIN);                                                                                               \
        break;                                                                                                         \
    case AIM_JOINED:                                                                                                   \
        CALL(AIM_JOINED);                                                                                              \
        break;                                                                                                         \
    case AIM_PAST_CACHE:                                                                                               \
        CALL(AIM_PAST_CACHE);                                                                                          \
        break;                                                                                                         \
    case AIM_JOINED_PAST_CACHE:                                                                                        \
        CALL(AIM_JOINED_PAST_CACHE);                                                                                   \
        break;                                                                                                         \
    }

/* How many blocks are to be written as they lie, so that the next one lies on VEC_BYTES, or can be joined. */
static inline size_t lead_blocks(const uint8_t *dst, size_t count, enum kernel_way way)
{
    const size_t off = (uintptr_t)dst % VEC_BYTES;

    if (off == 0 || count * KEYSTREAM_BLOCK < JOIN_FROM)
        return 0;
    if (off % KEYSTREAM_BLOCK == 0)
        return (VEC_BYTES - off) / KEYSTREAM_BLOCK;
    return VEC_JOINS(off) && way == KERNEL_PAST_CACHE ? GROUP_BLOCKS : 0; /* in the cache, joining takes longer */
}

TARGET static void vector_blocks(const struct keystream *stream, uint64_t first, uint8_t *dst, size_t count,
                                 enum kernel_way way)
{
    const size_t lead = lead_blocks(dst, count, way);

    if (lead > 0) {
        vector_blocks(stream, first, dst, lead, KERNEL_CACHED);
        first += lead;
        dst += lead * KEYSTREAM_BLOCK;
        count -= lead;
    }
#define CALL(aim) blocks_store(stream, first, dst, count, aim)
    EACH_AIM(aim_at(dst, lead > 0, way))
#undef CALL
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

VEC_FN void sector_store(const struct walk *w, vec x, unsigned k, unsigned whole, struct out *out)
{
    const struct sector s = sector_of(w, x, k, whole);

#pragma GCC unroll 32
    for (unsigned i = 0; i < SECTOR_VECS; i++) {
        if (VEC_AHEAD > 0 && out->aim == AIM_PLAIN && i % (64 / VEC_BYTES) == 0)
            __builtin_prefetch(out->at + VEC_AHEAD); /* each line, once */
        out_put(out, sector_vec(w, &s, x, i), i > whole + 1);
        x = vec_add(x, w->step);
    }
}

/* `difference`, and the bits in which the sector at src is another one. */
VEC_FN vec sector_differ(const struct walk *w, vec x, unsigned k, unsigned whole, const uint8_t *src, vec difference)
{
    const struct sector s = sector_of(w, x, k, whole);

#pragma GCC unroll 32
    for (unsigned i = 0; i < SECTOR_VECS; i++, src += VEC_BYTES) {
        difference = vec_differ(difference, sector_vec(w, &s, x, i), vec_load(src));
        VEC_OPAQUE(difference);
        x = vec_add(x, w->step);
    }
    return difference;
}

VEC_FN void sectors_store(const struct keystream *stream, uint64_t q, unsigned whole, uint64_t first, uint8_t *dst,
                          size_t count, enum aim aim)
{
    const struct walk w = walk_along(stream);
    struct out out = out_to(dst, aim);
    vec x = walk_start(stream, first * SECTOR_BLOCKS);

    for (size_t i = 0; i < count; i++) {
        sector_store(&w, x, keystream_split(q, first + i), whole, &out);
        x = vec_add(x, w.sector_step);
    }
    out_end(&out, dst + count * KEYSTREAM_SECTOR);
}

/* By pairs, then the last one or the two of which one differs by themselves. */
VEC_FN size_t sectors_match(const struct keystream *stream, uint64_t q, unsigned whole, uint64_t first,
                            const uint8_t *src, size_t count)
{
    const struct walk w = walk_along(stream);
    vec x = walk_start(stream, first * SECTOR_BLOCKS);
    size_t i = 0;

    for (; i + 2 <= count; i += 2) {
        const vec next = vec_add(x, w.sector_step);
        vec difference = sector_differ(&w, x, keystream_split(q, first + i), whole, src, vec_bytes(0));

        difference =
            sector_differ(&w, next, keystream_split(q, first + i + 1), whole, src + KEYSTREAM_SECTOR, difference);
        if (!vec_is_zero(difference))
            break;
        x = vec_add(next, w.sector_step);
        src += 2 * KEYSTREAM_SECTOR;
    }
    for (; i < count; i++, src += KEYSTREAM_SECTOR) {
        if (!vec_is_zero(sector_differ(&w, x, keystream_split(q, first + i), whole, src, vec_bytes(0))))
            break;
        x = vec_add(x, w.sector_step);
    }
    return i;
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

VEC_FN void sectors_aimed(const struct keystream *stream, uint64_t q, uint64_t first, uint8_t *dst, size_t count,
                          enum aim aim) {
#define CALL(n) sectors_store(stream, q, n, first, dst, count, aim)
    EACH_WHOLE(q)
#undef CALL
}

TARGET static void vector_sectors(const struct keystream *stream, uint64_t q, uint64_t first, uint8_t *dst,
                                  size_t count, enum kernel_way way)
{
    const size_t off = (uintptr_t)dst % VEC_BYTES;
    const bool lead = off != 0 && VEC_JOINS(off) && count * KEYSTREAM_SECTOR >= JOIN_FROM;

    if (lead) { /* the others are joined behind it */
        vector_sectors(stream, q, first, dst, 1, KERNEL_CACHED);
        first += 1;
        dst += KEYSTREAM_SECTOR;
        count -= 1;
    }
#define CALL(aim) sectors_aimed(stream, q, first, dst, count, aim)
    EACH_AIM(aim_at(dst, lead, way))
#undef CALL
}

TARGET static size_t vector_match(const struct keystream *stream, uint64_t q, uint64_t first, const uint8_t *src,
                                  size_t count)
{
#define CALL(n) return sectors_match(stream, q, n, first, src, count)
    EACH_WHOLE(q)
#undef CALL
    return 0; /* not reached: q is 512 bytes at most */
}

#endif
