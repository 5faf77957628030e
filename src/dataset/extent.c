#include "dataset/extent.h"

static uint64_t add(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t multiply(uint64_t a, uint64_t b)
{
    uint64_t product;

    return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

uint64_t extent_units(uint64_t size, uint64_t unit)
{
    return size / unit + (size % unit > 0);
}

struct extent extent_join(struct extent a, struct extent b)
{
    return (struct extent) { add(a.bytes, b.bytes), add(a.units, b.units), add(a.whole, b.whole) };
}

static struct extent of_size(uint64_t size, uint64_t unit)
{
    return (struct extent) { size, extent_units(size, unit), size - size % unit };
}

struct extent extent_of(const struct sizes *sizes, uint64_t unit, uint64_t first, uint64_t end)
{
    const struct extent one = of_size(sizes->min, unit);
    const uint64_t count = end - first;
    struct extent sum = { 0 };

    if (sizes->rule == SIZES_FIXED)
        return (struct extent) { multiply(one.bytes, count), multiply(one.units, count), multiply(one.whole, count) };
    for (uint64_t k = first; k < end; k++)
        sum = extent_join(sum, of_size(sizes_of(sizes, k), unit));
    return sum;
}
