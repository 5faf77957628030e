#include "measure/chunks.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "base/bits.h"

enum { KIB = 1 << 10 };

const uint32_t measure_chunk_averages[MEASURE_CHUNK_SIZES] = { 8 * KIB, 64 * KIB, 1024 * KIB };

/* By the square root of the need, which is 1 / average, but for small files, as in blocks.c. */
static const unsigned shares[MEASURE_CHUNK_SIZES] = { 45, 18, 16 };

enum { ALL_SHARES = 79 };

enum { LEAST_DIVISOR = 4, GREATEST_FACTOR = 8, NORMALIZATION = 2 };

/* "fodder". A run of one byte has the hash -gear[byte] all along; no byte's is a candidate here, as with 88 of 100
 * seeds: else a run of that byte would be cut to chunks of the least length. */
static const uint64_t gear_seed = UINT64_C(0x666F64646572);

/* Bytes that roll at once: still in L2 when they are hashed, three times. */
enum { SLICE = 64 * KIB };

/* Chunks of one size. */
struct cutter {
    struct measure_set *set;
    XXH3_state_t *hash;
    uint32_t average;
    uint64_t strict, loose; /* a hash below ends a chunk: up to the average, and from there on */

    /* The chunk that has not ended: `len` bytes of it are hashed, and those of the slice at `from` and behind are not.
     */
    uint32_t len;
    bool zero;
    size_t from;
};

struct measure_chunks {
    uint64_t gear[256];
    uint64_t rolling;
    uint64_t candidate; /* the greatest of the bounds */
    struct cutter cutters[MEASURE_CHUNK_SIZES];
};

/* The numbers of SplitMix64. */
static void make_gear(uint64_t gear[256])
{
    for (unsigned i = 0; i < 256; i++)
        gear[i] = bits_mix64(gear_seed + (i + 1) * BITS_GOLDEN);
}

/* A random hash is below 2^(64 - bits) once in 2^bits. */
static uint64_t bound_of(unsigned bits)
{
    return UINT64_C(1) << (64 - bits);
}

static void begin_chunk(struct cutter *cutter)
{
    cutter->len = 0;
    cutter->zero = true;
    XXH3_128bits_reset(cutter->hash);
}

static int make_cutter(struct cutter *cutter, unsigned size, uint64_t memory)
{
    const uint32_t average = measure_chunk_averages[size];

    cutter->average = average;
    cutter->strict = bound_of(bits_log2(average) + NORMALIZATION);
    cutter->loose = bound_of(bits_log2(average) - NORMALIZATION);
    cutter->hash = XXH3_createState();
    if (!cutter->hash)
        return -ENOMEM;
    begin_chunk(cutter);
    return measure_set_new(&cutter->set, memory / ALL_SHARES * shares[size]);
}

int measure_chunks_new(struct measure_chunks **chunks, uint64_t memory)
{
    struct measure_chunks *made = NULL;
    int r = memory < MEASURE_CHUNKS_LEAST ? -EINVAL : 0;

    if (r < 0)
        goto finish;
    made = calloc(1, sizeof *made);
    if (!made)
        r = -ENOMEM;
    for (unsigned size = 0; size < MEASURE_CHUNK_SIZES && r == 0; size++)
        r = make_cutter(&made->cutters[size], size, memory - sizeof *made);
    if (r < 0)
        goto finish;
    make_gear(made->gear);
    made->candidate = made->cutters[0].loose; /* of the smallest average */
    *chunks = made;
    made = NULL; /* the caller's now */
finish:
    measure_chunks_free(made);
    return r;
}

void measure_chunks_free(struct measure_chunks *chunks)
{
    for (unsigned size = 0; chunks && size < MEASURE_CHUNK_SIZES; size++) {
        measure_set_free(chunks->cutters[size].set);
        XXH3_freeState(chunks->cutters[size].hash);
    }
    free(chunks);
}

