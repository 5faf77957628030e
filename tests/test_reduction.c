/* What reducers make of the data: real codecs and a block counter find the ratios that were asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fodder/fodder.h>

#include "figure.h"
#include "measure/blocks.h"
#include "measure/codec.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { KIB = 1 << 10, MIB = 1 << 20 };

enum { SECTOR = 512, ROOM = 64 * MIB };

static const size_t chunks[] = { 4 * KIB, 32 * KIB, 128 * KIB, MIB };

static void fail_on(const fodder_spec *spec, const char *sentence)
{
    char text[FODDER_SPEC_TEXT] = "a spec that is not valid";

    fodder_spec_print(spec, text, sizeof text);
    fail_msg("%s: %s", text, sentence);
}

static fodder_plan *plan_of(const fodder_spec *spec)
{
    fodder_plan *plan = NULL;
    const int r = fodder_plan_new(&plan, spec);

    if (r < 0)
        fail_on(spec, fodder_strerror(r));
    return plan;
}

static void fill(const fodder_spec *spec, uint64_t offset, uint8_t *data, size_t len)
{
    fodder_plan *const plan = plan_of(spec);

    fodder_fill(plan, offset, data, len);
    fodder_plan_free(plan);
}

/* ---- Compress ---------------------------------------------------------------------------------------------------- */

static void measure_figure(struct figure *figure, const uint8_t *data, size_t len)
{
    const int r = measure_ratio(&measure_codecs[figure->codec], data, len, figure->chunk, &figure->ratio);

    if (r < 0)
        fail_on(&figure->spec, fodder_strerror(r));
}

struct tally {
    unsigned bounded, broken;
};

static void check_figure(struct figure *figure, const uint8_t *data, size_t len, struct tally *tally)
{
    char text[FIGURE_TEXT];

    if (isinf(figure_bound(figure)))
        return;
    measure_figure(figure, data, len);
    tally->bounded++;
    if (figure_holds(figure))
        return;
    tally->broken++;
    figure_print(figure, text);
    print_error("%s\n", text);
}

static void check_ratio(const fodder_spec *spec, uint8_t *data, struct tally *tally)
{
    const size_t len = 8 * MIB;

    fill(spec, 0, data, len);
    for (unsigned codec = 0; codec < FIGURE_CODECS; codec++) {
        for (size_t i = 0; i < COUNT(chunks); i++) {
            struct figure figure = { .spec = *spec, .codec = codec, .chunk = chunks[i] };

            check_figure(&figure, data, len, tally);
        }
    }
}

/* Checks an option of the spec's codec at six ratios, each by all that its bounds speak of. */
static void check_option(uint32_t option, unsigned codecs, unsigned chunk_sizes, uint8_t *data)
{
    static const double ratios[] = { 1.1, 1.5, 2, 3.7, 4, 8 };
    struct tally tally = { 0 };

    for (size_t i = 0; i < COUNT(ratios); i++)
        check_ratio(&FODDER_SPEC(.seed = 1, .compress = ratios[i], .codec = option), data, &tally);
    assert_int_equal(tally.bounded, COUNT(ratios) * codecs * chunk_sizes);
    assert_int_equal(tally.broken, 0);
}

static void balanced_data_compresses_as_asked_by_every_codec(void **state)
{
    check_option(FODDER_CODEC_BALANCED, 4, 4, *state);
}

static void lz4_data_compresses_as_asked_by_lz4(void **state)
{
    check_option(FODDER_CODEC_LZ4, 1, 3, *state);
}

static void zstd_data_compresses_as_asked_by_zstd(void **state)
{
    check_option(FODDER_CODEC_ZSTD, 2, 3, *state);
}

static void deflate_data_compresses_as_asked_by_gzip(void **state)
{
    check_option(FODDER_CODEC_DEFLATE, 1, 3, *state);
}

static void check_incompressible(const fodder_spec *spec, uint8_t *data)
{
    const size_t len = 2 * MIB;
    char text[FIGURE_TEXT];

    fill(spec, 0, data, len);
    for (unsigned codec = 0; codec < FIGURE_CODECS; codec++) {
        for (size_t i = 0; i < COUNT(chunks); i++) {
            struct figure figure = { .spec = *spec, .codec = codec, .chunk = chunks[i] };

            measure_figure(&figure, data, len);
            figure_print(&figure, text);
            if (figure.ratio > 1)
                fail_msg("a chunk shrinks: %s", text);
        }
    }
}

static void data_of_compress_1_shrinks_by_no_codec(void **state)
{
    for (uint32_t option = FODDER_CODEC_BALANCED; option <= FODDER_CODEC_DEFLATE; option++)
        check_incompressible(&FODDER_SPEC(.seed = 1, .compress = 1, .codec = option), *state);
}

/* ---- Dedup ------------------------------------------------------------------------------------------------------- */

