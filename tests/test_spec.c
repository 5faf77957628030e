/* Specs: what is valid, what is refused and why, and their text. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support.h"

static void the_zero_spec_is_valid_and_has_the_defaults(void **state)
{
    fodder_plan *plan;
    fodder_spec spec;
    (void)state;

    assert_int_equal(fodder_spec_check(&FODDER_SPEC(), NULL), 0);
    assert_int_equal(fodder_plan_new(&plan, NULL), 0);
    spec = fodder_plan_spec(plan);
    assert_true(spec.dedup == 1 && spec.compress == 1);
    assert_int_equal(spec.unit, 1 << 20);
    assert_int_equal(spec.window, 1024);
    fodder_plan_free(plan);
}

static void bad_values_are_refused_with_the_field_named(void **state)
{
    const struct {
        const char *field;
        fodder_spec spec;
    } rows[] = {
        { "dedup", FODDER_SPEC(.dedup = 0.5) },
        { "dedup", FODDER_SPEC(.dedup = 0.9999994) },
        { "dedup", FODDER_SPEC(.dedup = -2) },
        { "dedup", FODDER_SPEC(.dedup = NAN) },
        { "dedup", FODDER_SPEC(.dedup = INFINITY) },
        { "dedup", FODDER_SPEC(.dedup = 1000001) },
        { "dedup", FODDER_SPEC(.dedup = 1e300) },
        { "compress", FODDER_SPEC(.compress = 0.5) },
        { "compress", FODDER_SPEC(.compress = 33) },
        { "compress", FODDER_SPEC(.compress = 32.000001) },
        { "compress", FODDER_SPEC(.compress = NAN) },
        { "compress", FODDER_SPEC(.compress = -INFINITY) },
        { "unit", FODDER_SPEC(.unit = 3000) },
        { "unit", FODDER_SPEC(.unit = 2048) },
        { "unit", FODDER_SPEC(.unit = 4097) },
        { "unit", FODDER_SPEC(.unit = 128 << 20) },
        { "unit", FODDER_SPEC(.unit = UINT64_C(128) << 30) },
        { "window", FODDER_SPEC(.window = 3) },
        { "window", FODDER_SPEC(.window = 1 << 21) },
        { "generation", FODDER_SPEC(.generation = 1 << 20) },
        { "codec", FODDER_SPEC(.codec = 4) },
        { "spec_size", { .spec_size = 0 } },
        { "spec_size", { .spec_size = sizeof(fodder_spec) + 8 } },
    };
    (void)state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *why = "";
        fodder_plan *plan = NULL;

        assert_int_equal(fodder_spec_check(&rows[i].spec, &why), FODDER_ERR_SPEC);
        if (strncmp(why, rows[i].field, strlen(rows[i].field)) != 0)
            fail_msg("row %zu: \"%s\" does not name %s", i, why, rows[i].field);
        assert_int_equal(fodder_plan_new(&plan, &rows[i].spec), FODDER_ERR_SPEC);
        assert_null(plan);
    }
    assert_int_equal(fodder_spec_check(&FODDER_SPEC(.format = 1), NULL), 0);
    assert_int_equal(fodder_spec_check(&FODDER_SPEC(.format = 2), NULL), FODDER_ERR_FORMAT);
}

static void the_ends_of_every_range_are_valid(void **state)
{
    const fodder_spec rows[] = {
        FODDER_SPEC(.dedup = 1, .compress = 1, .unit = 4096, .window = 1),
        FODDER_SPEC(.dedup = 0.9999996, .compress = 0.9999996),
        FODDER_SPEC(.dedup = 1e6, .compress = 32, .unit = 64 << 20, .window = 1 << 20),
        FODDER_SPEC(.seed = UINT64_MAX, .series = UINT64_MAX, .generation = (1 << 20) - 1, .codec = 3),
    };
    (void)state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(fodder_spec_check(&rows[i], NULL), 0);
}

static void texts_are_read_and_printed_in_their_one_form(void **state)
{
    static const struct {
        const char *text, *printed;
    } rows[] = {
        { "fodder1:", "fodder1:seed=0" },
        { "fodder1:seed=42", "fodder1:seed=42" },
        { "fodder1:compress=3,seed=18446744073709551615", "fodder1:seed=18446744073709551615,compress=3" },
        { "fodder1:dedup=1,compress=1.0,unit=1MiB,window=1024,codec=balanced", "fodder1:seed=0" },
        { "fodder1:dedup=2.50,unit=65536", "fodder1:seed=0,dedup=2.5,unit=64KiB" },
        { "fodder1:dedup=1.33333333", "fodder1:seed=0,dedup=1.333333" },
        { "fodder1:dedup=1.9999999", "fodder1:seed=0,dedup=2" },
        { "fodder1:dedup=1.3333335", "fodder1:seed=0,dedup=1.333334" },
        { "fodder1:dedup=1.33333349", "fodder1:seed=0,dedup=1.333333" },
        { "fodder1:dedup=0.9999999", "fodder1:seed=0" },
        { "fodder1:unit=64MiB,codec=deflate,generation=7", "fodder1:seed=0,generation=7,unit=64MiB,codec=deflate" },
        { "fodder1:dedup=1000000,compress=32", "fodder1:seed=0,dedup=1000000,compress=32" },
    };
    (void)state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char printed[FODDER_SPEC_TEXT];
        fodder_spec spec;

        assert_int_equal(fodder_spec_parse(&spec, rows[i].text, NULL), 0);
        assert_int_equal(fodder_spec_print(&spec, printed, sizeof printed), 0);
        assert_string_equal(printed, rows[i].printed);
    }
}

static void bad_texts_are_refused_and_leave_the_spec_alone(void **state)
{
    static const struct {
        const char *text;
        int error;
    } rows[] = {
        { "", FODDER_ERR_SPEC },
        { "seed=42", FODDER_ERR_SPEC },
        { "fodder:seed=42", FODDER_ERR_FORMAT },
        { "fodder0:seed=42", FODDER_ERR_FORMAT },
        { "fodder2:seed=42", FODDER_ERR_FORMAT },
        { "fodder10:seed=42", FODDER_ERR_FORMAT },
        { "fodder1:sed=42", FODDER_ERR_SPEC },
        { "fodder1:seed", FODDER_ERR_SPEC },
        { "fodder1:seed=", FODDER_ERR_SPEC },
        { "fodder1:seed=-1", FODDER_ERR_SPEC },
        { "fodder1:seed=+1", FODDER_ERR_SPEC },
        { "fodder1:seed=0x10", FODDER_ERR_SPEC },
        { "fodder1:seed= 1", FODDER_ERR_SPEC },
        { "fodder1:seed=18446744073709551616", FODDER_ERR_SPEC },
        { "fodder1:seed=1,", FODDER_ERR_SPEC },
        { "fodder1:,seed=1", FODDER_ERR_SPEC },
        { "fodder1:seed=1,,dedup=2", FODDER_ERR_SPEC },
        { "fodder1:seed=1,seed=1", FODDER_ERR_SPEC },
        { "fodder1:seed=1,dedup=2,seed=1", FODDER_ERR_SPEC },
        { "fodder1:seed,=1", FODDER_ERR_SPEC },
        { "fodder1:seed=1 ", FODDER_ERR_SPEC },
        { "fodder1:dedup=0", FODDER_ERR_SPEC },
        { "fodder1:dedup=0.5", FODDER_ERR_SPEC },
        { "fodder1:dedup=nan", FODDER_ERR_SPEC },
        { "fodder1:dedup=inf", FODDER_ERR_SPEC },
        { "fodder1:dedup=2x", FODDER_ERR_SPEC },
        { "fodder1:dedup=2.", FODDER_ERR_SPEC },
        { "fodder1:dedup=.5", FODDER_ERR_SPEC },
        { "fodder1:dedup=1e3", FODDER_ERR_SPEC },
        { "fodder1:dedup=1,5", FODDER_ERR_SPEC },
        { "fodder1:dedup=99999999999999999999", FODDER_ERR_SPEC },
        { "fodder1:dedup=18446744073710.551616", FODDER_ERR_SPEC }, /* 2^64 + 10^6 millionths */
        { "fodder1:compress=33", FODDER_ERR_SPEC },
        { "fodder1:unit=0", FODDER_ERR_SPEC },
        { "fodder1:unit=3000", FODDER_ERR_SPEC },
        { "fodder1:unit=128GiB", FODDER_ERR_SPEC },
        { "fodder1:unit=64KB", FODDER_ERR_SPEC },
        { "fodder1:window=0", FODDER_ERR_SPEC },
        { "fodder1:window=1k", FODDER_ERR_SPEC },
        { "fodder1:codec=LZ4", FODDER_ERR_SPEC },
        { "fodder1:codec=", FODDER_ERR_SPEC },
        { "fodder1:generation=1048576", FODDER_ERR_SPEC },
    };
    (void)state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const fodder_spec before = FODDER_SPEC(.seed = 77);
        fodder_spec spec = before;
        const char *why = NULL;

        if (fodder_spec_parse(&spec, rows[i].text, &why) != rows[i].error)
            fail_msg("\"%s\" gives another code", rows[i].text);
        assert_non_null(why);
        assert_memory_equal(&spec, &before, sizeof spec);
    }
}

