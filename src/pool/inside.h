/* What the files of this room share. */
#ifndef POOL_INSIDE_H
#define POOL_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>

#include "pool/pool.h"

struct group {
    uint32_t threads; /* that it is to have */
    uint32_t started; /* that it has */
    uint32_t parts;   /* into which its share of the work is cut: one for each thread, if they are not too many */
    uint32_t first_part;
    uint32_t node;        /* where they run: an id */
    uint32_t memory_node; /* the nearest one that may hold its memory */
    uint32_t *cpus;       /* of that node, those that this process may use: ids */
    size_t cpu_count;
    unsigned sleeping;
    pthread_cond_t wake;
};

struct worker {
    fodder_pool *pool;
    unsigned group;
    unsigned part; /* of the group's, where it begins */
    pthread_t thread;
};

struct job;

struct fodder_pool {
    atomic_uint holders;
    atomic_uint forks; /* process_forks() when its threads were started */
    unsigned threads;
    bool placed;
    bool crowded;                /* more threads than CPUs: none waits by spinning */
    atomic_bool pinning_refused; /* of a thread, and not told yet: it is the next buffer that tells */
    uint64_t cache, huge_page;
    fodder_pool_options options;

    /* Under `lock`. */
    pthread_mutex_t lock;
    struct job *jobs;
    atomic_uint posted; /* moves with every job; workers that spin look at it */
    bool ending;
    pthread_cond_t left; /* a worker has left a job */

    /* Under `memory_lock`. */
    pthread_mutex_t memory_lock;
    struct region *regions; /* in use, and kept: the last one given back first */
    uint64_t kept, keep_limit;

    unsigned group_count, worker_count;
    struct worker *workers;
    struct group groups[POOL_MAX_GROUPS];
};

/* Starts the threads of a pool that has none, as many as can be. 0, or -EAGAIN where some could not be started. */
int threads_start(fodder_pool *pool);
/* Ends and joins them. */
void threads_end(fodder_pool *pool);
/* Unmaps what is kept, and keeps nothing from now on. */
void region_end_keeping(fodder_pool *pool);
void pool_tell(const fodder_pool *pool, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* How many forks this process is away from the one that loaded the library. */
unsigned process_forks(void);
/* Gives a pool its threads again, in a child process that has none yet. */
void process_enter(fodder_pool *pool);
/* Ends a pool's threads; in a child process that has not used it there are none. */
void process_leave(fodder_pool *pool);

#endif
