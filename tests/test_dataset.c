/* Data sets: sizes, names and places are those of docs/dataset.md, at every limit. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "dataset/extent.h"
#include "dataset/names.h"
#include "dataset/sizes.h"
#include "support.h"

static struct sizes sizes_from(const char *text)
{
    struct sizes sizes = { 0 };
    const char *why = NULL;

    if (sizes_parse(&sizes, text, &why) < 0)
        fail_msg("%s: %s", text, why);
    sizes_begin(&sizes, 7, 0);
    return sizes;
}

static struct sizes rows_from(const char *text)
{
    struct sizes sizes = { 0 };
    const char *why = NULL;
    size_t line;

    if (sizes_parse_rows(&sizes, text, strlen(text), &why, &line) < 0)
        fail_msg("%s: line %zu: %s", text, line, why);
    sizes_begin(&sizes, 7, 0);
    return sizes;
}

static void sizes_are_those_of_the_example_in_the_document(void **state)
{
    static const uint64_t wanted[3][4] = { { 90397, 8560, 90716, 1602 },
                                           { 8584, 2366, 1682, 5192 },
                                           { 28410, 512, 512, 512 } };
    struct sizes sizes[3] = { sizes_from("lognormal:8KiB,1.5"), sizes_from("uniform:1000-9000"),
                              rows_from("512,2.5\n4096,65536,1\n") };
    (void)state;

    for (size_t i = 0; i < 3; i++) {
        for (uint64_t k = 0; k < 4; k++)
            assert_int_equal(sizes_of(&sizes[i], k), wanted[i][k]);
        sizes_free(&sizes[i]);
    }
}

static void a_uniform_size_reaches_both_ends_and_nothing_beyond(void **state)
{
    const struct sizes sizes = sizes_from("uniform:5-8");
    unsigned seen[4] = { 0 };
    (void)state;

    for (uint64_t k = 0; k < 4000; k++) {
        const uint64_t size = sizes_of(&sizes, k);

        assert_in_range(size, 5, 8);
        seen[size - 5]++;
    }
    for (size_t i = 0; i < 4; i++)
        assert_in_range(seen[i], 900, 1100);
}

static void the_largest_sizes_are_made_without_overflow(void **state)
{
    struct sizes sizes = sizes_from("uniform:0-4EiB");
    uint64_t most = 0;
    (void)state;

    for (uint64_t k = 0; k < 1000; k++)
        most = sizes_of(&sizes, k) > most ? sizes_of(&sizes, k) : most;
    assert_in_range(most, SIZES_MOST / 100 * 99, SIZES_MOST);
    sizes = sizes_from("lognormal:4EiB,8");
    most = 0;
    for (uint64_t k = 0; k < 10000; k++) {
        assert_in_range(sizes_of(&sizes, k), 1, SIZES_MOST);
        most += sizes_of(&sizes, k) == SIZES_MOST;
    }
    assert_in_range(most, 4800, 5200);
    sizes = sizes_from("lognormal:1,8");
    for (uint64_t k = 0; k < 10000; k++)
        assert_in_range(sizes_of(&sizes, k), 1, SIZES_MOST);
}

static void lognormal_sizes_are_exp_of_a_normal_number(void **state)
{
    enum { FILES = 200000 };
    const struct sizes sizes = sizes_from("lognormal:1TiB,1.5"); /* so large that rounding to bytes does not show */
    double sum = 0, squares = 0, cubes = 0, fourths = 0;
    unsigned below = 0, above = 0;
    (void)state;

    for (uint64_t k = 0; k < FILES; k++) {
        const double z = log((double)sizes_of(&sizes, k) / 0x1p40) / 1.5;

        sum += z, squares += z * z, cubes += z * z * z, fourths += z * z * z * z;
        below += z < -2.326348;
        above += z > 3.090232;
    }
    /* each bound is four standard errors */
    assert_true(fabs(sum / FILES) < 4 / sqrt(FILES));
    assert_true(fabs(squares / FILES - 1) < 4 * sqrt(2.0 / FILES));
    assert_true(fabs(cubes / FILES) < 4 * sqrt(15.0 / FILES));
    assert_true(fabs(fourths / FILES - 3) < 4 * sqrt(96.0 / FILES));
    assert_true(fabs(below - 0.01 * FILES) < 4 * sqrt(0.01 * FILES));
    assert_true(fabs(above - 0.001 * FILES) < 4 * sqrt(0.001 * FILES));
}

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

