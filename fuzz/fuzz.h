/* What fuzz targets share. A target is a file with LLVMFuzzerTestOneInput(); libFuzzer drives it, or replay.c. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fodder/fodder.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An assert that no build leaves out. */
#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition);                              \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

/* Takes bytes off the front of the input; zeroes where it has ended. */
struct input {
    const uint8_t *data;
    size_t size;
};

static inline uint64_t take(struct input *in, size_t bytes)
{
    uint64_t value = 0;

    for (size_t i = 0; i < bytes; i++) {
        value |= (uint64_t)(in->size ? *in->data : 0) << 8 * i;
        in->data += in->size > 0;
        in->size -= in->size > 0;
    }
    return value;
}

/* A valid spec from 16 bytes. */
static inline fodder_spec take_spec(struct input *in)
{
    return FODDER_SPEC(.seed = take(in, 2), .series = take(in, 1), .generation = take(in, 2),
                       .dedup = 1 + (double)take(in, 2) / 1000, .compress = 1 + (double)(take(in, 2) % 31001) / 1000,
                       .unit = UINT64_C(4096) << take(in, 1) % 15, .window = UINT64_C(1) << take(in, 1) % 21,
                       .codec = (uint32_t)take(in, 1) % 4);
}

static inline fodder_plan *plan_for(const fodder_spec *spec)
{
    fodder_plan *plan;

    CHECK(fodder_plan_new(&plan, spec) == 0);
    return plan;
}

#endif
