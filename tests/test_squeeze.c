/* What is told of data by a sample of their segments, where the segments compress as a test says. */
#include <math.h>
#include <string.h>

#include "measure/squeeze.h"
#include "support.h"

enum { MIB = 1 << 20, HALVINGS = 6, SEGMENTS = 4096, MOST_ODD = 192, TRIALS = 200 };

/* Adds a segment whose chunks are stored in that share of their size. */
static void add_segment(struct measure_squeezed *sums, unsigned level, double share)
{
    static const double weights[MEASURE_SEGMENT_CHUNKS];
    static const uint64_t counts[256];
    struct measure_sizes sizes;

    for (unsigned codec = 0; codec < MEASURE_CODECS; codec++) {
        for (unsigned kind = 0; kind < MEASURE_CHUNK_KINDS; kind++) {
            for (unsigned i = 0; i < measure_chunk_count(kind, MIB); i++)
                sizes.bytes[codec][measure_first_chunk[kind] + i] = (uint32_t)(share * measure_chunk_bytes[kind]);
        }
    }
    measure_squeezed_add(sums, level, MIB, &sizes, weights, counts);
}

/* Data of segments alike but for `odd` ones, at random places, side by side or not. */
struct data {
    double share, odd_share;
    unsigned odd;
    int together;
};

static struct measure_squeezed_result sampled(const struct data *data, struct random *random)
{
    const uint64_t first = random_next(random) >> 32 << 12; /* the data are another part of endless ones each time */
    struct measure_squeezed *const sums = measure_squeezed_new();
    struct measure_squeezed_result result;
    uint8_t is_odd[SEGMENTS] = { 0 };
    const uint64_t place = random_below(random, SEGMENTS - MOST_ODD);

    assert_non_null(sums);
    for (unsigned i = 0; i < data->odd;) {
        uint8_t *const one = &is_odd[data->together ? place + i : random_below(random, SEGMENTS)];

        i += *one == 0;
        *one = 1;
    }
    for (unsigned i = 0; i < SEGMENTS; i++) {
        const unsigned level = measure_sample_level(first + i);

        if (level >= HALVINGS)
            add_segment(sums, level, is_odd[i] ? data->odd_share : data->share);
    }
    measure_squeezed_result(sums, HALVINGS, MEASURE_LZ4, 2, &result);
    measure_squeezed_free(sums);
    return result;
}

static double ratio_of(const struct data *data)
{
    const double odd = (double)data->odd / SEGMENTS;

    return 1 / (data->share * (1 - odd) + data->odd_share * odd);
}

/* 190 of 200 are expected to be inside at least, with a standard deviation of 3.1. */
static void the_bound_holds_where_few_segments_are_odd(void **state)
{
    static const struct data all[] = {
        { 1.0 / 4, 1, 0, 0 },  { 1.0 / 4, 1, 185, 0 }, { 1.0 / 4, 1, 40, 0 },    { 1.0 / 4, 1, 64, 0 },
        { 1.0 / 4, 1, 60, 1 }, { 1.0 / 64, 1, 64, 0 }, { 1, 1.0 / 1024, 64, 0 }, { 1.0 / 2, 1.0 / 64, 50, 0 },
    };
    struct random random = { 1 };
    (void)state;

    for (size_t d = 0; d < sizeof all / sizeof *all; d++) {
        const double truth = ratio_of(&all[d]);
        unsigned held = 0;

        for (unsigned i = 0; i < TRIALS; i++) {
            const struct measure_squeezed_result result = sampled(&all[d], &random);

            assert_true(result.ratio_low <= result.ratio && result.ratio <= result.ratio_high);
            held += result.ratio_low <= truth * (1 + 1e-9) && truth <= result.ratio_high * (1 + 1e-9);
        }
        print_message("data %zu: %u of %d bounds hold\n", d, held, TRIALS);
        if (held < 180)
            fail_msg("data %zu: %u of %d bounds hold %g", d, held, TRIALS, truth);
    }
}

/* 3 of 64 segments, and no more than that. */
static void what_compresses_alike_has_a_bound_and_no_standard_error(void **state)
{
    const struct data alike = { .share = 1.0 / 4, .odd_share = 1 };
    struct random random = { 2 };
    const struct measure_squeezed_result result = sampled(&alike, &random);
    (void)state;

    assert_true(result.bytes == (uint64_t)SEGMENTS / (1 << HALVINGS) * MIB && result.relative_error == 0);
    assert_true(result.ratio == 4);
    assert_true(fabs(result.ratio_low - 1 / (0.25 + 0.75 * 3 / 64)) < 0.01);
    assert_true(fabs(result.ratio_high - 4 / (1 - 3.0 / 64)) < 0.01);
}

static void what_was_read_to_its_end_is_exact_and_a_sample_of_nothing_knows_nothing(void **state)
{
    struct measure_squeezed *const sums = measure_squeezed_new();
    struct measure_squeezed_result result;
    (void)state;

    assert_non_null(sums);
    measure_squeezed_result(sums, 0, MEASURE_LZ4, 0, &result);
    assert_true(result.ratio == 1 && result.ratio_low == 1 && result.ratio_high == 1);
    measure_squeezed_result(sums, 1, MEASURE_LZ4, 0, &result);
    assert_true(result.ratio == 1 && result.ratio_low == 1 && fabs(result.ratio_high / 4096 - 1) < 1e-9);
    add_segment(sums, 0, 0.5);
    add_segment(sums, 1, 0.25);
    measure_squeezed_result(sums, 0, MEASURE_LZ4, 0, &result);
    assert_true(result.relative_error == 0 && result.ratio_low == result.ratio && result.ratio_high == result.ratio);
    measure_squeezed_free(sums);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bound_holds_where_few_segments_are_odd),
        cmocka_unit_test(what_compresses_alike_has_a_bound_and_no_standard_error),
        cmocka_unit_test(what_was_read_to_its_end_is_exact_and_a_sample_of_nothing_knows_nothing),
    };

    return cmocka_run_group_tests_name("squeeze", tests, NULL, NULL);
}