static void a_text_too_long_is_refused(void **state)
{
    char text[400] = "fodder1:seed=";
    fodder_spec spec;
    (void)state;

    memset(text + strlen(text), '0', 380 - strlen(text));
    assert_int_equal(fodder_spec_parse(&spec, text, NULL), FODDER_ERR_SPEC);
    text[FODDER_SPEC_TEXT] = '\0';
    assert_int_equal(fodder_spec_parse(&spec, text, NULL), FODDER_ERR_SPEC);
    text[FODDER_SPEC_TEXT - 1] = '\0';
    assert_int_equal(fodder_spec_parse(&spec, text, NULL), 0);
}

static void the_longest_text_fits_and_a_small_buffer_is_refused(void **state)
{
    const fodder_spec longest = FODDER_SPEC(.seed = UINT64_MAX, .series = UINT64_MAX, .generation = (1 << 20) - 1,
                                            .dedup = 999999.999999, .compress = 31.999999, .unit = 512 << 10,
                                            .window = 1 << 20, .codec = FODDER_CODEC_DEFLATE, .format = FODDER_FORMAT);
    char text[FODDER_SPEC_TEXT], small[20] = "untouched";
    fodder_spec back;
    (void)state;

    assert_int_equal(fodder_spec_print(&longest, text, sizeof text), 0);
    assert_int_equal(fodder_spec_parse(&back, text, NULL), 0);
    assert_memory_equal(&back, &longest, sizeof back);
    assert_int_equal(fodder_spec_print(&longest, small, sizeof small), -ENOBUFS);
    assert_string_equal(small, "untouched");
    assert_int_equal(fodder_spec_print(&longest, text, strlen(text)), -ENOBUFS);
    assert_int_equal(fodder_spec_print(&longest, text, strlen(text) + 1), 0);
}

