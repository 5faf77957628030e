/*
 * Data go in, file by file; accounts come to know all about them. The work is shared by a pool:
 *
 *     measure_engine_new(&engine, &options);
 *     measure_engine_count(engine, accounts, 1);
 *     for each file:
 *         while ((n = read(fd, measure_engine_room(engine, &room), room)) > 0)
 *             measure_engine_put(engine, n);
 *         measure_engine_cut(engine);
 *     measure_engine_flush(engine);
 */
#ifndef MEASURE_ENGINE_H
#define MEASURE_ENGINE_H

#include <fodder/parallel.h>

#include "measure/account.h"

enum { MEASURE_MOST_ACCOUNTS = 2 };

struct measure_options {
    fodder_pool *pool; /* NULL: the default pool */
    uint64_t expected; /* bytes that will come in all, as far as is known; 0 where nothing is */
    uint64_t sample;   /* bytes that codecs read at most; they go on from the sample to a smaller one where that many
                          have been read, and so read more than that where `expected` was too low */
    uint32_t sector;   /* what codecs leave is stored in whole sectors of so many bytes; 1 for any number */
};

struct measure_engine;

/* Takes some 20 MiB, and for each thread of the pool what codecs work in, some 10 MiB. 0 or -ENOMEM. */
int measure_engine_new(struct measure_engine **engine, const struct measure_options *options);
/* NULL is fine. The accounts stay the caller's. */
void measure_engine_free(struct measure_engine *engine);

/* From here on these accounts, at most MEASURE_MOST_ACCOUNTS, count what comes. Between files only, after a flush. The
 * first is the one that goes on to the end: by what it has the sample is thinned. */
void measure_engine_count(struct measure_engine *engine, struct measure_account *const *accounts, unsigned count);

/* Where the next bytes of the file go, and how many fit: 1 MiB or more unless the file is at other than a multiple of
 * that. NULL where making room failed; measure_engine_put() then returns why. */
void *measure_engine_room(struct measure_engine *engine, size_t *room);

/* `len` bytes have been put there. 0, -ENOMEM, or -EIO where a codec failed; then nothing but freeing is left. */
int measure_engine_put(struct measure_engine *engine, size_t len);

/* The file ends here. As measure_engine_put() returns. */
int measure_engine_cut(struct measure_engine *engine);

/* All that has come is in the accounts. As measure_engine_put() returns. */
int measure_engine_flush(struct measure_engine *engine);

/* The sample is one of 2^h segments: what an account's `squeezed` is asked with. */
unsigned measure_engine_halvings(const struct measure_engine *engine);

#endif
