/* What was measured of a path, or of all paths together: told on the terminal and as JSON. */
#ifndef CLI_MEASURED_H
#define CLI_MEASURED_H

#include <stdint.h>

#include "json.h"
#include "measure/account.h"

/* The figure that stands for all others: one codec, and records of one size that are deduplicated and compressed. */
struct headline {
    enum measure_codec_id codec;
    unsigned kind; /* of chunks, and blocks of their size */
};

/* Dedup, and its 95 % bound; 1 where there is nothing. */
struct dedup_ratio {
    double ratio, low, high;
    struct measure_set_result set;
};

struct measured {
    const char *path; /* NULL: all together */
    struct measure_account *account;
    unsigned halvings; /* of the codecs' sample */
    struct headline headline;

    uint64_t files, links, holes, unreadable, changed;

    /* What the account came to, by measured_settle(). */
    struct dedup_ratio blocks[MEASURE_BLOCK_LEVELS], chunks[MEASURE_CHUNK_SIZES];
    struct measure_squeezed_result codecs[MEASURE_CODECS][MEASURE_CHUNK_KINDS]; /* zeros where the build lacks one */
    uint64_t sampled;                                                           /* bytes that codecs read */
    double entropy;
};

/* Asks the account for all its figures, once: each of them goes through tables of many MiB. */
void measured_settle(struct measured *m);

/* Dedup at blocks of the chunk's size, then compressing what is left. */
double measured_both(const struct measured *m, enum measure_codec_id codec, unsigned kind);

/* "128 KiB records with lz4: dedup 1.95:1, compress 2.91:1, both 5.67:1" */
struct sentence {
    char text[160];
};
struct sentence measured_summary(const struct measured *m);

/* For people, on standard output. */
void measured_print(const struct measured *m);
/* An object as docs/measure.md has it. */
struct json *measured_json(const struct measured *m);

#endif
