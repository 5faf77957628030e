/* A slice: some milliseconds of one kind of work. Slices that lie side by side see the same clock; see bench/README.md.
 */
#ifndef BENCH_SLICE_H
#define BENCH_SLICE_H

#include "cases.h"

struct slice {
    double rate;   /* bytes a second */
    double cycles; /* per byte, of this core; NAN where the system does not count them */
};

/* The case on a buffer of `size` bytes (and `off` more), over and over. The plan of memset may be NULL. */
struct slice slice_run(const struct bench_case *c, const fodder_plan *plan, uint8_t *buffer, size_t size);

#endif
