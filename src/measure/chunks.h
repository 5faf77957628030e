/* What content-defined chunks of 8 KiB, 64 KiB and 1 MiB deduplicate to, in one pass. Blind to how the data was made.
 */
#ifndef MEASURE_CHUNKS_H
#define MEASURE_CHUNKS_H

#include <stddef.h>
#include <stdint.h>

#include "measure/set.h"

enum { MEASURE_CHUNK_SIZES = 3 };

/* 8 KiB, 64 KiB, 1 MiB. The least chunk is a quarter of it, the greatest 8 times it. */
extern const uint32_t measure_chunk_averages[MEASURE_CHUNK_SIZES];

/* Memory for all sizes: usual, and the least. The usual one is exact for some 4 GiB of distinct data at 8 KiB. */
enum { MEASURE_CHUNKS_MEMORY = 32 << 20, MEASURE_CHUNKS_LEAST = 2 << 20 };

/*
 * FastCDC of Xia et al., "FastCDC: a fast and efficient content-defined chunking approach for data deduplication",
 * USENIX ATC 2016, and "The design of fast content-defined chunking for data deduplication based storage systems", IEEE
 * TPDS 31, 2020: a gear hash rolls over the bytes, and a chunk ends where enough of the hash's bits are 0: two more
 * than log2(average) before the average, two fewer behind it (normalized chunking, level 2). Random data's chunks have
 * 1.14 times the average so: 1/4 + 4 (1 - e) + e / 4 of it, where e = exp(-3/16).
 *
 * What differs from the papers:
 *   - the hash does not begin anew at each chunk but rolls on, which lets all sizes share it, and makes an end hang on
 *     the 64 bytes before it alone. So the bytes below the least chunk are not skipped: another size needs them;
 *   - the bits that must be 0 are the uppermost ones, 43 to 64 bytes deep, so that one comparison finds candidates for
 *     all sizes. The papers spread them over 48 bits to reach as deep. A size's ends are ends of smaller ones, mostly;
 *   - the byte whose hash ends a chunk belongs to it;
 *   - the papers leave the gear table's random numbers open: here SplitMix64 makes them. Runs of one byte, of whichever
 *     value, never end a chunk before its greatest length.
 */
struct measure_chunks;

/* Counts that allocate `memory` bytes at most, and 3 hash states of XXH3. 0, -EINVAL below MEASURE_CHUNKS_LEAST, or
 * -ENOMEM. */
int measure_chunks_new(struct measure_chunks **chunks, uint64_t memory);

/* The next `len` bytes; chunks may lie across calls. 0 or -ENOMEM; then the counts are good for measure_chunks_free()
 * only. */
int measure_chunks_add(struct measure_chunks *chunks, const void *data, size_t len);

/* The file ends here: at every size the last chunk counts, however short, and the next byte begins a chunk. Nothing
 * where the last byte was cut off already. As measure_chunks_add() returns. */
int measure_chunks_cut(struct measure_chunks *chunks);

/* The chunks of a size, below MEASURE_CHUNK_SIZES, that have ended so far. */
void measure_chunks_result(struct measure_chunks *chunks, unsigned size, struct measure_set_result *result);

/* NULL is fine. */
void measure_chunks_free(struct measure_chunks *chunks);

#endif
