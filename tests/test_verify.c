/* fodder_verify: each kind by an example, and what it must not say. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

enum { MIB = 1 << 20, UNIT = 64 << 10, MOST_RUNS = 64 };

static const char spec_text[] = "fodder1:seed=42,dedup=2,compress=3,unit=64KiB";

struct found {
    fodder_run runs[MOST_RUNS];
    size_t count;
    fodder_report report;
};

static void collect(void *user, const fodder_run *run)
{
    struct found *const found = user;

    assert_true(found->count < MOST_RUNS);
    found->runs[found->count++] = *run;
}

/* Two MiB of the data set, from 64 MiB on, in *state. */
struct data {
    fodder_plan *plan;
    uint64_t offset;
    uint8_t bytes[2 * MIB];
};

static int set_up(void **state)
{
    struct data *const data = malloc(sizeof *data);

    if (!data)
        return -1;
    data->plan = plan_of(spec_text, NULL);
    data->offset = 64 * MIB;
    fodder_fill(data->plan, data->offset, data->bytes, sizeof data->bytes);
    *state = data;
    return 0;
}

static int tear_down(void **state)
{
    struct data *const data = *state;

    fodder_plan_free(data->plan);
    free(data);
    return 0;
}

static struct found verify_with(const struct data *data, const fodder_plan *const *foreign, size_t foreign_count)
{
    struct found found = { .count = 0 };
    const fodder_verify_options options =
        FODDER_VERIFY(.foreign = foreign, .foreign_count = foreign_count, .run = collect, .user = &found);

    assert_int_equal(fodder_verify(data->plan, data->offset, data->bytes, sizeof data->bytes, &options, &found.report),
                     0);
    assert_int_equal(found.report.bytes, sizeof data->bytes);
    assert_int_equal(found.report.runs, found.count);
    return found;
}

static struct found verify(const struct data *data)
{
    return verify_with(data, NULL, 0);
}

/* The one run that there is. */
static fodder_run only_run(const struct found *found, enum fodder_kind kind, uint64_t offset, uint64_t len)
{
    assert_int_equal(found->count, 1);
    assert_string_equal(fodder_kind_name(found->runs[0].kind), fodder_kind_name(kind));
    assert_int_equal(found->runs[0].offset, offset);
    assert_int_equal(found->runs[0].len, len);
    return found->runs[0];
}

static void right_data_are_right(void **state)
{
    const struct found found = verify(*state);

    assert_int_equal(found.count, 0);
    assert_int_equal(found.report.bad, 0);
}

static void a_flipped_bit_is_corrupt_and_placed_to_the_byte(void **state)
{
    struct data *const data = *state;
    fodder_run run;
    struct found found;

    data->bytes[100000] ^= 0x10;
    found = verify(data);
    run = only_run(&found, FODDER_CORRUPT, data->offset + 100000 / 512 * 512, 512);
    assert_int_equal(run.first, data->offset + 100000);
    assert_int_equal(run.last, data->offset + 100000);
    assert_int_equal(run.bits, 1);
    assert_int_equal(run.bytes, 1);
    assert_int_equal(found.report.bad, 1);
    assert_false(run.torn);
}

static void zeroes_are_zeroed_and_other_bytes_constant(void **state)
{
    struct data *const data = *state;
    struct found found;

    memset(data->bytes + 4096, 0, 8192);
    memset(data->bytes + 100 * 512, 0xee, 512);
    found = verify(data);
    assert_int_equal(found.count, 2);
    assert_int_equal(found.runs[0].kind, FODDER_ZEROED);
    assert_int_equal(found.runs[0].offset, data->offset + 4096);
    assert_int_equal(found.runs[0].len, 8192);
    assert_int_equal(found.runs[1].kind, FODDER_CONSTANT);
    assert_int_equal(found.runs[1].value, 0xee);
}

static void misplaced_data_name_the_lowest_offset_where_they_belong(void **state)
{
    struct data *const data = *state;
    struct oracle oracle = oracle_of(spec_text);
    uint64_t repeat = 1 << 20, original = 0;
    struct found found;
    fodder_run run;

    while (oracle_n(&oracle, repeat + 1) > oracle_n(&oracle, repeat))
        repeat++; /* a unit that repeats an earlier one */
    while (oracle_id(&oracle, original) != oracle_id(&oracle, repeat))
        original++;
    assert_true(original < repeat);
    fodder_fill(data->plan, repeat * UNIT + 1024, data->bytes + 10 * UNIT + 512, 4096);
    found = verify(data);
    run = only_run(&found, FODDER_MISPLACED, data->offset + 10 * UNIT + 512, 4096);
    assert_int_equal(run.source, original * UNIT + 1024);
}

