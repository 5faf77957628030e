/* Unit ids: the counts are those of exact arithmetic, the ratio holds in every window, and far out. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "layout/chacha.h"
#include "layout/layout.h"
#include "support.h"

static const double dedups[] = { 1, 1.000001, 1.1, 1.333333, 1.5, 2, 2.5, 3, 5, 7.25, 10, 100, 1023, 1e6 };
enum { DEDUPS = sizeof dedups / sizeof *dedups };

static struct layout layout_for(double dedup, uint64_t window)
{
    struct spec spec;

    assert_int_equal(spec_import(&spec, &FODDER_SPEC(.seed = 5, .dedup = dedup, .window = window, .unit = 4096), NULL),
                     0);
    return layout_of(&spec);
}

/* n(i) = ceil(i * f / 2^64) with f = floor(2^64 * 10^6 / Q), here by the long way. */
static uint64_t exact_count(double dedup, uint64_t i)
{
    const u128 q = (u128)(dedup * 1e6 + 0.5), f = ((u128)1000000 << 64) / q;
    const u128 product = (u128)i * (uint64_t)f;

    return f >> 64 ? i : (uint64_t)((product + UINT64_MAX) >> 64);
}

static void counts_are_those_of_exact_arithmetic(void **state)
{
    struct random r = { 1 };
    (void)state;

    for (int d = 0; d < DEDUPS; d++) {
        const struct layout l = layout_for(dedups[d], 1024);

        for (int n = 0; n < 20000; n++) {
            const uint64_t i = random_next(&r) >> (12 + random_below(&r, 52));
            const uint64_t count = layout_distinct(&l, i);

            assert_int_equal(count, exact_count(dedups[d], i));
            /* within one of i / dedup: count * Q and i * 10^6 differ by at most Q */
            const u128 q = (u128)(dedups[d] * 1e6 + 0.5), left = count * q, right = (u128)i * 1000000;
            assert_true((left > right ? left - right : right - left) <= q);
        }
    }
}

static void ids_are_those_of_the_oracle(void **state)
{
    struct random r = { 2 };
    (void)state;

    for (int n = 0; n < 300; n++) {
        char text[FODDER_SPEC_TEXT];
        struct oracle oracle;
        struct spec exact;
        struct layout l;
        fodder_spec spec;
        uint64_t start = random_next(&r) >> (12 + random_below(&r, 52));

        random_spec_text(&r, text);
        oracle = oracle_of(text);
        assert_int_equal(fodder_spec_parse(&spec, text, NULL), 0);
        assert_int_equal(spec_import(&exact, &spec, NULL), 0);
        l = layout_of(&exact);
        for (uint64_t i = start; i < start + 300; i++)
            assert_int_equal(layout_unit_id(&l, i), oracle_id(&oracle, i));
    }
}

static void a_repeated_unit_repeats_an_earlier_one_of_its_window(void **state)
{
    enum { WINDOW = 256, UNITS = 64 * WINDOW };
    static uint64_t first_unit[UNITS];
    (void)state;

    for (int d = 0; d < DEDUPS; d++) {
        const struct layout l = layout_for(dedups[d], WINDOW);
        uint64_t known = 0;

        for (uint64_t i = 0; i < UNITS; i++) {
            const uint64_t id = layout_unit_id(&l, i);

            assert_true(id <= known); /* the next new id, or one that was */
            if (id == known) {
                first_unit[known++] = i;
                continue;
            }
            if (layout_distinct(&l, i) > layout_distinct(&l, i & ~(uint64_t)(WINDOW - 1)))
                assert_int_equal(first_unit[id] / WINDOW, i / WINDOW);
            else
                assert_int_equal(id, known - 1);
        }
        assert_int_equal(known, layout_distinct(&l, UNITS));
    }
}

static uint64_t count_distinct(const struct layout *l, uint64_t first, uint64_t units)
{
    uint64_t *const ids = malloc(units * sizeof *ids), count;

    for (uint64_t i = 0; i < units; i++)
        ids[i] = layout_unit_id(l, first + i);
    count = count_different(ids, units);
    free(ids);
    return count;
}

static void every_aligned_window_reaches_the_ratio_wherever_it_lies(void **state)
{
    static const uint64_t windows[] = { 1024, 4096, 1 << 16 };
    static const uint64_t starts[] = { 0, 1, 1000, (UINT64_C(1) << 30) + 7, UINT64_C(1) << 31 };
    (void)state;

    for (int w = 0; w < 3; w++) {
        for (int d = 0; d < DEDUPS && dedups[d] <= 100; d++) {
            const struct layout l = layout_for(dedups[d], windows[w]);

            for (int s = 0; s < 5; s++) {
                const double want = (double)windows[w] / dedups[d];
                const uint64_t got = count_distinct(&l, starts[s] * windows[w], windows[w]);

                /* one for each end of the window, and one original before it */
                if ((double)got < want - 1 || (double)got > want + 2)
                    fail_msg("dedup %g, window %" PRIu64 " of %" PRIu64 " units: %" PRIu64 " distinct, not %g",
                             dedups[d], starts[s], windows[w], got, want);
            }
        }
    }
}

static void duplicates_of_a_window_are_spread_over_its_originals(void **state)
{
    enum { WINDOW = 1 << 16 };
    const struct layout l = layout_for(2, WINDOW);
    uint64_t far = 0, repeats = 0;
    (void)state;

    /* An original drawn evenly from those before lies, for half of the repeats, in the first half of them. */
    for (uint64_t i = 1; i < WINDOW; i++) {
        const uint64_t before = layout_distinct(&l, i);

        if (layout_distinct(&l, i + 1) > before)
            continue;
        repeats++;
        far += layout_unit_id(&l, i) < before / 2;
    }
    assert_int_equal(repeats, WINDOW / 2);
    assert_in_range(far, WINDOW / 4 - 600, WINDOW / 4 + 600); /* 6 sigma */
}

static void the_key_is_chacha20_of_rfc_8439(void **state)
{
    static const uint8_t zero_key[32];
    static const uint8_t want[64] = { /* appendix A.1, test vector 1 */
                                      0x76, 0xb8, 0xe0, 0xad, 0xa0, 0xf1, 0x3d, 0x90, 0x40, 0x5d, 0x6a, 0xe5, 0x53,
                                      0x86, 0xbd, 0x28, 0xbd, 0xd2, 0x19, 0xb8, 0xa0, 0x8d, 0xed, 0x1a, 0xa8, 0x36,
                                      0xef, 0xcc, 0x8b, 0x77, 0x0d, 0xc7, 0xda, 0x41, 0x59, 0x7c, 0x51, 0x57, 0x48,
                                      0x8d, 0x77, 0x24, 0xe0, 0x3f, 0xb8, 0xd8, 0x4a, 0x37, 0x6a, 0x43, 0xb8, 0xf4,
                                      0x15, 0x18, 0xa1, 0x1c, 0xc3, 0x87, 0xb6, 0x69, 0xb2, 0xee, 0x65, 0x86
    };
    uint8_t out[64];
    (void)state;

    chacha_block(out, zero_key);
    assert_memory_equal(out, want, sizeof want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_those_of_exact_arithmetic),
        cmocka_unit_test(ids_are_those_of_the_oracle),
        cmocka_unit_test(a_repeated_unit_repeats_an_earlier_one_of_its_window),
        cmocka_unit_test(every_aligned_window_reaches_the_ratio_wherever_it_lies),
        cmocka_unit_test(duplicates_of_a_window_are_spread_over_its_originals),
        cmocka_unit_test(the_key_is_chacha20_of_rfc_8439),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
