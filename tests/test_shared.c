/* Verifying by a pool tells what verifying by one thread tells: the same runs, the same report. */
#include <string.h>

#include "pool/pool.h"
#include "support.h"

enum { MOST = 7 << 20, MOST_RUNS = MOST / 512 + 2 };

static const char spec_text[] = "fodder1:seed=8,dedup=2,compress=2,unit=64KiB";

struct found {
    fodder_report report;
    size_t count;
    fodder_run runs[MOST_RUNS];
};

static void note(void *user, const fodder_run *run)
{
    struct found *const found = user;

    found->runs[found->count++] = *run;
}

/* Zeros, another generation, other places, single bits: at most 12 of them, up to a whole MiB. */
static void plant(struct random *r, const fodder_plan *old, uint64_t offset, uint8_t *data, size_t len)
{
    for (uint64_t n = random_below(r, 13); n > 0; n--) {
        const size_t at = random_below(r, len), most = len - at;
        const size_t some = 1 + random_below(r, 1 << random_below(r, 21)), size = some < most ? some : most;

        switch (random_below(r, 4)) {
        case 0:
            memset(data + at, 0, size);
            break;
        case 1:
            fodder_fill(old, offset + at, data + at, size);
            break;
        case 2:
            memmove(data + at, data + random_below(r, len - size + 1), size);
            break;
        default:
            data[at] ^= 4;
        }
    }
}

static void compare_found(const struct found *got, const struct found *want)
{
    assert_memory_equal(&got->report, &want->report, sizeof got->report);
    assert_int_equal(got->count, want->count);
    assert_memory_equal(got->runs, want->runs, got->count * sizeof *got->runs);
}

/* In pieces of any size. */
static void verify_pieces(struct random *r, fodder_pool *pool, const fodder_plan *plan, uint64_t offset,
                          const uint8_t *data, size_t len, struct found *found)
{
    fodder_verifier *verifier = NULL;

    found->count = 0;
    assert_int_equal(fodder_verifier_new(&verifier, plan, offset, len, &FODDER_VERIFY(.run = note, .user = found)), 0);
    for (size_t at = 0; at < len;) {
        const size_t some = 1 + random_below(r, MOST >> random_below(r, 6)), n = some < len - at ? some : len - at;

        assert_int_equal(fodder_pool_verifier_add(pool, verifier, data + at, n), 0);
        at += n;
    }
    assert_int_equal(fodder_pool_verifier_add(pool, verifier, data, MOST), FODDER_ERR_RANGE);
    fodder_verifier_end(verifier, &found->report);
    fodder_verifier_free(verifier);
}

static void a_pool_finds_what_one_thread_finds(void **state)
{
    static uint8_t data[MOST];
    static struct found want, got;
    fodder_plan *const plan = plan_of(spec_text, NULL);
    fodder_plan *const old = plan_of("fodder1:seed=8,generation=3,dedup=2,compress=2,unit=64KiB", NULL);
    struct random r = { 11 };
    size_t wrong = 0;
    (void)state;

    for (int i = 0; i < 120; i++) {
        const fodder_verify_options into_want = FODDER_VERIFY(.run = note, .user = &want);
        const fodder_verify_options into_got = FODDER_VERIFY(.run = note, .user = &got);
        const uint64_t offset = random_below(&r, 1 << 30) & (i % 3 ? ~UINT64_C(511) : UINT64_MAX);
        const size_t len = 1 + random_below(&r, MOST);
        fodder_pool *pool = NULL;

        assert_int_equal(pool_new_on(&pool, &FODDER_POOL(.threads = 1 + (uint32_t)random_below(&r, 6)),
                                     machine_of(1 + random_below(&r, 4))),
                         0);
        fodder_fill(plan, offset, data, len);
        plant(&r, old, offset, data, len);
        want.count = got.count = 0;
        assert_int_equal(fodder_verify(plan, offset, data, len, &into_want, &want.report), 0);
        assert_int_equal(fodder_pool_verify(pool, plan, offset, data, len, &into_got, &got.report), 0);
        compare_found(&got, &want);
        verify_pieces(&r, pool, plan, offset, data, len, &got);
        compare_found(&got, &want);
        wrong += want.report.bad > 0;
        fodder_pool_free(pool);
    }
    assert_true(wrong > 60);
    fodder_plan_free(old);
    fodder_plan_free(plan);
}

static void arguments_that_are_not_valid_are_refused(void **state)
{
    static uint8_t data[1 << 20];
    fodder_plan *const plan = plan_of(spec_text, NULL);
    (void)state;

    assert_int_equal(fodder_pool_verify(NULL, plan, fodder_plan_limit(plan), data, sizeof data, NULL, NULL),
                     FODDER_ERR_RANGE);
    fodder_plan_free(plan);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pool_finds_what_one_thread_finds),
        cmocka_unit_test(arguments_that_are_not_valid_are_refused),
    };

    cmocka_set_test_filter(argc > 1 ? argv[1] : NULL);
    return cmocka_run_group_tests_name("shared", tests, NULL, NULL);
}
