/* What codecs make of the segments that they read, chunk by chunk. */
#ifndef MEASURE_SQUEEZE_H
#define MEASURE_SQUEEZE_H

#include <stddef.h>
#include <stdint.h>

#include "measure/codec.h"
#include "measure/sample.h"

/* 4 KiB, 32 KiB, 128 KiB, 1 MiB: each compressed by itself, as stores do it. */
enum { MEASURE_CHUNK_KINDS = 4, MEASURE_SHARES = 20 };
extern const uint32_t measure_chunk_bytes[MEASURE_CHUNK_KINDS];

/* Chunks of all kinds in a segment: 256, 32, 8 and 1. Those of kind k begin at measure_first_chunk[k]. */
enum { MEASURE_SEGMENT_CHUNKS = 297 };
extern const unsigned measure_first_chunk[MEASURE_CHUNK_KINDS];

/* How many chunks of a kind a segment of `len` bytes has; the last may be short. */
unsigned measure_chunk_count(unsigned kind, size_t len);

/* What is stored of each chunk of a segment. */
struct measure_sizes {
    uint32_t bytes[MEASURE_CODECS][MEASURE_SEGMENT_CHUNKS];
};

/* Sets that of one codec and kind for a segment of `len` bytes, at most MEASURE_SEGMENT. A chunk that does not shrink
 * is stored as it is; what does is rounded up to whole sectors of `sector` bytes, 1 for none. The scratch is for the
 * kind's chunks at least. 0, -ENOMEM or -EIO. */
int measure_squeeze(struct measure_sizes *stored, enum measure_codec_id codec, unsigned kind, const void *data,
                    size_t len, uint32_t sector, struct measure_scratch *scratch);

/* Sums over all segments, for each level of the sample, so that it can be thinned. */
struct measure_squeezed;

/* NULL without memory. */
struct measure_squeezed *measure_squeezed_new(void);
/* NULL is fine. */
void measure_squeezed_free(struct measure_squeezed *sums);

/* Adds a segment. `weights`, as measure_set_new_weight() tells them, are those of its chunks; `counts` says how often
 * each byte value is in it. */
void measure_squeezed_add(struct measure_squeezed *sums, unsigned level, size_t len, const struct measure_sizes *stored,
                          const double weights[MEASURE_SEGMENT_CHUNKS], const uint64_t counts[256]);

/* Of the segments of level `halvings` and above. */
uint64_t measure_squeezed_bytes(const struct measure_squeezed *sums, unsigned halvings);

/* Bits a byte, of the bytes alone (order 0): C. E. Shannon, "A mathematical theory of communication", 1948. */
double measure_squeezed_entropy(const struct measure_squeezed *sums, unsigned halvings);

struct measure_squeezed_result {
    uint64_t chunks, raw_chunks; /* raw: as they were, because they did not shrink */
    uint64_t bytes, stored;
    double ratio; /* bytes / stored; 1 where there are none */

    /* The relative standard error of the ratio, as an estimate for all segments: the linearized one of a ratio of sums
     * over segments (Cochran, "Sampling techniques", 1977, section 6.4). 0 where all were read, and where all that were
     * read compress alike: it knows nothing of what the sample has not seen. */
    double relative_error;

    /* Between these the ratio of all lies in 95 % of all cases. They are 1.96 standard errors away, and as far again as
     * what the sample has nothing of can take them: where k segments are of a kind, and one of 2^h was read, none of
     * them is in the sample with the probability (1 - 2^-h)^k at most, which is 5 % at k = log(0.05) / log(1 - 2^-h):
     * the "rule of three" (J. A. Hanley and A. Lippman-Hand, "If nothing goes wrong, is everything all right?", JAMA
     * 249, 1983) for a population that ends. At worst those are stored raw, or take nothing. A kind of which the sample
     * has a few segments is covered too: x + 1.96 sqrt(x) + 3 is no less than the exact Poisson bound from x = 1 on (F.
     * Garwood, "Fiducial limits for the Poisson distribution", Biometrika 28, 1936). The ratio where all were read. */
    double ratio_low, ratio_high;

    /* Chunks by the share that is stored: up to 5 %, up to 10 %, ..., up to 100 %. */
    uint64_t histogram[MEASURE_SHARES];

    /* Of chunks that are the first of their kind: what is left after deduplication. */
    uint64_t unique_chunks;
    double unique_ratio; /* where there are none, that of all */
};

void measure_squeezed_result(const struct measure_squeezed *sums, unsigned halvings, enum measure_codec_id codec,
                             unsigned kind, struct measure_squeezed_result *result);

#endif
