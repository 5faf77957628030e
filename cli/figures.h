/* How fast this machine makes data, and how fast it only writes: what fodder bench tells. */
#ifndef CLI_FIGURES_H
#define CLI_FIGURES_H

#include <stddef.h>

#include <fodder/fodder.h>

/* Bytes a second of some threads: of fodder, and of memset beside it. 0 where it could not be measured. */
struct figure_pair {
    unsigned threads;
    double fill, memset;
};

enum { MOST_FIGURES = 16, FIGURE_STREAMS = 3 };

extern const size_t figure_chunks[FIGURE_STREAMS];

struct figures {
    unsigned most; /* threads */
    size_t count;
    struct figure_pair cache[MOST_FIGURES], memory[MOST_FIGURES];
    size_t cache_bytes, memory_bytes;   /* in the cache for each thread, in memory for all */
    struct figure_pair one_shot, again; /* with a new buffer, and with the memory of one that was freed */
    double stream[FIGURE_STREAMS];      /* by the default threads, in chunks of figure_chunks[] */
};

/* Measures up to `most` threads, in some seconds. 0 or a negative code. */
int figures_measure(struct figures *figures, const fodder_plan *plan, const fodder_pool_options *options,
                    const fodder_topology *topology, unsigned most);

#endif