static void an_old_version_is_stale_with_its_generation(void **state)
{
    struct data *const data = *state;
    fodder_plan *const old = plan_of("fodder1:seed=42,generation=1048575,dedup=2,compress=3,unit=64KiB", NULL);
    struct found found;

    fodder_fill(old, data->offset + 3 * UNIT, data->bytes + 3 * UNIT, UNIT);
    found = verify(data);
    assert_int_equal(only_run(&found, FODDER_STALE, data->offset + 3 * UNIT, UNIT).generation, 1048575);
    fodder_plan_free(old);
}

static void foreign_data_are_told_only_where_they_are_named(void **state)
{
    struct data *const data = *state;
    fodder_plan *const seed = plan_of("fodder1:seed=43,dedup=2,compress=3,unit=64KiB", NULL);
    fodder_plan *const series = plan_of("fodder1:seed=42,series=7,generation=5,dedup=2,compress=3,unit=64KiB", NULL);
    const fodder_plan *const foreign[] = { seed, series };
    struct found found;
    fodder_run run;

    fodder_fill(series, data->offset + 1024, data->bytes + 1024, 2048);
    found = verify_with(data, foreign, 2);
    run = only_run(&found, FODDER_FOREIGN, data->offset + 1024, 2048);
    assert_int_equal(run.foreign, 1);
    assert_int_equal(run.generation, 5);
    found = verify_with(data, foreign, 1);
    only_run(&found, FODDER_CORRUPT, data->offset + 1024, 2048);
    fodder_plan_free(series);
    fodder_plan_free(seed);
}

static void a_twin_read_in_place_of_its_duplicate_is_right(void **state)
{
    struct data *const data = *state;
    struct oracle oracle = oracle_of(spec_text);
    const uint64_t first = data->offset / UNIT;
    unsigned twins = 0;

    for (uint64_t i = 0; i < sizeof data->bytes / UNIT; i++) {
        for (uint64_t j = 0; j < i; j++) {
            if (oracle_id(&oracle, first + i) == oracle_id(&oracle, first + j)) {
                memcpy(data->bytes + i * UNIT, data->bytes + j * UNIT, UNIT);
                twins++;
            }
        }
    }
    assert_true(twins > 0);
    assert_int_equal(verify(data).count, 0);
}

static void a_unit_right_up_to_a_sector_and_wrong_to_its_end_is_torn(void **state)
{
    struct data *const data = *state;
    fodder_plan *const old = plan_of("fodder1:seed=42,generation=9,dedup=2,compress=3,unit=64KiB", NULL);
    struct found found;

    fodder_fill(old, data->offset + 5 * UNIT + 512, data->bytes + 5 * UNIT + 512, UNIT - 512);
    found = verify(data);
    assert_true(only_run(&found, FODDER_STALE, data->offset + 5 * UNIT + 512, UNIT - 512).torn);
    fodder_fill(data->plan, data->offset + 6 * UNIT - 512, data->bytes + 6 * UNIT - 512, 512);
    found = verify(data);
    assert_false(only_run(&found, FODDER_STALE, data->offset + 5 * UNIT + 512, UNIT - 1024).torn);
    fodder_plan_free(old);
}

static void a_unit_that_is_wrong_from_its_start_is_not_torn(void **state)
{
    struct data *const data = *state;
    struct found found;

    memset(data->bytes + 5 * UNIT, 0, UNIT);
    found = verify(data);
    assert_false(only_run(&found, FODDER_ZEROED, data->offset + 5 * UNIT, UNIT).torn);
}

static void random_bytes_are_corrupt_and_never_misplaced(void **state)
{
    struct data *const data = *state;
    struct random r = { 5 };

    for (int round = 0; round < 20; round++) { /* 81920 sectors */
        struct found found;

        for (size_t i = 0; i < sizeof data->bytes; i += 8) {
            const uint64_t word = random_next(&r);

            memcpy(data->bytes + i, &word, sizeof word);
        }
        found = verify(data);
        only_run(&found, FODDER_CORRUPT, data->offset, sizeof data->bytes);
        assert_int_equal(found.runs[0].bytes, found.report.bad);
        assert_in_range(found.runs[0].bits, 8 * MIB - 30000, 8 * MIB + 30000); /* half of them, 14 sigma */
    }
}

static void data_moved_by_no_whole_sectors_are_corrupt(void **state)
{
    struct data *const data = *state;
    struct found found;

    memmove(data->bytes + UNIT, data->bytes + 5 * UNIT + 16, 8192);
    found = verify(data);
    only_run(&found, FODDER_CORRUPT, data->offset + UNIT, 8192);
}

