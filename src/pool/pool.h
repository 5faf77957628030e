/* Threads that wait for work, in groups, one for each node, and the memory that is kept for them. */
#ifndef POOL_POOL_H
#define POOL_POOL_H

#include <stdbool.h>

#include <fodder/parallel.h>

#include "os/pages.h"

enum { POOL_MAX_THREADS = 1024, POOL_MAX_GROUPS = 64, POOL_MAX_PARTS = 64 };

/* Parts of a region end on multiples of it: a huge page cannot lie on two nodes. */
enum { POOL_GRAIN = 2 << 20 };

/* fodder_pool_new() on the machine that the topology tells of. */
int pool_new_on(fodder_pool **pool, const fodder_pool_options *options, const fodder_topology *topology);

/* The pool itself, or the default pool for NULL, made now if it must be; NULL where it cannot be made. */
fodder_pool *pool_of(fodder_pool *pool);

/* A pool lives as long as something holds it: its owner, and each of its buffers. */
fodder_pool *pool_hold(fodder_pool *pool);
void pool_release(fodder_pool *pool);

/* ---- Work */

/* Work on `len` bytes, of which group g does those from ends[g - 1] (or 0) to ends[g], slice by slice. `run` is called
 * by any number of threads at once, for ranges that do not overlap. */
struct pool_work {
    void (*run)(void *context, size_t begin, size_t end);
    void *context;
    size_t slice;                 /* bytes, at least 1 */
    size_t ends[POOL_MAX_GROUPS]; /* of each of the pool's groups; the last one is `len` */
};

/* Returns when all is done. Neither allocates nor fails. */
void pool_run(fodder_pool *pool, const struct pool_work *work);

/* The ends of each group's part of some memory: in one of the pool's regions, of what lies on the group's node;
 * elsewhere of its share. */
void pool_cut(fodder_pool *pool, const uint8_t *base, size_t len, size_t ends[POOL_MAX_GROUPS]);

/* The pool, or the default one for NULL, where work on `len` bytes is worth sharing; NULL where the caller had better
 * do it alone. */
fodder_pool *pool_to_share(fodder_pool *pool, size_t len);

/* Bytes that the last caches of all its threads hold together. */
uint64_t pool_cache(const fodder_pool *pool);

/* ---- Memory */

/* Pages, placed for the pool's groups: group g's end at pool_group_end(). */
struct region {
    struct region *next;
    struct pages pages;
    uint32_t placed; /* enum fodder_placed */
    bool in_use, reused;
};

/* A region of at least `len` bytes, one that was given back where one is fit. 0 or -ENOMEM. */
int region_take(struct region **region, fodder_pool *pool, size_t len);
/* It is kept for the next, or unmapped. */
void region_give(struct region *region, fodder_pool *pool);

/* One for each node that has threads; 1 where nothing is placed. */
unsigned pool_group_count(const fodder_pool *pool);
/* The node of a group's threads; and where its part of `len` bytes ends, a multiple of `grain` but for the last. */
uint32_t pool_group_node(const fodder_pool *pool, unsigned group);
size_t pool_group_end(const fodder_pool *pool, unsigned group, size_t len, size_t grain);

#endif
