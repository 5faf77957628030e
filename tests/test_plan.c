/* Plans: kernels by name, limits, counts, and no memory. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

/* The linker sends the library's calloc here (--wrap): allocation number `failing`, from 1 on, fails. */
static int failing, allocations;
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

void *__wrap_calloc(size_t count, size_t size)
{
    return ++allocations == failing ? NULL : __real_calloc(count, size);
}

static void a_plan_tells_its_spec_and_its_kernel(void **state)
{
    const fodder_spec spec =
        FODDER_SPEC(.seed = 3, .dedup = 1.25, .compress = 2, .unit = 8192, .window = 64, .codec = 2, .format = 1);
    (void)state;

    for (size_t i = 0; fodder_kernel_name(i); i++) {
        const char *const name = fodder_kernel_name(i);
        fodder_plan *plan = NULL;
        fodder_spec back;
        const int r = fodder_plan_new_on(&plan, &spec, name);

        assert_int_equal(r, fodder_kernel_check(name));
        if (r < 0)
            continue;
        assert_string_equal(fodder_plan_kernel(plan), name);
        back = fodder_plan_spec(plan);
        assert_memory_equal(&back, &spec, sizeof spec);
        fodder_plan_free(plan);
    }
}

static void the_fastest_kernel_that_runs_is_chosen(void **state)
{
    size_t i = 0;
    fodder_plan *plan;
    (void)state;

    while (fodder_kernel_check(fodder_kernel_name(i)) < 0)
        i++;
    assert_int_equal(fodder_plan_new(&plan, NULL), 0);
    assert_string_equal(fodder_plan_kernel(plan), fodder_kernel_name(i));
    fodder_plan_free(plan);
}

static void an_unknown_kernel_is_refused(void **state)
{
    fodder_plan *plan = NULL;
    (void)state;

    assert_int_equal(fodder_plan_new_on(&plan, NULL, "abacus"), FODDER_ERR_KERNEL);
    assert_int_equal(fodder_kernel_check(""), FODDER_ERR_KERNEL);
    assert_null(plan);
}

static void the_limit_is_2_to_63_or_2_to_44_distinct_units(void **state)
{
    static const struct {
        const char *spec;
        uint64_t limit;
    } rows[] = {
        { "fodder1:", UINT64_C(1) << 63 },
        { "fodder1:unit=4KiB", UINT64_C(1) << 56 },
        { "fodder1:unit=4KiB,dedup=2", UINT64_C(1) << 57 },
        { "fodder1:unit=256KiB", UINT64_C(1) << 62 },
        { "fodder1:unit=512KiB", UINT64_C(1) << 63 },
        { "fodder1:unit=4KiB,dedup=1000000", UINT64_C(1) << 63 },
    };
    (void)state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fodder_plan *const plan = plan_of(rows[i].spec, NULL);
        const uint64_t limit = fodder_plan_limit(plan);
        uint64_t units, distinct;

        if (limit != rows[i].limit)
            fail_msg("%s: the limit is %llu", rows[i].spec, (unsigned long long)limit);
        assert_int_equal(fodder_plan_count(plan, limit - 1, 1, &units, &distinct), 0);
        assert_int_equal(fodder_plan_count(plan, limit - 1, 2, &units, &distinct), FODDER_ERR_RANGE);
        assert_int_equal(fodder_plan_count(plan, limit + 1, 0, &units, &distinct), FODDER_ERR_RANGE);
        assert_int_equal(fodder_plan_count(plan, 5, UINT64_MAX, &units, &distinct), FODDER_ERR_RANGE);
        fodder_plan_free(plan);
    }
}

/* Counts the distinct ids of units [first, first + units) by the oracle. */
static uint64_t count_by_oracle(const struct oracle *oracle, uint64_t first, uint64_t units)
{
    uint64_t *const ids = malloc((units + 1) * sizeof *ids), count;

    for (uint64_t i = 0; i < units; i++)
        ids[i] = oracle_id(oracle, first + i);
    count = count_different(ids, units);
    free(ids);
    return count;
}

