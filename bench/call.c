/* What one call of fodder_fill() for 4 KiB costs, in nanoseconds: what python-bench compares calls from Python with. */
#include <stdint.h>
#include <stdio.h>

#include <fodder/fodder.h>

#include "clock.h"
#include "quartiles.h"

enum { CALLS = 200000, ROUNDS = 9 };

int main(void)
{
    static uint8_t data[4096];
    double ns[ROUNDS];
    fodder_plan *plan;
    const int r = fodder_plan_new(&plan, &FODDER_SPEC(.seed = 1, .compress = 2));

    if (r < 0) {
        fprintf(stderr, "call: %s\n", fodder_strerror(r));
        return 1;
    }
    for (int round = 0; round < ROUNDS; round++) {
        const double start = clock_seconds();

        for (uint64_t i = 0; i < CALLS; i++)
            fodder_fill(plan, i * sizeof data, data, sizeof data);
        ns[round] = (clock_seconds() - start) * 1e9 / CALLS;
    }
    printf("%.1f\n", spread_of(ns, ROUNDS).median);
    fodder_plan_free(plan);
    return 0;
}