static void misplaced_data_with_one_bit_flipped_are_corrupt(void **state)
{
    struct data *const data = *state;
    struct found found;

    memmove(data->bytes + UNIT, data->bytes + 5 * UNIT, 512);
    data->bytes[UNIT + 300] ^= 1;
    found = verify(data);
    only_run(&found, FODDER_CORRUPT, data->offset + UNIT, 512);
}

/* docs/format.md, section 9: with fewer than 16 bytes of keystream there is no way back. */
static void stale_data_with_little_keystream_are_told_as_corrupt(void **state)
{
    static const struct {
        const char *codec, *compress;
        enum fodder_kind kind;
    } rows[] = {
        { "balanced", "24", FODDER_STALE }, { "balanced", "28", FODDER_CORRUPT }, { "lz4", "22", FODDER_STALE },
        { "lz4", "24", FODDER_CORRUPT },    { "zstd", "27", FODDER_STALE },       { "zstd", "30", FODDER_CORRUPT },
        { "deflate", "25", FODDER_STALE },  { "deflate", "28", FODDER_CORRUPT },
    };
    (void)state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char now[FODDER_SPEC_TEXT], then[FODDER_SPEC_TEXT];
        fodder_plan *plan, *old;
        static uint8_t bytes[UNIT];
        struct found found = { .count = 0 };

        snprintf(now, sizeof now, "fodder1:compress=%s,codec=%s", rows[i].compress, rows[i].codec);
        snprintf(then, sizeof then, "fodder1:generation=1,compress=%s,codec=%s", rows[i].compress, rows[i].codec);
        plan = plan_of(now, NULL);
        old = plan_of(then, NULL);
        fodder_fill(old, 0, bytes, sizeof bytes);
        fodder_verify(plan, 0, bytes, sizeof bytes, &FODDER_VERIFY(.run = collect, .user = &found), NULL);
        if (found.count != 1 || found.runs[0].kind != rows[i].kind)
            fail_msg("%s: %s, not %s", then, fodder_kind_name(found.runs[0].kind), fodder_kind_name(rows[i].kind));
        fodder_plan_free(old);
        fodder_plan_free(plan);
    }
}

static void what_does_not_come_is_missing(void **state)
{
    struct data *const data = *state;
    struct found found = { .count = 0 };
    fodder_verifier *verifier;

    assert_int_equal(fodder_verifier_new(&verifier, data->plan, data->offset, sizeof data->bytes,
                                         &FODDER_VERIFY(.run = collect, .user = &found)),
                     0);
    assert_int_equal(fodder_verifier_add(verifier, data->bytes, 1000001), 0);
    fodder_verifier_end(verifier, &found.report);
    fodder_verifier_free(verifier);
    assert_false(only_run(&found, FODDER_MISSING, data->offset + 1000001, sizeof data->bytes - 1000001).torn);
    assert_int_equal(found.report.bad, sizeof data->bytes - 1000001);
}

static void what_is_skipped_is_neither_compared_nor_counted(void **state)
{
    struct data *const data = *state;
    struct found found = { .count = 0 };
    fodder_verifier *verifier;

    memset(data->bytes + 1000, 0, 100000);
    assert_int_equal(fodder_verifier_new(&verifier, data->plan, data->offset, sizeof data->bytes,
                                         &FODDER_VERIFY(.run = collect, .user = &found)),
                     0);
    assert_int_equal(fodder_verifier_add(verifier, data->bytes, 1000), 0);
    assert_int_equal(fodder_verifier_skip(verifier, 100000), 0);
    assert_int_equal(fodder_verifier_add(verifier, data->bytes + 101000, sizeof data->bytes - 101000), 0);
    assert_int_equal(fodder_verifier_add(verifier, data->bytes, 1), FODDER_ERR_RANGE);
    assert_int_equal(fodder_verifier_skip(verifier, 1), FODDER_ERR_RANGE);
    fodder_verifier_end(verifier, &found.report);
    fodder_verifier_free(verifier);
    assert_int_equal(found.count, 0);
    assert_int_equal(found.report.bytes, sizeof data->bytes - 100000);
}

static void data_without_a_known_end_miss_nothing(void **state)
{
    struct data *const data = *state;
    fodder_verifier *verifier;
    fodder_report report;

    assert_int_equal(fodder_verifier_new(&verifier, data->plan, data->offset, UINT64_MAX, NULL), 0);
    assert_int_equal(fodder_verifier_add(verifier, data->bytes, 12345), 0);
    fodder_verifier_end(verifier, &report);
    fodder_verifier_free(verifier);
    assert_int_equal(report.bytes, 12345);
    assert_int_equal(report.bad, 0);
}

