/* All that is counted of some data: one account for each path that is measured, and one for all together. */
#ifndef MEASURE_ACCOUNT_H
#define MEASURE_ACCOUNT_H

#include "measure/blocks.h"
#include "measure/chunks.h"
#include "measure/squeeze.h"

struct measure_account {
    struct measure_blocks *blocks;
    struct measure_chunks *chunks;
    struct measure_squeezed *squeezed;
    uint64_t bytes;
};

/* The level of the blocks that are as large as the chunks of a kind. */
unsigned measure_chunk_level(unsigned kind);

/* The least memory of an account, and the usual one. */
enum { MEASURE_ACCOUNT_LEAST = MEASURE_BLOCKS_LEAST + 5 * MEASURE_CHUNKS_LEAST, MEASURE_ACCOUNT_MEMORY = 144 << 20 };

/* An account that allocates `memory` bytes at most for what it knows pieces by. 0, -EINVAL below the least, or
 * -ENOMEM. */
int measure_account_new(struct measure_account **account, uint64_t memory);

/* NULL is fine. */
void measure_account_free(struct measure_account *account);

#endif
