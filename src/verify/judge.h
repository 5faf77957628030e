/* What a wrong sector is. */
#ifndef VERIFY_JUDGE_H
#define VERIFY_JUDGE_H

#include <stdbool.h>

#include "fill/plan.h"

/* Sectors with equal verdicts are one run; what a kind has no use for is 0. */
struct verdict {
    uint64_t kind, value;  /* words, so that what was stored as one is not loaded as two, or two as one: that waits */
    uint64_t displacement; /* source - offset, mod 2^64 */
    uint64_t generation, foreign;
};

bool verdict_same(const struct verdict *a, const struct verdict *b);

/* Judges the `len` bytes at `got`, all in one sector, which are not those of the plan at `offset`. */
void judge(const fodder_plan *plan, const fodder_verify_options *options, uint64_t offset, const uint8_t *got,
           size_t len, struct verdict *verdict);

#endif
