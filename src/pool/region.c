/* The pool's memory: regions in use, and those given back that are kept for the next. */
#include <errno.h>
#include <stdlib.h>

#include "pool/inside.h"

unsigned pool_group_count(const fodder_pool *pool)
{
    return pool->placed ? pool->group_count : 1;
}

uint32_t pool_group_node(const fodder_pool *pool, unsigned group)
{
    return pool->groups[group].node;
}

size_t pool_group_end(const fodder_pool *pool, unsigned group, size_t len, size_t grain)
{
    unsigned threads = 0;

    if (group + 1 >= pool_group_count(pool))
        return len;
    for (unsigned g = 0; g <= group; g++)
        threads += pool->groups[g].threads;
    return len / grain * threads / pool->threads * grain;
}

/* By the system, or else by the threads that touch it first. */
static void place(fodder_pool *pool, struct region *region)
{
    size_t begin = 0;
    int r = 0;

    if (atomic_exchange(&pool->pinning_refused, false))
        pool_tell(pool, "the system refuses to keep threads on their nodes");
    region->placed = FODDER_PLACED_BOUND;
    for (unsigned g = 0; g < pool->group_count && r == 0; g++) {
        const size_t end = pool_group_end(pool, g, region->pages.len, POOL_GRAIN);

        if (end > begin)
            r = place_memory(region->pages.base + begin, end - begin, pool->groups[g].memory_node);
        begin = end;
    }
    if (r == 0)
        return;
    region->placed = FODDER_PLACED_FIRST_TOUCH;
    pool_tell(pool, "the system refuses to place memory (%s): pages lie where they are first filled",
              fodder_strerror(r));
}

static struct region *region_new(fodder_pool *pool, size_t len)
{
    static const enum pages_kind kinds[] = { PAGES_HUGE, PAGES_EXPLICIT, PAGES_SMALL };
    /* Explicit ones exist also where transparent ones are switched off. */
    const bool explicit_only = pool->huge_page == 0 && pool->options.pages == FODDER_PAGES_EXPLICIT;
    const uint64_t huge = explicit_only ? POOL_GRAIN : pool->huge_page;
    struct region *region = calloc(1, sizeof *region);

    if (!region)
        return NULL;
    if (pages_map(&region->pages, len, kinds[pool->options.pages], huge) < 0) {
        free(region);
        return NULL;
    }
    if (pool->options.pages == FODDER_PAGES_EXPLICIT && !region->pages.explicit_pages)
        pool_tell(pool, "too few explicit huge pages are free: pages of %llu bytes instead",
                  (unsigned long long)region->pages.page);
    if (pool->placed)
        place(pool, region);
    return region;
}

static void region_delete(struct region *region)
{
    pages_unmap(&region->pages);
    free(region);
}

/* Not much more than is needed; where parts are placed, with the same parts. */
static bool is_fit(const fodder_pool *pool, const struct region *region, size_t len)
{
    const size_t have = region->pages.len;

    if (region->in_use || have < len)
        return false;
    return pool->placed ? have - len < region->pages.page : have / 2 <= len || have <= POOL_GRAIN;
}

static struct region *find_kept(fodder_pool *pool, size_t len)
{
    struct region *best = NULL;

    for (struct region *r = pool->regions; r; r = r->next) {
        if (is_fit(pool, r, len) && (!best || r->pages.len < best->pages.len))
            best = r;
    }
    if (best) {
        best->in_use = best->reused = true;
        pool->kept -= best->pages.len;
    }
    return best;
}

int region_take(struct region **region, fodder_pool *pool, size_t len)
{
    struct region *found;

    process_enter(pool);
    pthread_mutex_lock(&pool->memory_lock);
    found = find_kept(pool, len);
    pthread_mutex_unlock(&pool->memory_lock);
    if (!found) {
        found = region_new(pool, len);
        if (!found)
            return -ENOMEM;
        found->in_use = true;
        pthread_mutex_lock(&pool->memory_lock);
        found->next = pool->regions;
        pool->regions = found;
        pthread_mutex_unlock(&pool->memory_lock);
    }
    *region = found;
    return 0;
}

static void unlink_region(fodder_pool *pool, const struct region *region)
{
    struct region **at = &pool->regions;

    while (*at != region)
        at = &(*at)->next;
    *at = region->next;
}

/* The one given back longest ago, which lies nearest to the end; NULL where none is kept. */
static struct region *oldest_kept(const fodder_pool *pool)
{
    struct region *oldest = NULL;

    for (struct region *r = pool->regions; r; r = r->next)
        oldest = r->in_use ? oldest : r;
    return oldest;
}

/* Takes off the list what is kept beyond `limit`; the caller unmaps it, without the lock. */
static struct region *take_surplus(fodder_pool *pool, uint64_t limit)
{
    struct region *surplus = NULL;

    while (pool->kept > limit) {
        struct region *const region = oldest_kept(pool);

        unlink_region(pool, region);
        pool->kept -= region->pages.len;
        region->next = surplus;
        surplus = region;
    }
    return surplus;
}

static void keep_no_more_than(fodder_pool *pool, uint64_t limit)
{
    struct region *surplus, *next;

    pool->keep_limit = limit;
    surplus = take_surplus(pool, limit);
    pthread_mutex_unlock(&pool->memory_lock);
    for (; surplus; surplus = next) {
        next = surplus->next;
        region_delete(surplus);
    }
}

void region_give(struct region *region, fodder_pool *pool)
{
    process_enter(pool);
    pthread_mutex_lock(&pool->memory_lock);
    unlink_region(pool, region);
    region->in_use = false;
    region->next = pool->regions;
    pool->regions = region;
    pool->kept += region->pages.len;
    keep_no_more_than(pool, pool->keep_limit);
}

void region_end_keeping(fodder_pool *pool)
{
    pthread_mutex_lock(&pool->memory_lock);
    keep_no_more_than(pool, 0);
}

static const struct region *find_region(const fodder_pool *pool, const uint8_t *base, size_t len)
{
    for (const struct region *r = pool->regions; r; r = r->next) {
        if (r->in_use && base >= r->pages.base && base + len <= r->pages.base + r->pages.len)
            return r;
    }
    return NULL;
}

static size_t between(size_t low, size_t value, size_t high)
{
    return value < low ? low : value > high ? high : value;
}

void pool_cut(fodder_pool *pool, const uint8_t *base, size_t len, size_t ends[POOL_MAX_GROUPS])
{
    const struct region *region = NULL;
    size_t whole = len, skip = 0;

    process_enter(pool);
    if (pool->placed) {
        pthread_mutex_lock(&pool->memory_lock);
        region = find_region(pool, base, len);
        if (region) {
            whole = region->pages.len;
            skip = (size_t)(base - region->pages.base);
        }
        pthread_mutex_unlock(&pool->memory_lock);
    }
    for (unsigned g = 0; g < pool_group_count(pool); g++)
        ends[g] = between(skip, pool_group_end(pool, g, whole, region ? POOL_GRAIN : 4096), skip + len) - skip;
    ends[pool_group_count(pool) - 1] = len;
}
