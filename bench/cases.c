#include "cases.h"

#include <stdlib.h>
#include <string.h>

#define SPEC(...)                                                                                                      \
    {                                                                                                                  \
        .spec_size = sizeof(fodder_spec), .seed = 1, __VA_ARGS__                                                       \
    }

const struct bench_case bench_memset = { .name = "memset", .work = MEMSET };

const struct bench_case bench_cases[] = {
    { "fill, compress 1", FILL, SPEC(.compress = 1), 0, 0 },
    { "fill, compress 1.25", FILL, SPEC(.compress = 1.25), 0, 0 },
    { "fill, compress 2", FILL, SPEC(.compress = 2), 0, 0 },
    { "fill, compress 4", FILL, SPEC(.compress = 4), 0, 0 },
    { "fill, compress 8", FILL, SPEC(.compress = 8), 0, 0 },
    { "fill, dedup 4", FILL, SPEC(.dedup = 4), 0, 0 },
    { "fill, dedup 4, compress 2", FILL, SPEC(.dedup = 4, .compress = 2), 0, 0 },
    { "fill, 16 bytes off", FILL, SPEC(.compress = 1), 0, 16 },
    { "fill, compress 2, 16 off", FILL, SPEC(.compress = 2), 0, 16 },
    { "fill, compress 2, 1 off", FILL, SPEC(.compress = 2), 0, 1 },
    { "fill, random 4 KiB", FILL, SPEC(.compress = 1), 4096, 0 },
    { "fill, random 4 KiB of all", FILL, SPEC(.dedup = 4, .compress = 2), 4096, 0 },
    { "fill, random 512 B", FILL, SPEC(.compress = 1), 512, 0 },
    { "verify, compress 1", VERIFY, SPEC(.compress = 1), 0, 0 },
    { "verify, compress 2", VERIFY, SPEC(.compress = 2), 0, 0 },
    { "verify, compress 8", VERIFY, SPEC(.compress = 8), 0, 0 },
    { "verify, dedup 4, compress 2", VERIFY, SPEC(.dedup = 4, .compress = 2), 0, 0 },
    { "verify, all wrong", VERIFY_WRONG, SPEC(.compress = 2, .unit = 64 << 20), 0, 0 },
    { .name = NULL },
};

/* Compilers may not drop what was written to p. */
static void keep(const void *p)
{
    __asm__ volatile("" : : "r"(p) : "memory");
}

/* Steele, Lea and Flood, SplitMix64 (OOPSLA 2014). */
static uint64_t random_next(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static void fill_pieces(const fodder_plan *plan, uint64_t state, uint8_t *buffer, size_t size, size_t piece)
{
    const uint64_t mask = (UINT64_C(1) << 40) - piece; /* anywhere in a tebibyte, on multiples of the piece */

    for (size_t at = 0; at + piece <= size; at += piece)
        fodder_fill(plan, random_next(&state) & mask, buffer + at, piece);
}

void case_prepare(const struct bench_case *c, const fodder_plan *plan, uint8_t *buffer, size_t size)
{
    fodder_plan *other;

    if (c->work == VERIFY)
        fodder_fill(plan, 0, buffer, size);
    if (c->work != VERIFY_WRONG)
        return;
    if (fodder_plan_new(&other, &FODDER_SPEC(.seed = 2)) < 0)
        abort();
    fodder_fill(other, 0, buffer, size);
    fodder_plan_free(other);
}

void case_run(const struct bench_case *c, const fodder_plan *plan, uint64_t offset, uint8_t *buffer, size_t size)
{
    fodder_report report;

    if (c->work == MEMSET)
        memset(buffer, (int)(offset / size) + 1, size);
    else if (c->work != FILL)
        fodder_verify(plan, 0, buffer, size, NULL, &report);
    else if (c->piece > 0)
        fill_pieces(plan, offset, buffer, size, c->piece);
    else
        fodder_fill(plan, offset, buffer, size);
    keep(buffer);
}
