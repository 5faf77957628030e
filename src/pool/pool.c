#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "pool/inside.h"

void pool_tell(const fodder_pool *pool, const char *format, ...)
{
    char sentence[256];
    va_list arguments;

    if (!pool->options.decision)
        return;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    pool->options.decision(pool->options.user, sentence);
}

/* The node itself, or the nearest one that may hold memory; the first of equals. */
static uint32_t nearest_memory(const fodder_topology *t, size_t node)
{
    size_t best = node;
    int least = 256;

    for (size_t i = 0; i < t->node_count && !t->nodes[node].bindable; i++) {
        if (t->nodes[i].bindable && t->distances[node * t->node_count + i] < least) {
            least = t->distances[node * t->node_count + i];
            best = i;
        }
    }
    return t->nodes[best].id;
}

static int add_group(fodder_pool *pool, const fodder_topology *t, size_t node, uint32_t threads)
{
    struct group *const group = &pool->groups[pool->group_count];

    *group = (struct group) { .threads = threads,
                              .node = t->nodes[node].id,
                              .memory_node = nearest_memory(t, node),
                              .cpus = calloc(t->cpu_count, sizeof *group->cpus) };
    if (!group->cpus)
        return -ENOMEM;
    for (size_t i = 0; i < t->cpu_count; i++) {
        if (t->cpus[i].node == node && t->cpus[i].usable)
            group->cpus[group->cpu_count++] = t->cpus[i].id;
    }
    pthread_cond_init(&group->wake, NULL);
    pool->group_count++;
    pool->threads += threads;
    return 0;
}

/* How many last caches the CPUs have that can be used, but no more than threads. */
static uint64_t caches(const fodder_topology *t, unsigned threads)
{
    const uint64_t size = t->cache[2] > 0 ? t->cache[2] : t->cache[1];
    uint64_t count = 0;

    for (size_t i = 0; i < t->cpu_count; i++)
        count += t->cpus[i].usable && t->cpus[i].cache == t->cpus[i].id;
    count = count > threads ? threads : count;
    return size * (count > 0 ? count : 1);
}

/* As many parts as there may be, in proportion to the threads. */
static void cut_groups(fodder_pool *pool)
{
    uint32_t next = 0;

    for (unsigned g = 0; g < pool->group_count; g++) {
        struct group *const group = &pool->groups[g];
        const uint32_t share = group->threads * (POOL_MAX_PARTS - pool->group_count) / pool->threads + 1;

        group->parts = group->threads < share ? group->threads : share;
        group->first_part = next;
        next += group->parts;
    }
}

static int pool_arrange(fodder_pool *pool, const fodder_topology *t, uint32_t *of_node)
{
    const char *why;
    int placed, r = fodder_pool_layout(t, &pool->options, of_node, &placed, &why);

    if (r < 0)
        return r;
    pool_tell(pool, "%d threads of %u CPUs: %s", r, t->total, why);
    pool->placed = placed;
    for (size_t i = 0; i < t->node_count && pool->group_count < POOL_MAX_GROUPS; i++) {
        if (of_node[i] == 0)
            continue;
        r = add_group(pool, t, i, of_node[i]);
        if (r < 0)
            return r;
        if (placed)
            pool_tell(pool, "node %u: %u threads on its %zu CPUs", t->nodes[i].id, of_node[i],
                      pool->groups[pool->group_count - 1].cpu_count);
    }
    cut_groups(pool);
    pool->crowded = pool->threads > t->usable;
    pool->cache = caches(t, pool->threads);
    pool->huge_page = t->huge_page;
    pool->keep_limit = pool->options.keep == FODDER_KEEP_NONE ? 0
                       : pool->options.keep > 0               ? pool->options.keep
                                                              : t->memory / 4;
    pool->workers = calloc(pool->threads, sizeof *pool->workers);
    return pool->workers ? 0 : -ENOMEM;
}

static int pool_init(fodder_pool *pool, const fodder_topology *t)
{
    uint32_t *const of_node = calloc(t->node_count, sizeof *of_node);
    const int r = of_node ? pool_arrange(pool, t, of_node) : -ENOMEM;

    free(of_node);
    return r < 0 ? r : threads_start(pool);
}

int pool_new_on(fodder_pool **pool, const fodder_pool_options *options, const fodder_topology *topology)
{
    fodder_pool *p = calloc(1, sizeof *p);
    int r;

    if (!p)
        return -ENOMEM;
    p->options = options ? *options : FODDER_POOL(.threads = 0);
    atomic_init(&p->holders, 1);
    atomic_init(&p->forks, process_forks());
    pthread_mutex_init(&p->lock, NULL);
    pthread_mutex_init(&p->memory_lock, NULL);
    pthread_cond_init(&p->left, NULL);
    r = pool_init(p, topology);
    if (r < 0) {
        fodder_pool_free(p);
        return r;
    }
    *pool = p;
    return 0;
}

int fodder_pool_new(fodder_pool **pool, const fodder_pool_options *options)
{
    fodder_topology *topology = NULL;
    int r = fodder_topology_new(&topology, NULL);

    if (r == 0)
        r = pool_new_on(pool, options, topology);
    fodder_topology_free(topology);
    return r;
}

fodder_pool *pool_hold(fodder_pool *pool)
{
    atomic_fetch_add(&pool->holders, 1);
    return pool;
}

void pool_release(fodder_pool *pool)
{
    if (atomic_fetch_sub(&pool->holders, 1) > 1)
        return;
    pthread_cond_destroy(&pool->left);
    pthread_mutex_destroy(&pool->memory_lock);
    pthread_mutex_destroy(&pool->lock);
    for (unsigned g = 0; g < pool->group_count; g++) {
        pthread_cond_destroy(&pool->groups[g].wake);
        free(pool->groups[g].cpus);
    }
    free(pool->workers);
    free(pool);
}

void fodder_pool_free(fodder_pool *pool)
{
    if (!pool)
        return;
    process_leave(pool);
    region_end_keeping(pool);
    pool_release(pool);
}

unsigned fodder_pool_threads(const fodder_pool *pool)
{
    const fodder_pool *const p = pool_of((fodder_pool *)pool);

    return p ? p->threads : 1;
}

/* Where threads are placed, the caller is none of them: there is always one to share with. */
fodder_pool *pool_to_share(fodder_pool *pool, size_t len)
{
    enum { SHARE_FROM = 512 << 10 }; /* below, handing over takes longer than it saves (bench/README.md) */
    fodder_pool *const p = len >= SHARE_FROM ? pool_of(pool) : NULL;

    return p && (p->placed || p->threads > 1) ? p : NULL;
}

uint64_t pool_cache(const fodder_pool *pool)
{
    return pool->cache;
}
