/* What fixed blocks of 512 bytes to 4 MiB deduplicate to, all sizes in one pass. Blind to how the data was made. */
#ifndef MEASURE_BLOCKS_H
#define MEASURE_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

#include "measure/set.h"

/* Blocks of level n have MEASURE_BLOCK << n bytes. */
enum { MEASURE_BLOCK = 512, MEASURE_BLOCK_LEVELS = 14 };

/* Memory for all levels: usual, and the least. The usual one is exact for some 0.6 GiB of distinct data at 512 bytes,
 * 1.6 at 4 KiB and 400 at 4 MiB, and for 110,000 files at all sizes above theirs; beyond it the relative standard error
 * is 0.13 % at 512 bytes and 0.5 % at 4 MiB at most, where blocks have one length. */
enum { MEASURE_BLOCKS_MEMORY = 160 << 20, MEASURE_BLOCKS_LEAST = 20 << 20 };

/*
 * Blocks of 512 bytes are hashed by XXH3-128, and a larger block's hash is that of its halves' hashes, as in Merkle's
 * trees: all sizes cost little more than the smallest. Nobody is assumed to make collisions on purpose.
 */
struct measure_blocks;

/* Counts that allocate `memory` bytes at most. 0, -EINVAL below MEASURE_BLOCKS_LEAST, or -ENOMEM. */
int measure_blocks_new(struct measure_blocks **blocks, uint64_t memory);

/* The next `len` bytes; blocks may lie across calls. 0 or -ENOMEM; then the counts are good for measure_blocks_free()
 * only. */
int measure_blocks_add(struct measure_blocks *blocks, const void *data, size_t len);

/* From now on the weight of each block of that level, as measure_set_new_weight() tells it, is written to `weights` and
 * on; the caller has room for them. NULL ends it. */
void measure_blocks_watch(struct measure_blocks *blocks, unsigned level, double *weights);

/* The file ends here: at every size the block that is not whole counts with the length that it has, and the next byte
 * begins a block. Nothing where the last byte was cut off already. As measure_blocks_add() returns. */
int measure_blocks_cut(struct measure_blocks *blocks);

/* The blocks of a level, below MEASURE_BLOCK_LEVELS, so far: whole ones, and short ones that were cut off. */
void measure_blocks_result(struct measure_blocks *blocks, unsigned level, struct measure_set_result *result);

/* NULL is fine. */
void measure_blocks_free(struct measure_blocks *blocks);

#endif