/* Kolmogorov and Smirnov: the largest distance between the two distribution functions. */
static void their_distribution_is_the_normal_one(void **state)
{
    enum { FILES = 400000 };
    static double z[FILES];
    const struct sizes sizes = sizes_from("lognormal:1TiB,1");
    double distance = 0;
    (void)state;

    for (uint64_t k = 0; k < FILES; k++)
        z[k] = log((double)sizes_of(&sizes, k) / 0x1p40);
    qsort(z, FILES, sizeof *z, compare_doubles);
    for (int i = 0; i < FILES; i++)
        distance = fmax(distance, fabs(erfc(-z[i] / sqrt(2)) / 2 - (i + 0.5) / FILES));
    assert_true(
        distance <
        1.63 / sqrt(FILES)); /* 1 in 100 of true normal samples passes it; the bare sum, 0.0023 off, fits not at all */
}

static void sigma_0_is_the_median_and_limits_hold(void **state)
{
    struct sizes sizes = sizes_from("lognormal:12345,0");
    unsigned lowest = 0, highest = 0;
    (void)state;

    for (uint64_t k = 0; k < 100; k++)
        assert_int_equal(sizes_of(&sizes, k), 12345);
    sizes = sizes_from("lognormal:64KiB,2,4KiB-1MiB");
    for (uint64_t k = 0; k < 10000; k++) {
        const uint64_t size = sizes_of(&sizes, k);

        assert_in_range(size, 4096, 1 << 20);
        lowest += size == 4096;
        highest += size == 1 << 20;
    }
    assert_in_range(lowest, 700, 950); /* the normal number is below -ln 16 / 2: 828 of 10,000 */
    assert_in_range(highest, 700, 950);
}

static void a_histogram_is_drawn_by_its_weights(void **state)
{
    struct sizes sizes = rows_from("\xef\xbb\xbfsize, weight\r\n# all of it\n\n 1 ,\t1\r\n2,0\n3,2.5\n10,20,0.5\n");
    unsigned seen[21] = { 0 };
    (void)state;

    for (uint64_t k = 0; k < 40000; k++)
        seen[sizes_of(&sizes, k)]++;
    assert_in_range(seen[1], 9600, 10400);
    assert_int_equal(seen[2], 0);
    assert_in_range(seen[3], 24600, 25400);
    assert_true(seen[10] > 0 && seen[20] > 0);
    assert_int_equal(seen[0] + seen[4] + seen[9], 0);
    sizes_free(&sizes);
    sizes = rows_from("1,0.000001\n2,0.000001\n");
    memset(seen, 0, sizeof seen);
    for (uint64_t k = 0; k < 1000; k++)
        seen[sizes_of(&sizes, k)]++;
    assert_in_range(seen[1], 400, 600);
    assert_in_range(seen[2], 400, 600);
    sizes_free(&sizes);
}

struct refused {
    const char *text;
    size_t line;
    const char *why;
};

static void rows_that_are_none_are_refused_by_their_line(void **state)
{
    static const struct refused rows[] = {
        { "", 0, "no row with a weight" },
        { "size,weight\n", 0, "no row with a weight" },
        { "1,0\n2,0\n", 0, "no row with a weight" },
        { "size,weight\nsize,weight\n", 2, "sizes are 0 to 4EiB" },
        { "-1,5\n", 1, "sizes are 0 to 4EiB" },
        { "1,1\n5EiB,1\n", 2, "sizes are 0 to 4EiB" },
        { "1,1\n\n9,5,1\n", 3, "sizes are 0 to 4EiB" },
        { "1,1\n1,-1\n", 2, "a weight is" },
        { "1,x", 1, "a weight is" },
        { "1,1,1,1\n", 1, "a row is size,weight" },
        { "1\n", 1, "a row is size,weight" },
        { "1,9223372036854\n1,1\n", 2, "all weights together" },
    };
    (void)state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sizes sizes;
        const char *why;
        size_t line;

        assert_int_equal(sizes_parse_rows(&sizes, rows[i].text, strlen(rows[i].text), &why, &line), -1);
        assert_int_equal(line, rows[i].line);
        assert_non_null(strstr(why, rows[i].why));
    }
}