/* Rolls up to the first candidate, or to the end: how many bytes, with the last one's hash in chunks->rolling. */
static size_t roll(struct measure_chunks *chunks, const uint8_t *data, size_t len)
{
    const uint64_t *const gear = chunks->gear;
    const uint64_t candidate = chunks->candidate;
    uint64_t rolling = chunks->rolling;
    size_t n = 0;

#pragma GCC unroll 8 /* the whole then runs at 1.9 GB/s with gcc on a Zen core, not at 1.2 */
    do
        rolling = (rolling << 1) + gear[data[n++]];
    while (rolling >= candidate && n < len);
    chunks->rolling = rolling;
    return n;
}

static bool is_zero(const uint8_t *data, size_t len)
{
    return len == 0 || (data[0] == 0 && memcmp(data, data + 1, len - 1) == 0);
}

static uint32_t greatest_of(const struct cutter *cutter)
{
    return GREATEST_FACTOR * cutter->average;
}

/* The chunk's length if it ended at `at` in the slice. */
static uint32_t len_at(const struct cutter *cutter, size_t at)
{
    return cutter->len + (uint32_t)(at - cutter->from);
}

static bool ends(const struct cutter *cutter, uint32_t len, uint64_t rolling)
{
    if (len < cutter->average / LEAST_DIVISOR)
        return false;
    return rolling < (len < cutter->average ? cutter->strict : cutter->loose) || len == greatest_of(cutter);
}

/* Hashes the slice's bytes up to `at`. */
static void hash_up_to(struct cutter *cutter, const uint8_t *slice, size_t at)
{
    const size_t len = at - cutter->from;

    cutter->zero = cutter->zero && is_zero(slice + cutter->from, len);
    XXH3_128bits_update(cutter->hash, slice + cutter->from, len);
    cutter->len += (uint32_t)len;
    cutter->from = at;
}

static int end_chunk(struct cutter *cutter)
{
    const XXH128_hash_t hash = XXH3_128bits_digest(cutter->hash);
    const struct measure_digest digest = { .low = hash.low64, .high = hash.high64 };
    const int r = measure_set_add(cutter->set, digest, cutter->len, cutter->zero);

    begin_chunk(cutter);
    return r;
}

/* How far it may roll from `at` in the slice until a chunk reaches its greatest length. */
static size_t room_at(const struct measure_chunks *chunks, size_t at)
{
    size_t room = SIZE_MAX;

    for (unsigned size = 0; size < MEASURE_CHUNK_SIZES; size++) {
        const struct cutter *const cutter = &chunks->cutters[size];

        room = bits_min_size(room, greatest_of(cutter) - len_at(cutter, at));
    }
    return room;
}

static int add_slice(struct measure_chunks *chunks, const uint8_t *slice, size_t len)
{
    struct cutter *const cutters = chunks->cutters;
    size_t at = 0;
    int r = 0;

    while (at < len && r == 0) {
        at += roll(chunks, slice + at, bits_min_size(len - at, room_at(chunks, at)));
        for (unsigned size = 0; size < MEASURE_CHUNK_SIZES && r == 0; size++) {
            if (!ends(&cutters[size], len_at(&cutters[size], at), chunks->rolling))
                continue;
            hash_up_to(&cutters[size], slice, at);
            r = end_chunk(&cutters[size]);
        }
    }
    for (unsigned size = 0; size < MEASURE_CHUNK_SIZES && r == 0; size++) {
        hash_up_to(&cutters[size], slice, len);
        cutters[size].from = 0;
    }
    return r;
}

int measure_chunks_add(struct measure_chunks *chunks, const void *data, size_t len)
{
    const uint8_t *p = data;
    int r = 0;

    while (len > 0 && r == 0) {
        const size_t n = bits_min_size(len, SLICE);

        r = add_slice(chunks, p, n);
        p += n;
        len -= n;
    }
    return r;
}

/* The rolling hash need not begin anew: no chunk ends within the 64 bytes that it looks back. */
int measure_chunks_cut(struct measure_chunks *chunks)
{
    int r = 0;

    for (unsigned size = 0; size < MEASURE_CHUNK_SIZES && r == 0; size++) {
        if (chunks->cutters[size].len > 0)
            r = end_chunk(&chunks->cutters[size]);
    }
    return r;
}

void measure_chunks_result(struct measure_chunks *chunks, unsigned size, struct measure_set_result *result)
{
    assert(size < MEASURE_CHUNK_SIZES);
    measure_set_result(chunks->cutters[size].set, result);
}
