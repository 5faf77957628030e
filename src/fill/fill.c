#include <stdbool.h>
#include <string.h>

#include "base/bits.h"
#include "cpu/cpu.h"
#include "fill/part.h"

/* The byte that fills a sector, which is made from its first. */
static uint8_t fill_byte(const struct kernel *kernel, const struct keystream *stream, uint64_t sector)
{
    uint8_t block[KEYSTREAM_BLOCK];

    kernel->blocks(stream, sector * (KEYSTREAM_SECTOR / KEYSTREAM_BLOCK), block, 1, KERNEL_CACHED);
    return block[0] ? block[0] : 1;
}

/* Bytes [from, to) of a unit's keystream, at most a sector of them. */
static void fill_keystream(const struct kernel *kernel, const struct keystream *stream, uint64_t from, uint64_t to,
                           uint8_t *dst)
{
    uint8_t blocks[KEYSTREAM_SECTOR + KEYSTREAM_BLOCK];
    const uint64_t first = from / KEYSTREAM_BLOCK, end = (to + KEYSTREAM_BLOCK - 1) / KEYSTREAM_BLOCK;

    kernel->blocks(stream, first, blocks, end - first, KERNEL_CACHED);
    memcpy(dst, blocks + from % KEYSTREAM_BLOCK, to - from);
}

void fill_part(const fodder_plan *plan, const struct keystream *stream, uint64_t from, uint64_t to, uint8_t *dst)
{
    const uint64_t sector = from / KEYSTREAM_SECTOR;
    const uint64_t split = sector * KEYSTREAM_SECTOR + keystream_split(plan->layout.q, sector);
    const uint64_t middle = split < from ? from : split < to ? split : to;

    if (from < middle)
        fill_keystream(plan->kernel, stream, from, middle, dst);
    if (middle < to)
        memset(dst + (middle - from), fill_byte(plan->kernel, stream, sector), to - middle);
}

void fill_sectors(const fodder_plan *plan, const struct keystream *stream, uint64_t first, uint8_t *dst, size_t count)
{
    const uint64_t blocks = KEYSTREAM_SECTOR / KEYSTREAM_BLOCK;

    if (plan->layout.q == KEYSTREAM_Q_ALL)
        plan->kernel->blocks(stream, first * blocks, dst, count * blocks, KERNEL_CACHED);
    else
        plan->kernel->sectors(stream, plan->layout.q, first, dst, count, KERNEL_CACHED);
}

/* `len` bytes of one unit from `from` on: a head up to a whole sector (a whole block for compress 1), the body, a tail.
 */
static void fill_unit(const fodder_plan *plan, const struct keystream *stream, uint64_t from, uint8_t *dst, size_t len,
                      bool past_cache)
{
    const struct kernel *const kernel = plan->kernel;
    const uint64_t q = plan->layout.q;
    const size_t grain = q == KEYSTREAM_Q_ALL ? KEYSTREAM_BLOCK : KEYSTREAM_SECTOR;
    const size_t head = bits_min_size(len, -from % grain), body = (len - head) / grain;
    const size_t tail = len - head - body * grain;
    const enum kernel_way way = past_cache ? KERNEL_PAST_CACHE : KERNEL_CACHED;

    if (head > 0)
        fill_part(plan, stream, from, from + head, dst);
    from += head;
    dst += head;
    if (q == KEYSTREAM_Q_ALL)
        kernel->blocks(stream, from / grain, dst, body, way);
    else
        kernel->sectors(stream, q, from / grain, dst, body, way);
    from += body * grain;
    if (tail > 0)
        fill_part(plan, stream, from, from + tail, dst + body * grain);
}

/* Is it more than twice what the last cache holds? Up to there a buffer that is written again and again does better in
 * the cache: 32 MiB at 38 GB/s instead of 28 (Zen 4, 32 MiB of cache); beyond, lines that are not read first spare
 * memory. To ask takes 17 us in a virtual machine (CPUID traps), a fifth of a fill of 4 MiB, so less than 16 MiB never
 * count as large. glibc would answer at once, but tells all caches of a package together: 256 MiB where each core
 * has 32. */
static bool is_large(size_t len)
{
    return len >= 16 << 20 && len / 2 > cpu_last_cache();
}

void fill_range(const fodder_plan *plan, uint64_t offset, uint8_t *dst, size_t len, bool past_cache)
{
    const struct layout *const layout = &plan->layout;
    const uint64_t unit = UINT64_C(1) << layout->log2_unit;

    while (len > 0) {
        const uint64_t from = offset & (unit - 1);
        const size_t part = bits_min_size(len, unit - from);
        const struct keystream stream = layout_keystream(layout, layout_unit_id(layout, offset >> layout->log2_unit));

        fill_unit(plan, &stream, from, dst, part, past_cache);
        offset += part;
        dst += part;
        len -= part;
    }
}

void fodder_fill(const fodder_plan *plan, uint64_t offset, void *dst, size_t len)
{
    fill_range(plan, offset, dst, len, is_large(len));
}