static void a_histogram_has_65536_rows_at_most(void **state)
{
    static char text[4 * (SIZES_ROWS + 1) + 1];
    struct sizes sizes;
    const char *why;
    size_t line;
    (void)state;

    for (size_t i = 0; i <= SIZES_ROWS; i++)
        memcpy(text + 4 * i, "1,1\n", 4);
    assert_int_equal(sizes_parse_rows(&sizes, text, 4 * SIZES_ROWS, &why, &line), 0);
    sizes_free(&sizes);
    assert_int_equal(sizes_parse_rows(&sizes, text, sizeof text - 1, &why, &line), -1);
    assert_int_equal(line, SIZES_ROWS + 1);
}

static void rules_are_printed_as_they_are_read(void **state)
{
    static const char *const rules[] = { "0",
                                         "4KiB",
                                         "1000",
                                         "4398046511104MiB",
                                         "uniform:0-1000",
                                         "uniform:4KiB-1MiB",
                                         "lognormal:64KiB,1.5",
                                         "lognormal:64KiB,0.000001,4KiB-1MiB",
                                         "lognormal:1,8" };
    (void)state;

    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const struct sizes sizes = sizes_from(rules[i]);
        char text[SIZES_TEXT];

        sizes_print(text, &sizes);
        assert_string_equal(text, rules[i]);
    }
}

static void rows_are_printed_as_they_are_read(void **state)
{
    static const char *const rows[] = { "0,0,1", "4KiB,1MiB,0.000001", "7,9,0" };
    struct sizes sizes = rows_from("0,0,1\n4KiB,1MiB,0.000001\n7,9,0\n");
    (void)state;

    for (size_t i = 0; i < 3; i++) {
        char text[SIZES_TEXT];

        sizes_print_row(text, &sizes, i);
        assert_string_equal(text, rows[i]);
    }
    sizes_free(&sizes);
}

static void rules_that_are_none_are_refused(void **state)
{
    static const char *const rules[] = {
        "",
        "-1",
        "x",
        "5EiB",
        "4KiB,1",
        "uniform:",
        "uniform:5",
        "uniform:9-5",
        "uniform:1-5EiB",
        "uniform:-5",
        "lognormal:",
        "lognormal:64KiB",
        "lognormal:0,1",
        "lognormal:64KiB,-1",
        "lognormal:64KiB,8.000001",
        "lognormal:64KiB,1,",
        "lognormal:64KiB,1,5-4",
        "lognormal:64KiB,1,1-2,3",
        "csv:",
        "normal:5",
    };
    (void)state;

    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        struct sizes sizes;
        const char *why = NULL;

        if (sizes_parse(&sizes, rules[i], &why) == 0)
            fail_msg("%s was taken", rules[i]);
        assert_non_null(why);
    }
}

static struct names names_from(const char *pattern, uint64_t per_dir, uint64_t files)
{
    struct names names = { 0 };
    const char *why = NULL;

    if (names_of(&names, pattern, per_dir, files, &why) < 0)
        fail_msg("%s: %s", pattern, why);
    return names;
}

static void names_have_the_digits_that_the_number_of_files_wants(void **state)
{
    static const struct {
        const char *pattern;
        uint64_t per_dir, files, k;
        const char *name;
    } rows[] = {
        { "d{dir}/f{k}", 1000, 0, 0, "d000000/f000000000" },
        { "d{dir}/f{k}", 1000, 4, 3, "d000000/f000000003" },
        { "d{dir}/f{k}", 1000, 1000000000, 999999999, "d999999/f999999999" },
        { "d{dir}/f{k}", 1000, 1000000001, 5001, "d0000005/f0000005001" },
        { "d{dir}/f{k}", 1, 1000000, 999999, "d999999/f000999999" },
        { "d{dir}/f{k}", 1, 1000001, 0, "d0000000/f000000000" },
        { "{k}", 7, 10, 9, "000000009" },
        { "a/{dir}{dir}/b/{k}-{k}.bin", 2, 10, 9, "a/000004000004/b/000000009-000000009.bin" },
    };
    (void)state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct names names = names_from(rows[i].pattern, rows[i].per_dir, rows[i].files);
        char name[NAMES_TEXT];
        uint64_t k;

        assert_int_equal(names_print(name, &names, rows[i].k), strlen(rows[i].name));
        assert_string_equal(name, rows[i].name);
        assert_true(names_find(&k, &names, name));
        assert_int_equal(k, rows[i].k);
    }
}

