/* memset by any number of threads: what the memory of this machine takes. */
#ifndef BENCH_YARDSTICK_H
#define BENCH_YARDSTICK_H

#include <stdbool.h>
#include <stddef.h>

enum {
    YARDSTICK_THREADS = 256, /* at most */
    YARDSTICK_VALUE = 0x5a   /* not 0: memset to 0 takes an instruction of its own on AMD, three times as fast */
};

/* Memory on huge pages that has been written before; start with zeroes. */
struct yardstick {
    void *memory;
    size_t size;
};

/* Sets the same `chunk` bytes `repeats` times, each thread its own share of them; a chunk under 1 MiB by one thread.
 * Seconds, or a negative value where memory or threads lack. */
double yardstick_memset(struct yardstick *yardstick, size_t chunk, size_t repeats, unsigned threads);

/* Memory from the system, set once; giving it back is not timed. Seconds, or a negative value. */
double yardstick_fresh(size_t size, unsigned threads, bool huge);

void yardstick_free(struct yardstick *yardstick);

#endif
