/* fodder_fill on every kernel: against the oracle, at any place and alignment, and not a byte beside it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

enum { MOST = 70000, MARGIN = 64, CANARY = 0xa5 };

static size_t random_len(struct random *r)
{
    static const size_t corners[] = { 0, 1, 15, 16, 17, 31, 33, 63, 65, 127, 129, 511, 512, 513, 1024, 4096, 8192 };

    return random_below(r, 2) ? corners[random_below(r, sizeof corners / sizeof *corners)] : random_below(r, MOST);
}

static void makes_what_the_oracle_makes_between_guard_pages(void **state)
{
    struct random r = { 1 };
    static uint8_t want[MOST];

    require_kernel(*state);
    for (int i = 0; i < 400; i++) {
        char text[FODDER_SPEC_TEXT];
        const uint64_t offset = random_offset(&r);
        const size_t len = random_len(&r);
        struct guard g = guard_new(len, i % 2);
        fodder_plan *plan;
        struct oracle oracle;

        random_spec_text(&r, text);
        plan = plan_of(text, *state);
        oracle = oracle_of(text);
        fodder_fill(plan, offset, g.data, len);
        oracle_read(&oracle, offset, want, len);
        assert_bytes(g.data, want, len, text, offset);
        fodder_plan_free(plan);
        guard_free(&g);
    }
}

static void assert_canary(const uint8_t *margin, const char *text, uint64_t offset)
{
    for (int i = 0; i < MARGIN; i++) {
        if (margin[i] != CANARY)
            fail_msg("%s at %llu: a byte beside the range was written", text, (unsigned long long)offset);
    }
}

static void writes_every_alignment_and_nothing_beside_it(void **state)
{
    struct random r = { 2 };
    static uint8_t area[MARGIN + 64 + 3000 + MARGIN], want[3000];

    require_kernel(*state);
    for (size_t align = 0; align < 64; align++) {
        char text[FODDER_SPEC_TEXT];
        const uint64_t offset = random_offset(&r);
        const size_t len = 1500 + random_below(&r, 1500);
        uint8_t *const dst = area + MARGIN + align;
        fodder_plan *plan;
        struct oracle oracle;

        random_spec_text(&r, text);
        plan = plan_of(text, *state);
        oracle = oracle_of(text);
        memset(area, CANARY, sizeof area);
        fodder_fill(plan, offset, dst, len);
        oracle_read(&oracle, offset, want, len);
        assert_bytes(dst, want, len, text, offset);
        assert_canary(dst - MARGIN, text, offset);
        assert_canary(dst + len, text, offset);
        fodder_plan_free(plan);
    }
}

static void gives_the_same_bytes_however_a_range_is_split(void **state)
{
    struct random r = { 3 };
    static uint8_t whole[MOST], parts[MOST];

    require_kernel(*state);
    for (int i = 0; i < 100; i++) {
        char text[FODDER_SPEC_TEXT];
        const uint64_t offset = random_offset(&r);
        const size_t largest = (size_t)1 << random_below(&r, 17);
        fodder_plan *plan;

        random_spec_text(&r, text);
        plan = plan_of(text, *state);
        fodder_fill(plan, offset, whole, MOST);
        for (size_t done = 0, len; done < MOST; done += len) {
            len = 1 + random_below(&r, largest);
            if (len > MOST - done)
                len = MOST - done;
            fodder_fill(plan, offset + done, parts + done, len);
        }
        assert_bytes(parts, whole, MOST, text, offset);
        fodder_plan_free(plan);
    }
}

/* Every number of whole vectors in a sector has code of its own: all values of k are tried. */
static void splits_sectors_right_for_every_share_of_keystream(void **state)
{
    static uint8_t got[16 * 512], want[16 * 512];

    require_kernel(*state);
    for (unsigned share = 1001; share <= 32000; share += 1 + share / 60) {
        char text[FODDER_SPEC_TEXT];
        fodder_plan *plan;
        struct oracle oracle;

        sprintf(text, "fodder1:seed=9,compress=%u.%03u,unit=4KiB", share / 1000, share % 1000);
        plan = plan_of(text, *state);
        oracle = oracle_of(text);
        fodder_fill(plan, 0, got, sizeof got);
        oracle_read(&oracle, 0, want, sizeof want);
        assert_bytes(got, want, sizeof got, text, 0);
        fodder_plan_free(plan);
    }
}

/* docs/format.md: where a sector's first byte is 0 it is filled with 1. */
static void fills_with_1_where_the_first_byte_is_0(void **state)
{
    fodder_plan *plan;
    uint8_t sector[512];

    require_kernel(*state);
    plan = plan_of("fodder1:seed=42,compress=2,unit=4KiB", *state);
    fodder_fill(plan, 166912, sector, sizeof sector);
    assert_int_equal(sector[0], 0);
    assert_int_equal(sector[511], 1);
    fodder_fill(plan, 166912 + 500, sector, 12);
    assert_int_equal(sector[0], 1);
    fodder_plan_free(plan);
}

/* A fill that no cache holds is written past it; 80 MiB are more than twice the last cache of most machines. */
static void makes_large_ranges_as_it_makes_small_ones(void **state)
{
    enum { LEN = 80 << 20, PIECE = 3 << 20 };
    static uint8_t piece[PIECE];
    uint8_t *const whole = aligned_alloc(64, LEN);
    fodder_plan *plan;

    assert_non_null(whole);
    if (fodder_kernel_check(*state) < 0)
        free(whole);
    require_kernel(*state);
    plan = plan_of("fodder1:seed=3,dedup=2,compress=2", *state);
    for (uint64_t offset = 0; offset < 70; offset += 69) {
        fodder_fill(plan, offset, whole, LEN);
        for (size_t at = 0; at < LEN; at += PIECE) {
            const size_t len = LEN - at < PIECE ? LEN - at : PIECE;

            fodder_fill(plan, offset + at, piece, len);
            assert_bytes(whole + at, piece, len, "fodder1:seed=3,dedup=2,compress=2", offset + at);
        }
    }
    fodder_plan_free(plan);
    free(whole);
}

static void touches_nothing_for_length_0(void **state)
{
    fodder_plan *plan;

    require_kernel(*state);
    plan = plan_of("fodder1:seed=1,compress=2", *state);
    fodder_fill(plan, 100, NULL, 0);
    fodder_plan_free(plan);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *sentence;
        CMUnitTestFunction test;
    } rows[] = {
        { "makes what the oracle makes, between guard pages", makes_what_the_oracle_makes_between_guard_pages },
        { "writes every alignment and nothing beside it", writes_every_alignment_and_nothing_beside_it },
        { "gives the same bytes however a range is split", gives_the_same_bytes_however_a_range_is_split },
        { "splits sectors right for every share of keystream", splits_sectors_right_for_every_share_of_keystream },
        { "fills with 1 where the first byte is 0", fills_with_1_where_the_first_byte_is_0 },
        { "makes large ranges as it makes small ones", makes_large_ranges_as_it_makes_small_ones },
        { "touches nothing for length 0", touches_nothing_for_length_0 },
    };
    struct CMUnitTest tests[64];
    size_t count = 0;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        count = add_per_kernel(tests, count, rows[i].sentence, rows[i].test);
    cmocka_set_test_filter(argc > 1 ? argv[1] : NULL);
    return _cmocka_run_group_tests("fill", tests, count, NULL, NULL);
}