static void counts_are_those_of_counting(void **state)
{
    struct random r = { 4 };
    (void)state;

    for (int n = 0; n < 2000; n++) {
        char text[FODDER_SPEC_TEXT];
        uint64_t units, distinct;
        const unsigned lg_window = (unsigned)random_below(&r, 8);
        const uint64_t offset = random_below(&r, UINT64_C(1) << (13 + random_below(&r, 20)));
        const uint64_t len = random_below(&r, 4096 * 600);
        const uint64_t first = offset / 4096, end = len ? (offset + len - 1) / 4096 + 1 : first;
        const char *const dedups[] = { "1", "1.1", "2", "3.5", "10", "100", "5000" };
        struct oracle oracle;
        fodder_plan *plan;

        snprintf(text, sizeof text, "fodder1:seed=%d,dedup=%s,unit=4KiB,window=%d", n, dedups[random_below(&r, 7)],
                 1 << lg_window);
        oracle = oracle_of(text);
        plan = plan_of(text, NULL);
        assert_int_equal(fodder_plan_count(plan, offset, len, &units, &distinct), 0);
        if (units != end - first || distinct != count_by_oracle(&oracle, first, end - first))
            fail_msg("%s, %llu bytes at %llu: %llu of %llu", text, (unsigned long long)len, (unsigned long long)offset,
                     (unsigned long long)distinct, (unsigned long long)units);
        fodder_plan_free(plan);
    }
}

static void an_empty_range_has_no_units(void **state)
{
    static const uint64_t offsets[] = { 0, 1, 4095, 4096, 3 * 4096 + 5 };
    fodder_plan *const plan = plan_of("fodder1:dedup=2,unit=4KiB", NULL);
    (void)state;

    for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
        uint64_t units = 7, distinct = 7;

        assert_int_equal(fodder_plan_count(plan, offsets[i], 0, &units, &distinct), 0);
        assert_int_equal(units, 0);
        assert_int_equal(distinct, 0);
    }
    fodder_plan_free(plan);
}

static void no_memory_is_an_error_and_nothing_else(void **state)
{
    fodder_plan *plan = NULL, *whole = plan_of("fodder1:dedup=3", NULL);
    uint64_t units = 7, distinct = 7;
    (void)state;

    allocations = 0;
    failing = 1;
    assert_int_equal(fodder_plan_new(&plan, NULL), -ENOMEM);
    assert_null(plan);
    allocations = 0;
    assert_int_equal(fodder_plan_count(whole, 1 << 20, 1 << 30, &units, &distinct), -ENOMEM);
    assert_int_equal(units, 7);
    assert_int_equal(distinct, 7);
    failing = 0;
    fodder_plan_free(whole);
}

static void fill_allocates_nothing(void **state)
{
    static uint8_t bytes[100000];
    fodder_plan *const plan = plan_of("fodder1:dedup=3,compress=2,unit=4KiB", NULL);
    (void)state;

    allocations = 0;
    fodder_fill(plan, 12345, bytes, sizeof bytes);
    assert_int_equal(allocations, 0);
    fodder_plan_free(plan);
}

static void errors_have_words(void **state)
{
    (void)state;

    for (int code = FODDER_ERR_SIZE; code <= FODDER_ERR_SPEC; code++)
        assert_null(strstr(fodder_strerror(code), "nknown"));
    assert_string_equal(fodder_strerror(-ENOSPC), strerror(ENOSPC));
    assert_non_null(fodder_strerror(-99999));
    assert_string_equal(fodder_version(), FODDER_VERSION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plan_tells_its_spec_and_its_kernel),
        cmocka_unit_test(the_fastest_kernel_that_runs_is_chosen),
        cmocka_unit_test(an_unknown_kernel_is_refused),
        cmocka_unit_test(the_limit_is_2_to_63_or_2_to_44_distinct_units),
        cmocka_unit_test(counts_are_those_of_counting),
        cmocka_unit_test(an_empty_range_has_no_units),
        cmocka_unit_test(no_memory_is_an_error_and_nothing_else),
        cmocka_unit_test(fill_allocates_nothing),
        cmocka_unit_test(errors_have_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
