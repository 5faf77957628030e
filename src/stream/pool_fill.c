#include "fill/part.h"
#include "pool/pool.h"

enum { SLICE_LEAST = 64 << 10, SLICE_MOST = 1 << 20, LARGE = 16 << 20 };

struct fill {
    const fodder_plan *plan;
    uint64_t offset;
    uint8_t *dst;
    bool past_cache;
};

static void run(void *context, size_t begin, size_t end)
{
    const struct fill *const fill = context;

    fill_range(fill->plan, fill->offset + begin, fill->dst + begin, end - begin, fill->past_cache);
}

/* A few slices a thread, so that one which comes late finds less to do; whole sectors, and lines in most cases. */
static size_t slice_of(size_t len, unsigned threads)
{
    const size_t share = len / threads / 4 & ~(size_t)4095;

    return share < SLICE_LEAST ? SLICE_LEAST : share > SLICE_MOST ? SLICE_MOST : share;
}

void fodder_pool_fill(fodder_pool *pool, const fodder_plan *plan, uint64_t offset, void *dst, size_t len)
{
    fodder_pool *const p = pool_to_share(pool, len);
    struct fill fill = { .plan = plan, .offset = offset, .dst = dst };
    struct pool_work work = { .run = run, .context = &fill };

    if (!p) {
        fodder_fill(plan, offset, dst, len);
        return;
    }
    fill.past_cache = len >= LARGE && len / 2 > pool_cache(p);
    work.slice = slice_of(len, fodder_pool_threads(p));
    pool_cut(p, dst, len, work.ends);
    pool_run(p, &work);
}