static void a_name_that_no_file_has_is_not_found(void **state)
{
    static const char *const others[] = { "",
                                          "d000000/f00000000",
                                          "d000000/f0000000000",
                                          "d000001/f000000999",
                                          "d000000/f00000000x",
                                          "d000000/f0000000/9",
                                          "x000000/f000000009" };
    const struct names names = names_from("d{dir}/f{k}", 1000, 1000);
    uint64_t k;
    (void)state;

    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (names_find(&k, &names, others[i]))
            fail_msg("%s is file %u", others[i], (unsigned)k);
    }
}

static void patterns_that_could_leave_the_directory_or_meet_are_refused(void **state)
{
    static char longest[1100] = "{k}", part[300] = "{k}";
    const char *const patterns[] = { "",         "f",     "{dir}/f", "/{k}",   "{k}/", "a//{k}", "../{k}",
                                     "a/../{k}", "./{k}", "a/./{k}", "{k}/..", "{k",   "{k}{x}", "{k}}",
                                     "{{k}",     "{k}\n", "{k}\x7f", longest,  part };
    (void)state;

    for (size_t i = 3; i < 1030; i++)
        longest[i] = i % 200 == 0 ? '/' : 'x';
    memset(part + 3, 'x', 247); /* and 9 digits */
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        struct names names;
        const char *why = NULL;

        if (names_of(&names, patterns[i], 1000, 10, &why) == 0)
            fail_msg("%s was taken", patterns[i]);
        assert_non_null(why);
    }
    part[3 + 246] = '\0';
    assert_int_equal(strlen(part) - 3 + 9, 255);
    names_from(part, 1000, 10);
}

static void extents_of_parts_add_up_and_never_wrap(void **state)
{
    static const char *const rules[] = { "5000", "4096", "0", "uniform:0-9000", "lognormal:8KiB,1.5" };
    const struct sizes large = sizes_from("4EiB");
    (void)state;

    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const struct sizes sizes = sizes_from(rules[i]);
        const struct extent all = extent_of(&sizes, 4096, 0, 1000);
        const struct extent parts = extent_join(extent_of(&sizes, 4096, 0, 333), extent_of(&sizes, 4096, 333, 1000));
        struct extent slow = { 0 };

        for (uint64_t k = 0; k < 1000; k++) {
            slow.bytes += sizes_of(&sizes, k);
            slow.units += (sizes_of(&sizes, k) + 4095) / 4096;
            slow.whole += sizes_of(&sizes, k) / 4096 * 4096;
        }
        assert_memory_equal(&all, &slow, sizeof all);
        assert_memory_equal(&parts, &slow, sizeof parts);
    }
    assert_int_equal(extent_of(&large, 4096, 0, 4).bytes, UINT64_MAX);
    assert_int_equal(extent_join(extent_of(&large, 4096, 0, 3), extent_of(&large, 4096, 3, 4)).bytes, UINT64_MAX);
    assert_int_equal(extent_of(&large, 4096, 0, 4).units, UINT64_C(1) << 52);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_those_of_the_example_in_the_document),
        cmocka_unit_test(a_uniform_size_reaches_both_ends_and_nothing_beyond),
        cmocka_unit_test(the_largest_sizes_are_made_without_overflow),
        cmocka_unit_test(lognormal_sizes_are_exp_of_a_normal_number),
        cmocka_unit_test(their_distribution_is_the_normal_one),
        cmocka_unit_test(sigma_0_is_the_median_and_limits_hold),
        cmocka_unit_test(a_histogram_is_drawn_by_its_weights),
        cmocka_unit_test(rows_that_are_none_are_refused_by_their_line),
        cmocka_unit_test(a_histogram_has_65536_rows_at_most),
        cmocka_unit_test(rules_are_printed_as_they_are_read),
        cmocka_unit_test(rows_are_printed_as_they_are_read),
        cmocka_unit_test(rules_that_are_none_are_refused),
        cmocka_unit_test(names_have_the_digits_that_the_number_of_files_wants),
        cmocka_unit_test(a_name_that_no_file_has_is_not_found),
        cmocka_unit_test(patterns_that_could_leave_the_directory_or_meet_are_refused),
        cmocka_unit_test(extents_of_parts_add_up_and_never_wrap),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
