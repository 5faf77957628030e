/* Reads a source to its end, or as far as is asked, and gives it to a verifier. What cannot be read is told and passed
 * over. */
#ifndef CLI_COMPARE_H
#define CLI_COMPARE_H

#include "progress.h"
#include "source.h"

struct compare {
    struct source *source;
    fodder_pool *pool;
    fodder_verifier *verifier;
    uint64_t bytes; /* UINT64_MAX where the end is not known */
    double sample;  /* the share of the blocks that are read; 0 stands for all */
    struct progress progress;

    uint64_t asked, blocks; /* how far reading ahead has come: bytes, blocks */
    uint64_t done;          /* bytes given to the verifier, or passed over */
    uint64_t unreadable;    /* of them, bytes that could not be read */
    struct {
        uint64_t at, len;
        int error;
    } hole; /* the last run of such bytes, which may go on */
};

/* EXIT_FINE also where some bytes could not be read. */
enum exit_code compare_run(struct compare *compare);

#endif
