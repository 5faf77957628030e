/* Measuring files that the input makes of bytes, runs, copies and ends: the parts that they come in change nothing,
 * distinct blocks are those that a comparison of their bytes finds, and no chunk is stored in more bytes than it has.
 */
#include <stdbool.h>

#include "fuzz.h"
#include "measure/blocks.h"
#include "measure/chunks.h"
#include "measure/squeeze.h"

enum { MOST = 1 << 17, MOST_FILES = 64, LEVELS = 4 };

static struct {
    uint8_t data[MOST];
    size_t len;
    size_t ends[MOST_FILES];
    size_t count;
} made;

static size_t most_of(size_t len)
{
    return len < MOST - made.len ? len : MOST - made.len;
}

/* Random bytes, a run of one byte, bytes of the input, or a copy of what lies at a multiple of 512; a file may end. */
static void append(struct input *in)
{
    const uint64_t kind = take(in, 1), from = take(in, 1) * 512;
    const size_t len = most_of((size_t)take(in, 2));
    uint64_t value = from;

    for (size_t i = 0; i < len; i++) {
        value = value * UINT64_C(6364136223846793005) + 1;
        switch (kind % 4) {
        case 0:
            made.data[made.len++] = (uint8_t)(value >> 56);
            break;
        case 1:
            made.data[made.len++] = (uint8_t)(from / 512);
            break;
        case 2:
            made.data[made.len++] = (uint8_t)take(in, 1);
            break;
        default:
            made.data[made.len] = made.data[(from + i) % MOST];
            made.len++;
        }
    }
    if (kind & 4 && made.count < MOST_FILES - 1)
        made.ends[made.count++] = made.len;
}

static void add(struct measure_blocks *blocks, struct measure_chunks *chunks, size_t part)
{
    size_t at = 0;

    for (size_t i = 0; i < made.count; i++) {
        while (at < made.ends[i]) {
            const size_t left = made.ends[i] - at, n = part < left ? part : left;

            CHECK(measure_blocks_add(blocks, made.data + at, n) == 0);
            CHECK(measure_chunks_add(chunks, made.data + at, n) == 0);
            at += n;
        }
        CHECK(measure_blocks_cut(blocks) == 0);
        CHECK(measure_chunks_cut(chunks) == 0);
    }
}

static bool is_same(const struct measure_set_result *a, const struct measure_set_result *b)
{
    return a->pieces == b->pieces && a->bytes == b->bytes && a->zero_bytes == b->zero_bytes &&
           a->distinct_bytes == b->distinct_bytes && a->bytes == made.len && a->exact;
}

/* The bytes of distinct blocks, each compared with all before it. */
static size_t distinct_bytes(size_t block)
{
    static struct {
        size_t at, len;
    } seen[MOST / 512 + MOST_FILES];
    size_t count = 0, sum = 0, at = 0;

    for (size_t i = 0; i < made.count; i++) {
        while (at < made.ends[i]) {
            const size_t len = made.ends[i] - at < block ? made.ends[i] - at : block;
            size_t k = 0;

            while (k < count && (seen[k].len != len || memcmp(made.data + seen[k].at, made.data + at, len) != 0))
                k++;
            if (k == count) {
                seen[count].at = at;
                seen[count++].len = len;
                sum += len;
            }
            at += len;
        }
    }
    return sum;
}

static void check_counts(size_t part)
{
    struct measure_blocks *blocks[2];
    struct measure_chunks *chunks[2];
    struct measure_set_result whole, parts;

    for (unsigned i = 0; i < 2; i++) {
        CHECK(measure_blocks_new(&blocks[i], MEASURE_BLOCKS_LEAST) == 0);
        CHECK(measure_chunks_new(&chunks[i], MEASURE_CHUNKS_LEAST) == 0);
        add(blocks[i], chunks[i], i == 0 ? SIZE_MAX : part);
    }
    for (unsigned level = 0; level < MEASURE_BLOCK_LEVELS; level++) {
        measure_blocks_result(blocks[0], level, &whole);
        measure_blocks_result(blocks[1], level, &parts);
        CHECK(is_same(&whole, &parts));
        CHECK(level >= LEVELS || whole.distinct_bytes == (double)distinct_bytes((size_t)MEASURE_BLOCK << level));
    }
    for (unsigned size = 0; size < MEASURE_CHUNK_SIZES; size++) {
        measure_chunks_result(chunks[0], size, &whole);
        measure_chunks_result(chunks[1], size, &parts);
        CHECK(is_same(&whole, &parts));
    }
    for (unsigned i = 0; i < 2; i++) {
        measure_blocks_free(blocks[i]);
        measure_chunks_free(chunks[i]);
    }
}

static void check_codec(enum measure_codec_id codec, unsigned kind, uint32_t sector)
{
    static struct measure_sizes sizes;
    struct measure_scratch *scratch;

    if (made.len == 0 || !measure_codecs[codec].compressed_size)
        return;
    CHECK(measure_scratch_new(&scratch, measure_chunk_bytes[kind]) == 0);
    CHECK(measure_squeeze(&sizes, codec, kind, made.data, made.len, sector, scratch) == 0);
    for (unsigned i = 0; i < measure_chunk_count(kind, made.len); i++) {
        const uint32_t stored = sizes.bytes[codec][measure_first_chunk[kind] + i];

        CHECK(stored > 0 && stored <= measure_chunk_bytes[kind]);
        CHECK(stored % sector == 0 || (size_t)i * measure_chunk_bytes[kind] + stored == made.len);
    }
    measure_scratch_free(scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = { data, size };
    const size_t part = 1 + (size_t)take(&in, 2);
    const unsigned codec = (unsigned)take(&in, 1) % MEASURE_CODECS, kind = (unsigned)take(&in, 1) % MEASURE_CHUNK_KINDS;

    memset(&made, 0, sizeof made);
    while (in.size > 0 && made.len < MOST)
        append(&in);
    made.ends[made.count++] = made.len;
    check_counts(part < 64 ? part + 64 : part);
    check_codec(codec, kind, kind == 0 ? 512 : 1);
    return 0;
}
