/* Verifying by a pool: what is right is found by all threads, what is wrong is judged by one, in order. */
#include <string.h>

#include "pool/pool.h"
#include "verify/verifier.h"

/* Slices are small, because one thread does those again in which something is wrong. */
enum { SECTOR = KEYSTREAM_SECTOR, SLICE = 64 << 10, MOST_SLICES = 4096 };

struct check {
    const fodder_plan *plan;
    uint64_t offset;
    const uint8_t *src;
    size_t slice;
    bool right[MOST_SLICES];
};

static void run(void *context, size_t begin, size_t end)
{
    struct check *const c = context;

    c->right[begin / c->slice] = verify_is_right(c->plan, c->offset + begin, c->src + begin, (end - begin) / SECTOR);
}

/* Whole sectors, and no more slices than there is room for. */
static size_t slice_of(size_t len)
{
    const size_t least = (len / MOST_SLICES / SECTOR + 1) * SECTOR;

    return least > SLICE ? least : SLICE;
}

/* Of `len` bytes, whole sectors: finds the slices that are right, and hands all of them to the verifier in order. */
static void add_sectors(fodder_verifier *v, fodder_pool *pool, const uint8_t *src, size_t len)
{
    const size_t slice = slice_of(len);
    struct check c = { .plan = verifier_plan(v), .offset = verifier_offset(v), .src = src, .slice = slice };
    struct pool_work work = { .run = run, .context = &c, .slice = slice };

    pool_cut(pool, src, len, work.ends);
    for (unsigned g = 0; g + 1 < pool_group_count(pool); g++)
        work.ends[g] -= work.ends[g] % slice;
    pool_run(pool, &work);
    for (size_t at = 0; at < len; at += slice) {
        const size_t n = len - at < slice ? len - at : slice;

        if (c.right[at / slice])
            verifier_pass(v, n);
        else
            fodder_verifier_add(v, src + at, n);
    }
}

int fodder_pool_verifier_add(fodder_pool *pool, fodder_verifier *verifier, const void *src, size_t len)
{
    fodder_pool *const p = pool_to_share(pool, len);
    const uint8_t *bytes = src;
    size_t head, body;

    if (!p)
        return fodder_verifier_add(verifier, src, len);
    if (!verifier_has_room(verifier, len))
        return FODDER_ERR_RANGE;
    head = (size_t)(-verifier_offset(verifier) % SECTOR);
    body = (len - head) / SECTOR * SECTOR;
    fodder_verifier_add(verifier, bytes, head);
    add_sectors(verifier, p, bytes + head, body);
    return fodder_verifier_add(verifier, bytes + head + body, len - head - body);
}

int fodder_pool_verify(fodder_pool *pool, const fodder_plan *plan, uint64_t offset, const void *src, size_t len,
                       const fodder_verify_options *options, fodder_report *report)
{
    fodder_verifier *verifier;
    const int r = fodder_verifier_new(&verifier, plan, offset, len, options);

    if (r < 0)
        return r;
    fodder_pool_verifier_add(pool, verifier, src, len);
    fodder_verifier_end(verifier, report);
    fodder_verifier_free(verifier);
    return 0;
}
