#include "measure/blocks.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

/*
 * Each level has half the blocks of the one below. Shares by that need would leave some 280 pieces to the sample of
 * 4 MiB, and an error of 8 %; equal ones would be exact at 512 bytes for 160 MiB only. So they go by the need's square
 * root: 2^(8 - level / 2). But a small file is a block of its own at every larger size: no share is below a tenth of
 * the largest, for trees of many files.
 */
static const unsigned shares[MEASURE_BLOCK_LEVELS] = { 256, 181, 128, 91, 64, 45, 32, 24, 24, 24, 24, 24, 24, 24 };

enum { ALL_SHARES = 965 };

struct part {
    struct measure_digest digest;
    bool zero;
};

struct measure_blocks {
    struct measure_set *sets[MEASURE_BLOCK_LEVELS];
    struct part zero; /* a sector of zeros */

    double *watched[MEASURE_BLOCK_LEVELS];
    uint64_t sectors; /* whole ones since the last cut */
    /* The block of level n that waits for its other half: there is one where bit n of `sectors` is set. */
    struct part halves[MEASURE_BLOCK_LEVELS];

    size_t tail_len;
    uint8_t tail[MEASURE_BLOCK];
};

/* What a block is known by. Its length is there where it is short only, so that a short block is no whole one. */
struct halves {
    struct measure_digest left, right;
    uint64_t len;
};

static struct measure_digest digest_of(const void *data, size_t len)
{
    const XXH128_hash_t hash = XXH3_128bits(data, len);

    return (struct measure_digest) { .low = hash.low64, .high = hash.high64 };
}

static bool is_same(struct measure_digest a, struct measure_digest b)
{
    return a.low == b.low && a.high == b.high;
}

static struct part sector_of(const struct measure_blocks *blocks, const uint8_t *data)
{
    const struct measure_digest digest = digest_of(data, MEASURE_BLOCK);

    return (struct part) { .digest = digest, .zero = is_same(digest, blocks->zero.digest) };
}

static struct part whole_of(struct part left, struct part right)
{
    const struct halves halves = { left.digest, right.digest, 0 };

    return (struct part) { .digest = digest_of(&halves, offsetof(struct halves, len)),
                           .zero = left.zero && right.zero };
}

/* `right` may be nothing: zeros. */
static struct part short_of(struct part left, struct part right, uint64_t len)
{
    const struct halves halves = { left.digest, right.digest, len };

    return (struct part) { .digest = digest_of(&halves, sizeof halves), .zero = left.zero && right.zero };
}

int measure_blocks_new(struct measure_blocks **blocks, uint64_t memory)
{
    struct measure_blocks *made = NULL;
    int r = memory < MEASURE_BLOCKS_LEAST ? -EINVAL : 0;

    if (r < 0)
        goto finish;
    made = calloc(1, sizeof *made);
    if (!made)
        r = -ENOMEM;
    for (unsigned level = 0; level < MEASURE_BLOCK_LEVELS && r == 0; level++)
        r = measure_set_new(&made->sets[level], (memory - sizeof *made) / ALL_SHARES * shares[level]);
    if (r < 0)
        goto finish;
    made->zero = sector_of(made, made->tail);
    made->zero.zero = true;
    *blocks = made;
    made = NULL; /* the caller's now */
finish:
    measure_blocks_free(made);
    return r;
}

void measure_blocks_free(struct measure_blocks *blocks)
{
    for (unsigned level = 0; blocks && level < MEASURE_BLOCK_LEVELS; level++)
        measure_set_free(blocks->sets[level]);
    free(blocks);
}

static int count_block(struct measure_blocks *blocks, unsigned level, struct part block, uint64_t len)
{
    if (blocks->watched[level])
        *blocks->watched[level]++ = measure_set_new_weight(blocks->sets[level], block.digest);
    return measure_set_add(blocks->sets[level], block.digest, (uint32_t)len, block.zero);
}

void measure_blocks_watch(struct measure_blocks *blocks, unsigned level, double *weights)
{
    assert(level < MEASURE_BLOCK_LEVELS);
    blocks->watched[level] = weights;
}

/* A sector, and all the larger blocks that end with it. */
static int add_sector(struct measure_blocks *blocks, const uint8_t *data)
{
    struct part block = sector_of(blocks, data);
    unsigned level = 0;
    int r = count_block(blocks, 0, block, MEASURE_BLOCK);

    while (level + 1 < MEASURE_BLOCK_LEVELS && blocks->sectors >> level & 1 && r == 0) {
        block = whole_of(blocks->halves[level], block);
        level++;
        r = count_block(blocks, level, block, (uint64_t)MEASURE_BLOCK << level);
    }
    blocks->halves[level] = block;
    blocks->sectors++;
    return r;
}

/* Takes bytes up to the end of the sector at most; how many. */
static size_t add_tail(struct measure_blocks *blocks, const uint8_t *data, size_t len)
{
    const size_t missing = MEASURE_BLOCK - blocks->tail_len, n = len < missing ? len : missing;

    memcpy(blocks->tail + blocks->tail_len, data, n);
    blocks->tail_len += n;
    return n;
}

int measure_blocks_add(struct measure_blocks *blocks, const void *data, size_t len)
{
    const uint8_t *p = data;
    int r = 0;

    while (len > 0 && r == 0) {
        size_t n = MEASURE_BLOCK;

        if (blocks->tail_len == 0 && len >= n) {
            r = add_sector(blocks, p);
        } else {
            n = add_tail(blocks, p, len);
            if (blocks->tail_len == MEASURE_BLOCK) {
                blocks->tail_len = 0;
                r = add_sector(blocks, blocks->tail);
            }
        }
        p += n;
        len -= n;
    }
    return r;
}

static struct part short_sector_of(const struct measure_blocks *blocks)
{
    const struct part bytes = { .digest = digest_of(blocks->tail, blocks->tail_len),
                                .zero =
                                    memcmp(blocks->tail, (const uint8_t[MEASURE_BLOCK]) { 0 }, blocks->tail_len) == 0 };

    return short_of(bytes, (struct part) { .zero = true }, blocks->tail_len);
}

int measure_blocks_cut(struct measure_blocks *blocks)
{
    uint64_t len = blocks->tail_len;
    struct part rest = { .zero = true };
    int r = 0;

    if (len > 0) {
        rest = short_sector_of(blocks);
        r = count_block(blocks, 0, rest, len);
    }
    for (unsigned level = 1; level < MEASURE_BLOCK_LEVELS && r == 0; level++) {
        if (blocks->sectors >> (level - 1) & 1) {
            len += (uint64_t)MEASURE_BLOCK << (level - 1);
            rest = short_of(blocks->halves[level - 1], rest, len);
        }
        if (len > 0)
            r = count_block(blocks, level, rest, len);
    }
    blocks->sectors = 0;
    blocks->tail_len = 0;
    return r;
}

void measure_blocks_result(struct measure_blocks *blocks, unsigned level, struct measure_set_result *result)
{
    assert(level < MEASURE_BLOCK_LEVELS);
    measure_set_result(blocks->sets[level], result);
}
