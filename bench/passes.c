/*
 * passes [GIB]: how fast fodder measure's two passes over all data are, on one core: fixed blocks of all sizes, and
 * content-defined chunks. The data (dedup 2, units of 64 KiB) are made before the clock starts; a slice is 64 MiB. The
 * first GiB, while tables grow, and the rest are told apart.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fodder/fodder.h>

#include "clock.h"
#include "measure/blocks.h"
#include "measure/chunks.h"
#include "quartiles.h"

enum { SLICE = 64 << 20, SLICES_OF_GIB = 16, MOST_SLICES = 1 << 14 };

struct pass {
    const char *name;
    double rates[MOST_SLICES]; /* bytes a second */
};

static struct pass passes[] = { { .name = "fixed blocks, 512 B to 4 MiB" },
                                { .name = "chunks of 8 KiB, 64 KiB, 1 MiB" } };

static double memset_rate(void *data, int value)
{
    const double start = clock_seconds();

    memset(data, value, SLICE);
    __asm__ volatile("" : : "r"(data) : "memory");
    return SLICE / (clock_seconds() - start);
}

static int count(struct measure_blocks *blocks, struct measure_chunks *chunks, const void *data, unsigned slice)
{
    double start = clock_seconds();
    int r = measure_blocks_add(blocks, data, SLICE);

    passes[0].rates[slice] = SLICE / (clock_seconds() - start);
    start = clock_seconds();
    if (r == 0)
        r = measure_chunks_add(chunks, data, SLICE);
    passes[1].rates[slice] = SLICE / (clock_seconds() - start);
    return r;
}

static void print_rates(const char *name, double *rates, unsigned slices)
{
    const unsigned first = slices < SLICES_OF_GIB ? slices : SLICES_OF_GIB;
    const struct spread begin = spread_of(rates, first), rest = spread_of(rates + first, slices - first);

    printf("%-32s first GiB %5.2f GB/s (%.2f to %.2f)   rest %5.2f GB/s (%.2f to %.2f)\n", name, begin.median / 1e9,
           begin.low / 1e9, begin.high / 1e9, rest.median / 1e9, rest.low / 1e9, rest.high / 1e9);
}

int main(int argc, char **argv)
{
    static double memsets[MOST_SLICES];
    const unsigned slices = SLICES_OF_GIB * (argc > 1 ? (unsigned)atoi(argv[1]) : 8);
    struct measure_blocks *blocks = NULL;
    struct measure_chunks *chunks = NULL;
    fodder_plan *plan = NULL;
    uint8_t *const data = malloc(SLICE);
    int r = slices > SLICES_OF_GIB && slices <= MOST_SLICES ? 0 : 2;

    if (r == 0 && (!data || fodder_plan_new(&plan, &FODDER_SPEC(.seed = 1, .dedup = 2, .unit = 64 << 10)) < 0 ||
                   measure_blocks_new(&blocks, MEASURE_BLOCKS_MEMORY) < 0 ||
                   measure_chunks_new(&chunks, MEASURE_CHUNKS_MEMORY) < 0))
        r = 1;
    for (unsigned slice = 0; slice < slices && r == 0; slice++) {
        memsets[slice] = memset_rate(data, 1 + (int)slice % 255);
        fodder_fill(plan, (uint64_t)slice * SLICE, data, SLICE);
        r = count(blocks, chunks, data, slice) < 0;
    }
    for (unsigned i = 0; i < 2 && r == 0; i++)
        print_rates(passes[i].name, passes[i].rates, slices);
    if (r == 0)
        print_rates("memset", memsets, slices);
    measure_blocks_free(blocks);
    measure_chunks_free(chunks);
    fodder_plan_free(plan);
    free(data);
    return r;
}
