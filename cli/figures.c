#define _GNU_SOURCE
#include "figures.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "quartiles.h"

enum { ROUNDS = 5, CACHED = 512 << 10 };

static const double slice = 0.015; /* seconds: the clocks of shared machines change within more */

const size_t figure_chunks[FIGURE_STREAMS] = { 32 << 20, 64 << 10, 4 << 10 };

/* ---- memset, by threads of its own */

enum { WAIT, GO, LEAVE };

struct setter {
    pthread_t thread;
    atomic_int *word;
    uint8_t *base;
    size_t len;
    double rate;
};

/* Never to 0, which some CPUs write in another way. */
static void *set_memory(void *argument)
{
    struct setter *const s = argument;
    double begin, done = 0;
    int value = 1;

    while (atomic_load(s->word) == WAIT)
        sched_yield();
    if (atomic_load(s->word) == LEAVE)
        return NULL;
    begin = clock_seconds();
    do {
        memset(s->base, 1 + value++ % 255, s->len);
        __asm__ volatile("" : : "r"(s->base) : "memory");
        done += (double)s->len;
    } while (clock_seconds() - begin < slice);
    s->rate = done / (clock_seconds() - begin);
    return NULL;
}

/* All threads' rates together; 0 where the threads cannot be had. */
static double memset_rate(uint8_t *base, size_t len, unsigned threads)
{
    struct setter *const setters = calloc(threads, sizeof *setters);
    atomic_int word = WAIT;
    unsigned started = 1; /* this one */
    double rate = 0;

    if (!setters)
        return 0;
    for (unsigned i = 0; i < threads; i++)
        setters[i] = (struct setter) { .word = &word, .base = base + len / threads * i, .len = len / threads };
    while (started < threads && pthread_create(&setters[started].thread, NULL, set_memory, &setters[started]) == 0)
        started++;
    atomic_store(&word, started == threads ? GO : LEAVE);
    set_memory(&setters[0]);
    for (unsigned i = 1; i < started; i++)
        pthread_join(setters[i].thread, NULL);
    for (unsigned i = 0; i < threads; i++)
        rate += setters[i].rate;
    free(setters);
    return rate;
}

/* ---- fill, by a pool */

static double fill_rate(fodder_pool *pool, const fodder_plan *plan, uint8_t *base, size_t len)
{
    static uint64_t offset;
    const double begin = clock_seconds();
    double done = 0;

    do {
        fodder_pool_fill(pool, plan, offset, base, len);
        offset = (offset + len) & (UINT64_MAX >> 2);
        done += (double)len;
    } while (clock_seconds() - begin < slice);
    return done / (clock_seconds() - begin);
}

static struct figure_pair measure_pair(fodder_pool *pool, const fodder_plan *plan, uint8_t *base, size_t len)
{
    const unsigned threads = fodder_pool_threads(pool);
    double fill[ROUNDS], set[ROUNDS];

    for (int i = 0; i < ROUNDS; i++) {
        set[i] = memset_rate(base, len, threads);
        fill[i] = fill_rate(pool, plan, base, len);
    }
    return (struct figure_pair) { threads, spread_of(fill, ROUNDS).median, spread_of(set, ROUNDS).median };
}

/* The figures of one number of threads, on memory of a pool of that many. */
static int measure_threads(struct figures *f, const fodder_plan *plan, fodder_pool_options options, unsigned threads)
{
    fodder_pool *pool = NULL;
    fodder_buffer *buffer = NULL;
    int r;

    options.threads = threads;
    r = fodder_pool_new(&pool, &options);
    if (r == 0)
        r = fodder_buffer_new(&buffer, pool, f->memory_bytes);
    if (r == 0) {
        uint8_t *const base = fodder_buffer_data(buffer);

        fodder_pool_fill(pool, plan, 0, base, f->memory_bytes);
        f->cache[f->count] = measure_pair(pool, plan, base, f->cache_bytes * threads);
        f->memory[f->count] = measure_pair(pool, plan, base, f->memory_bytes);
        f->count++;
    }
    fodder_buffer_free(buffer);
    fodder_pool_free(pool);
    return r;
}

/* Makes a new buffer, and writes it; `pool` keeps freed buffers or does not. memset is by one thread. */
static int measure_shot(struct figure_pair *pair, fodder_pool *pool, const fodder_plan *plan, size_t len)
{
    for (int i = 0; i < 2; i++) {
        fodder_buffer *buffer = NULL;
        const double begin = clock_seconds();
        const int r = fodder_buffer_new(&buffer, pool, len);

        if (r < 0)
            return r;
        if (i == 0)
            memset(fodder_buffer_data(buffer), 1, len);
        else
            fodder_pool_fill(pool, plan, 0, fodder_buffer_data(buffer), len);
        *(i == 0 ? &pair->memset : &pair->fill) = (double)len / (clock_seconds() - begin);
        fodder_buffer_free(buffer);
    }
    pair->threads = fodder_pool_threads(pool);
    return 0;
}

static int measure_shots(struct figures *f, const fodder_plan *plan, fodder_pool_options options)
{
    fodder_pool *none = NULL, *keeping = NULL;
    int r;

    options.keep = FODDER_KEEP_NONE;
    r = fodder_pool_new(&none, &options);
    options.keep = f->memory_bytes + (2 << 20);
    if (r == 0)
        r = fodder_pool_new(&keeping, &options);
    if (r == 0)
        r = measure_shot(&f->one_shot, none, plan, f->memory_bytes);
    for (int i = 0; i < 2 && r == 0; i++)
        r = measure_shot(&f->again, keeping, plan, f->memory_bytes);
    fodder_pool_free(none);
    fodder_pool_free(keeping);
    return r;
}

static int measure_streams(struct figures *f, const fodder_plan *plan, const fodder_pool_options *options)
{
    fodder_pool *pool = NULL;
    fodder_buffer *buffer = NULL;
    int r = fodder_pool_new(&pool, options);

    if (r == 0)
        r = fodder_buffer_new(&buffer, pool, figure_chunks[0]);
    for (size_t i = 0; i < FIGURE_STREAMS && r == 0; i++) {
        double rate[ROUNDS];

        for (int k = 0; k < ROUNDS; k++)
            rate[k] = fill_rate(pool, plan, fodder_buffer_data(buffer), figure_chunks[i]);
        f->stream[i] = spread_of(rate, ROUNDS).median;
    }
    fodder_buffer_free(buffer);
    fodder_pool_free(pool);
    return r;
}

/* 1, 2, 4 ... and `most`. */
static unsigned next_count(unsigned threads, unsigned most)
{
    return threads < most && 2 * threads > most ? most : 2 * threads;
}

int figures_measure(struct figures *f, const fodder_plan *plan, const fodder_pool_options *options,
                    const fodder_topology *topology, unsigned most)
{
    const size_t eighth = (size_t)(topology->memory / 8), least = (size_t)CACHED * most;
    const size_t memory = eighth < (size_t)512 << 20 ? eighth : (size_t)512 << 20;
    int r = 0;

    *f = (struct figures) { .most = most, .cache_bytes = CACHED, .memory_bytes = memory > least ? memory : least };
    for (unsigned n = 1; n <= most && f->count < MOST_FIGURES && r == 0; n = next_count(n, most))
        r = measure_threads(f, plan, *options, n);
    if (r == 0)
        r = measure_shots(f, plan, *options);
    if (r == 0)
        r = measure_streams(f, plan, options);
    return r;
}