/* The distinct blocks of the data. */
static uint64_t count_distinct(const fodder_spec *spec, const uint8_t *data, size_t len, size_t block)
{
    struct measure_blocks *blocks = NULL;
    struct measure_set_result result = { 0 };
    int r = measure_blocks_new(&blocks, MEASURE_BLOCKS_MEMORY);

    if (r == 0)
        r = measure_blocks_add(blocks, data, len);
    if (r < 0)
        fail_on(spec, fodder_strerror(r));
    measure_blocks_result(blocks, (unsigned)__builtin_ctzl(block / MEASURE_BLOCK), &result);
    measure_blocks_free(blocks);
    assert_true(result.exact);
    return (uint64_t)result.distinct;
}

static bool is_constant(const uint8_t *sector)
{
    return memcmp(sector, sector + 1, SECTOR - 1) == 0;
}

static void check_distinct(const fodder_spec *spec, const uint8_t *data, size_t len)
{
    const uint64_t distinct = count_distinct(spec, data, len, SECTOR);
    char sentence[96];

    if (distinct == len / SECTOR)
        return;
    snprintf(sentence, sizeof sentence, "%" PRIu64 " of %zu sectors are distinct", distinct, len / SECTOR);
    fail_on(spec, sentence);
}

static void check_not_constant(const fodder_spec *spec, const uint8_t *data, size_t len)
{
    size_t at = 0;
    char sentence[96];

    while (at < len && !is_constant(data + at))
        at += SECTOR;
    if (at == len)
        return;
    snprintf(sentence, sizeof sentence, "the sector at %zu is 0x%02x all over", at, data[at]);
    fail_on(spec, sentence);
}

static void check_no_repeats(const fodder_spec *spec, uint8_t *data)
{
    fill(spec, 0, data, ROOM);
    check_distinct(spec, data, ROOM);
    check_not_constant(spec, data, ROOM);
}

static void no_sector_repeats_or_is_constant_where_no_dedup_is_asked(void **state)
{
    static const double ratios[] = { 1, 2, 8, 32 };

    for (size_t i = 0; i < COUNT(ratios); i++)
        check_no_repeats(&FODDER_SPEC(.seed = 1, .compress = ratios[i]), *state);
}

static uint64_t planned_distinct(const fodder_spec *spec, uint64_t offset, size_t len)
{
    fodder_plan *const plan = plan_of(spec);
    uint64_t units, distinct;
    const int r = fodder_plan_count(plan, offset, len, &units, &distinct);

    fodder_plan_free(plan);
    if (r < 0)
        fail_on(spec, fodder_strerror(r));
    return distinct;
}

static void check_count(const fodder_spec *spec, uint64_t offset, uint8_t *data)
{
    static const size_t blocks[] = { SECTOR, 4 * KIB, 64 * KIB, MIB };
    const size_t len = 32 * MIB;
    const uint64_t planned = planned_distinct(spec, offset, len);
    char sentence[160];

    fill(spec, offset, data, len);
    for (size_t i = 0; i < COUNT(blocks) && blocks[i] <= spec->unit; i++) {
        const uint64_t found = count_distinct(spec, data, len, blocks[i]), asked = planned * (spec->unit / blocks[i]);

        if (found == asked)
            continue;
        snprintf(sentence, sizeof sentence, "at %" PRIu64 " are %" PRIu64 " distinct blocks of %zu, not %" PRIu64,
                 offset, found, blocks[i], asked);
        fail_on(spec, sentence);
    }
}

/* The last range starts in the middle of a window, and repeats units that lie before it. */
static void check_dedup(double dedup, uint64_t unit, uint8_t *data)
{
    const uint64_t offsets[] = { 0, UINT64_C(100) << 30, (UINT64_C(100) << 30) + 321 * unit };

    for (size_t i = 0; i < COUNT(offsets); i++)
        check_count(&FODDER_SPEC(.seed = 1, .dedup = dedup, .unit = unit), offsets[i], data);
}

static void blocks_are_as_distinct_as_the_plan_counts(void **state)
{
    static const double ratios[] = { 1.5, 2, 3, 10 };

    for (size_t i = 0; i < COUNT(ratios); i++) {
        check_dedup(ratios[i], 4 * KIB, *state);
        check_dedup(ratios[i], 64 * KIB, *state);
        check_dedup(ratios[i], MIB, *state);
    }
}

static int allocate(void **state)
{
    *state = malloc(ROOM);
    return *state ? 0 : -1;
}

static int release(void **state)
{
    free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(balanced_data_compresses_as_asked_by_every_codec),
        cmocka_unit_test(lz4_data_compresses_as_asked_by_lz4),
        cmocka_unit_test(zstd_data_compresses_as_asked_by_zstd),
        cmocka_unit_test(deflate_data_compresses_as_asked_by_gzip),
        cmocka_unit_test(data_of_compress_1_shrinks_by_no_codec),
        cmocka_unit_test(no_sector_repeats_or_is_constant_where_no_dedup_is_asked),
        cmocka_unit_test(blocks_are_as_distinct_as_the_plan_counts),
    };

    return cmocka_run_group_tests_name("reduction", tests, allocate, release);
}
