/* What was measured of a path, or of all paths together: told on the terminal and as JSON. */
#ifndef CLI_MEASURED_H
#define CLI_MEASURED_H

#include <stdint.h>

#include "json.h"
#include "measure/account.h"

/* The figure that stands for all others: one codec, and records of one size that are deduplicated and compressed. */
struct headline {
    unsigned level; /* of blocks */
    enum measure_codec_id codec;
    unsigned kind; /* of chunks: the block's size */
};

struct measured {
    const char *path; /* NULL: all together */
    struct measure_account *account;
    unsigned halvings; /* of the codecs' sample */
    struct headline headline;

    uint64_t files, links, holes, unreadable, changed;
};

/* Dedup at blocks of a level, and its 95 % bound; 1 where there is nothing. */
struct dedup_ratio {
    double ratio, low, high;
    struct measure_set_result set;
};
struct dedup_ratio measured_blocks(const struct measured *m, unsigned level);
/* The same at content-defined chunks of a size. */
struct dedup_ratio measured_chunks(const struct measured *m, unsigned size);

struct measure_squeezed_result measured_codec(const struct measured *m, enum measure_codec_id codec, unsigned kind);

/* Dedup at blocks of the chunk's size, then compressing what is left. */
double measured_both(const struct measured *m, enum measure_codec_id codec, unsigned kind);

/* The level of blocks that are as large as the chunks of a kind. */
unsigned measured_level(unsigned kind);

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
