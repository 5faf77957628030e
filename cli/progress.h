/* A line on the terminal that says how far long work is: share, rate, time left. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "span.h"

struct progress {
    bool shown, drawn;
    uint64_t total;
    double start, last;
    double today; /* the start, in seconds since 1970 */
};

/* Shown only where standard error is a terminal. */
struct progress progress_start(uint64_t total, bool quiet);
/* Draws at most five times a second. */
void progress_step(struct progress *p, uint64_t done);
/* The same where several threads do the work. */
struct progress_sum {
    struct progress progress;
    atomic_uint_fast64_t bytes;
};
/* Counts bytes that are done; the first thread draws. */
void progress_add(struct progress_sum *sum, unsigned thread, size_t bytes);
/* Wipes the line. */
struct span progress_end(struct progress *p);

#endif