static void neighbours_of_two_foreign_plans_are_two_runs(void **state)
{
    struct data *const data = *state;
    fodder_plan *const one = plan_of("fodder1:seed=43,dedup=2,compress=3,unit=64KiB", NULL);
    fodder_plan *const two = plan_of("fodder1:seed=44,dedup=2,compress=3,unit=64KiB", NULL);
    const fodder_plan *const foreign[] = { one, two };
    struct found found;

    /* Unit 0 is new in every data set: what it holds belongs where it is, and no displacement tells the two apart. */
    data->offset = 0;
    fodder_fill(data->plan, 0, data->bytes, sizeof data->bytes);
    fodder_fill(one, 1024, data->bytes + 1024, 1024);
    fodder_fill(two, 2048, data->bytes + 2048, 1024);
    found = verify_with(data, foreign, 2);
    assert_int_equal(found.count, 2);
    assert_int_equal(found.runs[0].foreign, 0);
    assert_int_equal(found.runs[1].foreign, 1);
    fodder_plan_free(two);
    fodder_plan_free(one);
}

static void what_was_not_looked_at_makes_no_torn_unit(void **state)
{
    struct data *const data = *state;
    struct found found = { .count = 0 };
    fodder_verifier *verifier;

    memset(data->bytes + UNIT + 4096, 0, UNIT - 4096);
    assert_int_equal(fodder_verifier_new(&verifier, data->plan, data->offset, sizeof data->bytes,
                                         &FODDER_VERIFY(.run = collect, .user = &found)),
                     0);
    assert_int_equal(fodder_verifier_skip(verifier, UNIT + 4096), 0);
    assert_int_equal(fodder_verifier_add(verifier, data->bytes + UNIT + 4096, 2 * UNIT), 0);
    fodder_verifier_stop(verifier, &found.report);
    fodder_verifier_free(verifier);
    assert_false(only_run(&found, FODDER_ZEROED, data->offset + UNIT + 4096, UNIT - 4096).torn);
    assert_int_equal(found.report.bytes, 2 * UNIT); /* stopped: what comes after is not missing */
}

static void bad_arguments_are_refused(void **state)
{
    struct data *const data = *state;
    const fodder_verify_options other_size = { .options_size = 1 };
    fodder_verifier *verifier = NULL;

    assert_int_equal(fodder_verify(data->plan, UINT64_C(1) << 63, data->bytes, 1, NULL, NULL), FODDER_ERR_RANGE);
    assert_int_equal(fodder_verify(data->plan, 0, data->bytes, 0, &other_size, NULL), -EINVAL);
    assert_int_equal(fodder_verifier_new(&verifier, data->plan, 1, UINT64_MAX - 1, NULL), FODDER_ERR_RANGE);
    assert_null(verifier);
    fodder_verifier_free(NULL);
    assert_int_equal(fodder_verify(data->plan, data->offset, data->bytes, sizeof data->bytes, NULL, NULL), 0);
    assert_null(fodder_kind_name(0));
    assert_null(fodder_kind_name(FODDER_MISSING + 1));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(right_data_are_right),
        TEST(a_flipped_bit_is_corrupt_and_placed_to_the_byte),
        TEST(zeroes_are_zeroed_and_other_bytes_constant),
        TEST(misplaced_data_name_the_lowest_offset_where_they_belong),
        TEST(an_old_version_is_stale_with_its_generation),
        TEST(foreign_data_are_told_only_where_they_are_named),
        TEST(a_twin_read_in_place_of_its_duplicate_is_right),
        TEST(a_unit_right_up_to_a_sector_and_wrong_to_its_end_is_torn),
        TEST(a_unit_that_is_wrong_from_its_start_is_not_torn),
        TEST(random_bytes_are_corrupt_and_never_misplaced),
        TEST(data_moved_by_no_whole_sectors_are_corrupt),
        TEST(misplaced_data_with_one_bit_flipped_are_corrupt),
        TEST(stale_data_with_little_keystream_are_told_as_corrupt),
        TEST(what_does_not_come_is_missing),
        TEST(what_is_skipped_is_neither_compared_nor_counted),
        TEST(data_without_a_known_end_miss_nothing),
        TEST(neighbours_of_two_foreign_plans_are_two_runs),
        TEST(what_was_not_looked_at_makes_no_torn_unit),
        TEST(bad_arguments_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
