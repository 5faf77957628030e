#include "measure/squeeze.h"

#include <math.h>
#include <stdlib.h>

enum { KIB = 1 << 10 };

const uint32_t measure_chunk_bytes[MEASURE_CHUNK_KINDS] = { 4 * KIB, 32 * KIB, 128 * KIB, 1024 * KIB };
const unsigned measure_first_chunk[MEASURE_CHUNK_KINDS] = { 0, 256, 288, 296 };

/* Of one codec and one kind of chunk. */
struct sum {
    uint64_t chunks, raw_chunks, bytes, stored, unique_chunks;
    uint64_t histogram[MEASURE_SHARES];
    double unique_bytes, unique_stored; /* weighted */
    /* Of segments, for the error: the squares of bytes and of what is stored, and their product. */
    double bytes2, stored2, product;
};

struct level {
    uint64_t counts[256];
    struct sum sums[MEASURE_CODECS][MEASURE_CHUNK_KINDS];
};

struct measure_squeezed {
    struct level levels[MEASURE_SAMPLE_LEVELS];
};

static uint32_t min_u32(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

unsigned measure_chunk_count(unsigned kind, size_t len)
{
    return (unsigned)((len + measure_chunk_bytes[kind] - 1) / measure_chunk_bytes[kind]);
}

static uint32_t chunk_len(unsigned kind, size_t len, unsigned i)
{
    return min_u32(measure_chunk_bytes[kind], (uint32_t)len - i * measure_chunk_bytes[kind]);
}

int measure_squeeze(struct measure_sizes *stored, enum measure_codec_id codec, unsigned kind, const void *data,
                    size_t len, uint32_t sector, struct measure_scratch *scratch)
{
    uint32_t *const bytes = &stored->bytes[codec][measure_first_chunk[kind]];

    for (unsigned i = 0; i < measure_chunk_count(kind, len); i++) {
        const char *const chunk = (const char *)data + (size_t)i * measure_chunk_bytes[kind];
        const int64_t kept =
            measure_stored_chunk(&measure_codecs[codec], chunk, chunk_len(kind, len, i), sector, scratch);

        if (kept < 0)
            return (int)kept;
        bytes[i] = (uint32_t)kept;
    }
    return 0;
}

struct measure_squeezed *measure_squeezed_new(void)
{
    return calloc(1, sizeof(struct measure_squeezed));
}

void measure_squeezed_free(struct measure_squeezed *sums)
{
    free(sums);
}

static unsigned share_of(uint32_t stored, uint32_t len)
{
    return (unsigned)(((uint64_t)stored * MEASURE_SHARES + len - 1) / len) - 1;
}

static void add_chunk(struct sum *sum, uint32_t len, uint32_t stored, double weight)
{
    sum->chunks++;
    sum->raw_chunks += stored == len;
    sum->histogram[share_of(stored, len)]++;
    sum->unique_chunks += weight > 0;
    sum->unique_bytes += weight * len;
    sum->unique_stored += weight * stored;
}

static void add_segment(struct sum *sum, double len, double stored)
{
    sum->bytes += (uint64_t)len;
    sum->stored += (uint64_t)stored;
    sum->bytes2 += len * len;
    sum->stored2 += stored * stored;
    sum->product += len * stored;
}

void measure_squeezed_add(struct measure_squeezed *sums, unsigned level, size_t len, const struct measure_sizes *stored,
                          const double weights[MEASURE_SEGMENT_CHUNKS], const uint64_t counts[256])
{
    struct level *const l = &sums->levels[level];

    for (unsigned i = 0; i < 256; i++)
        l->counts[i] += counts[i];
    for (unsigned codec = 0; codec < MEASURE_CODECS; codec++) {
        for (unsigned kind = 0; kind < MEASURE_CHUNK_KINDS && measure_codecs[codec].compressed_size; kind++) {
            const unsigned first = measure_first_chunk[kind];
            struct sum *const sum = &l->sums[codec][kind];
            uint64_t all = 0;

            for (unsigned i = 0; i < measure_chunk_count(kind, len); i++) {
                const uint32_t bytes = stored->bytes[codec][first + i];

                add_chunk(sum, chunk_len(kind, len, i), bytes, weights[first + i]);
                all += bytes;
            }
            add_segment(sum, (double)len, (double)all);
        }
    }
}

static void join(struct sum *sum, const struct sum *more)
{
    sum->chunks += more->chunks;
    sum->raw_chunks += more->raw_chunks;
    sum->bytes += more->bytes;
    sum->stored += more->stored;
    sum->unique_chunks += more->unique_chunks;
    for (unsigned i = 0; i < MEASURE_SHARES; i++)
        sum->histogram[i] += more->histogram[i];
    sum->unique_bytes += more->unique_bytes;
    sum->unique_stored += more->unique_stored;
    sum->bytes2 += more->bytes2;
    sum->stored2 += more->stored2;
    sum->product += more->product;
}

static struct sum sum_of(const struct measure_squeezed *sums, unsigned halvings, unsigned codec, unsigned kind)
{
    struct sum sum = { 0 };

    for (unsigned level = halvings; level < MEASURE_SAMPLE_LEVELS; level++)
        join(&sum, &sums->levels[level].sums[codec][kind]);
    return sum;
}

uint64_t measure_squeezed_bytes(const struct measure_squeezed *sums, unsigned halvings)
{
    return sum_of(sums, halvings, MEASURE_LZ4, 0).bytes;
}

double measure_squeezed_entropy(const struct measure_squeezed *sums, unsigned halvings)
{
    const double all = (double)measure_squeezed_bytes(sums, halvings);
    double entropy = 0;

    for (unsigned i = 0; i < 256; i++) {
        uint64_t count = 0;

        for (unsigned level = halvings; level < MEASURE_SAMPLE_LEVELS; level++)
            count += sums->levels[level].counts[i];
        if (count > 0)
            entropy -= (double)count / all * log2((double)count / all);
    }
    return fmax(entropy, 0);
}

/* Of sum(stored) as an estimate where the share `rate` of the segments was drawn. */
static double error_of(const struct sum *sum, double rate)
{
    const double q = (double)sum->stored / (double)sum->bytes;
    const double residuals = sum->stored2 - 2 * q * sum->product + q * q * sum->bytes2;

    return sqrt(fmax(residuals, 0) * (1 - rate)) / (double)sum->stored;
}

/* The share of all bytes that may be of a kind that the sample has nothing of. */
static double unseen_share(uint64_t bytes, double rate)
{
    const double segments = log(0.05) / log1p(-rate);

    return bytes == 0 ? 1 : fmin(segments * MEASURE_SEGMENT * rate / (double)bytes, 1 - rate);
}

/* The bounds of squeeze.h. No chunk takes less than a byte. */
static void bound(struct measure_squeezed_result *result, double rate, uint32_t chunk)
{
    const double q = 1 / result->ratio, margin = 1.96 * result->relative_error;
    const double unseen = unseen_share(result->bytes, rate);

    result->ratio_low = 1 / fmin(q * (1 + margin) + unseen * (1 - q), 1);
    result->ratio_high = 1 / fmax(q * (1 - margin - unseen), 1.0 / chunk);
}

void measure_squeezed_result(const struct measure_squeezed *sums, unsigned halvings, enum measure_codec_id codec,
                             unsigned kind, struct measure_squeezed_result *result)
{
    const struct sum sum = sum_of(sums, halvings, codec, kind);
    const double rate = ldexp(1, -(int)halvings);

    *result = (struct measure_squeezed_result) {
        .chunks = sum.chunks,
        .raw_chunks = sum.raw_chunks,
        .bytes = sum.bytes,
        .stored = sum.stored,
        .ratio = sum.stored > 0 ? (double)sum.bytes / (double)sum.stored : 1,
        .relative_error = sum.stored > 0 ? error_of(&sum, rate) : 0,
        .unique_chunks = sum.unique_chunks,
    };
    result->ratio_low = result->ratio_high = result->ratio;
    if (halvings > 0)
        bound(result, rate, measure_chunk_bytes[kind]);
    result->unique_ratio = sum.unique_stored > 0 ? sum.unique_bytes / sum.unique_stored : result->ratio;
    for (unsigned i = 0; i < MEASURE_SHARES; i++)
        result->histogram[i] = sum.histogram[i];
}
