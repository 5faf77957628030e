#include <errno.h>
#include <stdlib.h>

#include "pool/pool.h"

struct fodder_buffer {
    fodder_pool *pool;
    struct region *region;
    size_t len;
    bool reused;
    fodder_spec spec;
};

int fodder_buffer_new(fodder_buffer **buffer, fodder_pool *pool, size_t len)
{
    fodder_pool *const p = pool_of(pool);
    fodder_buffer *b = p ? calloc(1, sizeof *b) : NULL;

    if (!b)
        return -ENOMEM;
    if (region_take(&b->region, p, len) < 0) {
        free(b);
        return -ENOMEM;
    }
    b->pool = pool_hold(p);
    b->len = len;
    b->spec = FODDER_SPEC(.format = FODDER_FORMAT);
    *buffer = b;
    return 0;
}

void fodder_buffer_free(fodder_buffer *buffer)
{
    if (!buffer)
        return;
    region_give(buffer->region, buffer->pool);
    pool_release(buffer->pool);
    free(buffer);
}

void *fodder_buffer_data(const fodder_buffer *buffer)
{
    return buffer->region->pages.base;
}

size_t fodder_buffer_len(const fodder_buffer *buffer)
{
    return buffer->len;
}

fodder_spec fodder_buffer_spec(const fodder_buffer *buffer)
{
    return buffer->spec;
}

fodder_memory fodder_buffer_memory(const fodder_buffer *buffer)
{
    const struct region *const region = buffer->region;

    return (fodder_memory) { .page = region->pages.page,
                             .explicit_pages = region->pages.explicit_pages,
                             .placed = region->placed,
                             .parts = pool_group_count(buffer->pool),
                             .reused = region->reused };
}

static size_t end_of(const fodder_buffer *buffer, uint32_t part)
{
    const size_t end = pool_group_end(buffer->pool, part, buffer->region->pages.len, POOL_GRAIN);

    return end < buffer->len ? end : buffer->len;
}

int fodder_buffer_part(const fodder_buffer *buffer, uint32_t index, size_t *begin, size_t *end, uint32_t *node)
{
    if (index >= pool_group_count(buffer->pool))
        return -EINVAL;
    *begin = index > 0 ? end_of(buffer, index - 1) : 0;
    *end = end_of(buffer, index);
    *node = pool_group_node(buffer->pool, index);
    return 0;
}

int fodder_generate(fodder_buffer **buffer, size_t size, double dedup, double compress)
{
    fodder_spec spec = FODDER_SPEC(.dedup = dedup, .compress = compress);
    fodder_plan *plan = NULL;
    fodder_buffer *b = NULL;
    int r = fodder_fresh_seed(&spec.seed);

    if (r == 0 && (dedup == 0 || compress == 0))
        r = FODDER_ERR_SPEC; /* 0 means the default in a spec; here it is no ratio */
    if (r == 0)
        r = fodder_plan_new(&plan, &spec);
    if (r == 0)
        r = fodder_buffer_new(&b, NULL, size);
    if (r == 0) {
        fodder_pool_fill(NULL, plan, 0, fodder_buffer_data(b), size);
        b->spec = fodder_plan_spec(plan);
        *buffer = b;
    }
    fodder_plan_free(plan);
    return r;
}
