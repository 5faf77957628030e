/* How many units of a range are distinct. Exact, from the layout alone. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/bits.h"
#include "fill/plan.h"

uint64_t fodder_plan_limit(const fodder_plan *plan)
{
    const unsigned log2_unit = plan->layout.log2_unit;

    return bits_min(layout_max_units(&plan->layout), (UINT64_C(1) << 63) >> log2_unit) << log2_unit;
}

/* Marks bit `bit` and says whether it was new. */
static unsigned mark(uint8_t *bits, uint64_t bit)
{
    const uint8_t mask = (uint8_t)(1u << bit % 8);
    const unsigned fresh = !(bits[bit / 8] & mask);

    bits[bit / 8] |= mask;
    return fresh;
}

/*
 * Counts the originals that units [first, end) repeat and that lie before `first`. They have ids from n(b) - 1 on, b
 * being the start of first's window: -1 for units that a window repeats before it has new ones of its own.
 */
static int count_before(const struct layout *l, uint64_t first, uint64_t end, uint64_t *count)
{
    const uint64_t window = UINT64_C(1) << l->log2_window;
    const uint64_t start = first & ~(window - 1), known = layout_distinct(l, first);
    const uint64_t low = layout_distinct(l, start) - (start > 0);
    uint8_t *bits = calloc((known - low) / 8 + 1, 1);

    if (!bits)
        return -ENOMEM;
    *count = 0;
    for (uint64_t i = first; i < end && (i < start + window || layout_distinct(l, i) == known); i++) {
        const uint64_t id = layout_unit_id(l, i);

        assert(id >= low);
        if (id < known)
            *count += mark(bits, id - low);
        if (i >= start + window)
            break; /* one that repeats known - 1; all others until the next new unit do the same */
    }
    free(bits);
    return 0;
}

int fodder_plan_count(const fodder_plan *plan, uint64_t offset, uint64_t len, uint64_t *units, uint64_t *distinct)
{
    const struct layout *const l = &plan->layout;
    const uint64_t limit = fodder_plan_limit(plan);
    const uint64_t first = offset >> l->log2_unit;
    uint64_t end, before;
    int r;

    if (offset > limit || len > limit - offset)
        return FODDER_ERR_RANGE;
    end = len == 0 ? first : ((offset + len - 1) >> l->log2_unit) + 1;
    r = count_before(l, first, end, &before);
    if (r < 0)
        return r;
    *units = end - first;
    *distinct = layout_distinct(l, end) - layout_distinct(l, first) + before;
    return 0;
}
