/* How many blocks of data are distinct. Blind to how the data was made. */
#ifndef MEASURE_DEDUP_H
#define MEASURE_DEDUP_H

#include <stddef.h>
#include <stdint.h>

/*
 * Counts blocks of one size; an array of these counts several sizes:
 *
 *     struct measure_dedup counters[] = { { .block = 512 }, { .block = 4096 } };
 *
 * Exact, but for two blocks whose 128-bit hashes are equal. Takes 32 to 64 bytes of memory a distinct block, and half
 * as much again while that grows.
 */
struct measure_dedup {
    size_t block;      /* set it, and nothing else: bytes, a power of two */
    uint64_t blocks;   /* whole blocks so far */
    uint64_t distinct; /* of them */

    struct measure_hash *slots; /* an open-addressing set of `room` places, a power of two */
    uint64_t room;
    void *partial; /* the hash of the block that is not whole yet */
    size_t partial_len;
};

/* Counts the blocks of the next `len` bytes; a block may lie across calls. 0, -EINVAL where the block size is no power
 * of two, or -ENOMEM: then the counter is good for measure_dedup_free() only. */
int measure_dedup_add(struct measure_dedup *counter, const void *data, size_t len);

/* blocks / distinct; 1 where there are none. */
double measure_dedup_ratio(const struct measure_dedup *counter);

/* Frees what the counter holds, and keeps its counts. */
void measure_dedup_free(struct measure_dedup *counter);

#endif