static void sizes_are_read(void **state)
{
    static const struct {
        const char *text;
        uint64_t bytes;
    } rows[] = {
        { "0", 0 },
        { "1", 1 },
        { "1048576", 1048576 },
        { "4k", 4096 },
        { "4K", 4096 },
        { "4KiB", 4096 },
        { "4kB", 4000 },
        { "4KB", 4000 },
        { "1M", 1 << 20 },
        { "1MB", 1000000 },
        { "1.5GiB", 1610612736 },
        { "0.5k", 512 },
        { "10GB", UINT64_C(10000000000) },
        { "3T", UINT64_C(3) << 40 },
        { "2PiB", UINT64_C(2) << 50 },
        { "7E", UINT64_C(7) << 60 },
        { "9EB", UINT64_C(9000000000000000000) },
        { "9223372036854775807", INT64_MAX },
    };
    (void)state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t bytes = 12345;

        if (fodder_size_parse(&bytes, rows[i].text) != 0 || bytes != rows[i].bytes)
            fail_msg("%s is read as %llu", rows[i].text, (unsigned long long)bytes);
    }
}

static void what_is_no_size_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "-1",
        "+1",
        "1e30",
        "4611686018427387904E",
        "5316911983139663492EB",
        "1.5",
        "0.1k",
        "1.0000001k",
        "k",
        "1 k",
        "1kb",
        "1b",
        "1B",
        "1m",
        "1KIB",
        "1GiBs",
        "1GBs",
        "8E",
        "9.3EB",
        "1.",
        ".5k",
        "0x10",
        "nan",
        "1,5k",
        "9223372036854775808",
        "99999999999999999999999",
    };
    (void)state;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        uint64_t bytes = 12345;

        if (fodder_size_parse(&bytes, texts[i]) != FODDER_ERR_SIZE)
            fail_msg("\"%s\" is taken as %llu", texts[i], (unsigned long long)bytes);
        assert_int_equal(bytes, 12345);
    }
}

static void codecs_have_the_names_that_texts_use(void **state)
{
    fodder_spec spec;
    char text[FODDER_SPEC_TEXT];
    (void)state;

    for (uint32_t codec = FODDER_CODEC_BALANCED; codec <= FODDER_CODEC_DEFLATE; codec++) {
        snprintf(text, sizeof text, "fodder1:codec=%s", fodder_codec_name(codec));
        assert_int_equal(fodder_spec_parse(&spec, text, NULL), 0);
        assert_int_equal(spec.codec, codec);
    }
    assert_null(fodder_codec_name(FODDER_CODEC_DEFLATE + 1));
    assert_null(fodder_codec_name(UINT32_MAX));
}

static void fresh_seeds_differ(void **state)
{
    uint64_t seeds[64];
    (void)state;

    for (size_t i = 0; i < 64; i++) {
        assert_int_equal(fodder_fresh_seed(&seeds[i]), 0);
        for (size_t k = 0; k < i; k++)
            assert_int_not_equal(seeds[k], seeds[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_zero_spec_is_valid_and_has_the_defaults),
        cmocka_unit_test(bad_values_are_refused_with_the_field_named),
        cmocka_unit_test(the_ends_of_every_range_are_valid),
        cmocka_unit_test(texts_are_read_and_printed_in_their_one_form),
        cmocka_unit_test(bad_texts_are_refused_and_leave_the_spec_alone),
        cmocka_unit_test(a_text_too_long_is_refused),
        cmocka_unit_test(the_longest_text_fits_and_a_small_buffer_is_refused),
        cmocka_unit_test(codecs_have_the_names_that_texts_use),
        cmocka_unit_test(fresh_seeds_differ),
        cmocka_unit_test(sizes_are_read),
        cmocka_unit_test(what_is_no_size_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
