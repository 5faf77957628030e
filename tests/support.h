/* What the tests share: random numbers, guarded memory, random specs, and words for failures. */
#ifndef TESTS_SUPPORT_H
#define TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fodder/fodder.h>

#include "oracle/oracle.h"

/* SplitMix64: a test's numbers are the same in every run. */
struct random {
    uint64_t state;
};
uint64_t random_next(struct random *r);
uint64_t random_below(struct random *r, uint64_t bound);

/* `len` bytes right before (at_end) or right after a page that must not be touched. Free with guard_free(). */
struct guard {
    uint8_t *data;
    size_t len;
    void *map;
    size_t map_len;
};
struct guard guard_new(size_t len, int at_end);
void guard_free(struct guard *g);

/* How many different values there are; sorts them. */
uint64_t count_different(uint64_t *values, size_t count);

/* A valid spec from the corners and the middle of every range, as text. */
void random_spec_text(struct random *r, char text[FODDER_SPEC_TEXT]);
/* An offset near 0, near a unit or sector boundary, far out, or just before 2^64. */
uint64_t random_offset(struct random *r);

/* The plan of a spec's text on a kernel, and its oracle. Both fail the test where the text is no spec. */
fodder_plan *plan_of(const char *text, const char *kernel);
struct oracle oracle_of(const char *text);

/* A machine of so many nodes, 1 to 16, with two CPUs each, which this one need not have. */
const fodder_topology *machine_of(size_t nodes);

/* A pool; fails the test where it cannot be made. */
fodder_pool *pool_with(const fodder_pool_options *options);

/* Of a thread that uses a pool as any caller would. */
struct caller {
    fodder_pool *pool;
    const fodder_plan *plan;
    uint64_t seed;
    int wrong;
};
/* Fills and compares 30 times, up to 3 MiB; counts in `wrong`. Takes a struct caller, returns NULL. */
void *caller_fills(void *caller);

/* Fails, naming spec, offset and the first byte that differs. */
void assert_bytes(const uint8_t *got, const uint8_t *want, size_t len, const char *spec, uint64_t offset);

/* Skips the test where this CPU lacks the kernel; fails it where FODDER_REQUIRE, a list of names, has it. */
void require_kernel(const char *name);

/* Adds to tests, which has `count` of them, `test` once for each kernel of the build, with the kernel's name in *state.
 * The new count. */
size_t add_per_kernel(struct CMUnitTest *tests, size_t count, const char *sentence, CMUnitTestFunction test);

#endif
