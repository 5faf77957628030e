/* Buffers and streams. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pool/pool.h"
#include "support.h"

enum { MIB = 1 << 20 };

static const char spec_text[] = "fodder1:seed=5,dedup=2,compress=3,unit=64KiB";

static fodder_pool *pool_keeping(uint64_t keep)
{
    fodder_pool *pool = NULL;

    assert_int_equal(fodder_pool_new(&pool, &FODDER_POOL(.threads = 2, .keep = keep)), 0);
    return pool;
}

static fodder_buffer *buffer_of(fodder_pool *pool, size_t len)
{
    fodder_buffer *buffer = NULL;

    assert_int_equal(fodder_buffer_new(&buffer, pool, len), 0);
    assert_int_equal(fodder_buffer_len(buffer), len);
    return buffer;
}

static void buffers_have_any_size_and_lie_on_pages(void **state)
{
    static const size_t sizes[] = { 0, 1, 511, 4096, 4097, MIB, 2 * MIB - 1, 2 * MIB, 2 * MIB + 1, 33 * MIB };
    fodder_pool *const pool = pool_keeping(0);
    (void)state;

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        fodder_buffer *const buffer = buffer_of(pool, sizes[i]);
        const fodder_memory memory = fodder_buffer_memory(buffer);
        uint8_t *const data = fodder_buffer_data(buffer);

        assert_int_equal((uintptr_t)data % 4096, 0);
        assert_true(memory.page >= 4096);
        if (sizes[i] >= memory.page)
            assert_int_equal((uintptr_t)data % memory.page, 0);
        memset(data, 1, sizes[i]);
        fodder_buffer_free(buffer);
    }
    fodder_pool_free(pool);
}

static void count_refusals(void *user, const char *sentence)
{
    *(int *)user += strstr(sentence, "too few explicit huge pages") != NULL;
}

/* Explicit pages are there only where the administrator has reserved some: elsewhere they are refused, and that is
 * told. */
static void pages_are_of_the_kind_asked_for_or_it_is_told(void **state)
{
    fodder_topology *t = NULL;
    (void)state;

    assert_int_equal(fodder_topology_new(&t, NULL), 0);
    for (uint32_t kind = FODDER_PAGES_AUTO; kind <= FODDER_PAGES_SMALL; kind++) {
        fodder_pool *pool = NULL;
        fodder_buffer *buffer;
        fodder_memory memory;
        int refused = 0;

        assert_int_equal(
            fodder_pool_new(&pool, &FODDER_POOL(.pages = kind, .decision = count_refusals, .user = &refused)), 0);
        buffer = buffer_of(pool, 8 * MIB);
        memory = fodder_buffer_memory(buffer);
        assert_int_equal(memory.page, kind == FODDER_PAGES_SMALL || t->huge_page == 0 ? t->page : t->huge_page);
        assert_int_equal(memory.explicit_pages, kind == FODDER_PAGES_EXPLICIT && refused == 0);
        if (kind != FODDER_PAGES_EXPLICIT)
            assert_int_equal(refused, 0);
        if (kind == FODDER_PAGES_EXPLICIT && t->huge_page_free == 0)
            assert_int_equal(refused, 1);
        memset(fodder_buffer_data(buffer), 1, 8 * MIB);
        fodder_buffer_free(buffer);
        fodder_pool_free(pool);
    }
    fodder_topology_free(t);
}

static void a_freed_buffer_is_used_again(void **state)
{
    fodder_pool *const pool = pool_keeping(64 * MIB);
    fodder_buffer *buffer = buffer_of(pool, 8 * MIB);
    void *const data = fodder_buffer_data(buffer);
    (void)state;

    assert_int_equal(fodder_buffer_memory(buffer).reused, 0);
    fodder_buffer_free(buffer);
    buffer = buffer_of(pool, 7 * MIB);
    assert_ptr_equal(fodder_buffer_data(buffer), data);
    assert_int_equal(fodder_buffer_memory(buffer).reused, 1);
    fodder_buffer_free(buffer);
    buffer = buffer_of(pool, 2 * MIB); /* less than half of it: that would waste the rest */
    assert_ptr_not_equal(fodder_buffer_data(buffer), data);
    fodder_buffer_free(buffer);
    fodder_pool_free(pool);
}

static void no_more_is_kept_than_the_limit(void **state)
{
    fodder_pool *const pool = pool_keeping(8 * MIB), *const none = pool_keeping(FODDER_KEEP_NONE);
    fodder_buffer *first = buffer_of(pool, 6 * MIB), *second = buffer_of(pool, 4 * MIB), *third;
    void *const data = fodder_buffer_data(second);
    (void)state;

    fodder_buffer_free(first);
    fodder_buffer_free(second); /* the first, freed longer ago, is given back for it */
    first = buffer_of(pool, 6 * MIB);
    assert_int_equal(fodder_buffer_memory(first).reused, 0);
    second = buffer_of(pool, 4 * MIB);
    assert_ptr_equal(fodder_buffer_data(second), data);
    third = buffer_of(none, 4 * MIB);
    fodder_buffer_free(third);
    third = buffer_of(none, 4 * MIB);
    assert_int_equal(fodder_buffer_memory(third).reused, 0);
    fodder_buffer_free(first);
    fodder_buffer_free(second);
    fodder_buffer_free(third);
    fodder_pool_free(pool);
    fodder_pool_free(none);
}

static void a_buffer_outlives_its_pool(void **state)
{
    fodder_pool *const pool = pool_keeping(0);
    fodder_buffer *const buffer = buffer_of(pool, 3 * MIB);
    (void)state;

    fodder_pool_free(pool);
    memset(fodder_buffer_data(buffer), 7, 3 * MIB);
    fodder_buffer_free(buffer);
    fodder_buffer_free(NULL);
}

static void more_memory_than_there_is_is_an_error(void **state)
{
    fodder_buffer *buffer = NULL;
    (void)state;

    assert_int_equal(fodder_buffer_new(&buffer, NULL, SIZE_MAX), -ENOMEM);
    assert_int_equal(fodder_buffer_new(&buffer, NULL, SIZE_MAX / 2), -ENOMEM);
    assert_int_equal(fodder_buffer_new(&buffer, NULL, (size_t)1 << 60), -ENOMEM);
    assert_null(buffer);
}

static void generate_tells_the_spec_that_makes_its_bytes_again(void **state)
{
    static const size_t sizes[] = { 0, 1, 100, 511, 4096, 65537, 3 * MIB + 5 };
    uint64_t last_seed = 0;
    (void)state;

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        fodder_buffer *buffer = NULL;
        fodder_plan *plan = NULL;
        fodder_report report;
        fodder_spec spec;

        assert_int_equal(fodder_generate(&buffer, sizes[i], 2, 3), 0);
        spec = fodder_buffer_spec(buffer);
        assert_true(spec.dedup == 2 && spec.compress == 3);
        assert_int_not_equal(spec.seed, last_seed);
        last_seed = spec.seed;
        assert_int_equal(fodder_plan_new(&plan, &spec), 0);
        assert_int_equal(fodder_verify(plan, 0, fodder_buffer_data(buffer), sizes[i], NULL, &report), 0);
        assert_int_equal(report.bad, 0);
        assert_int_equal(report.bytes, sizes[i]);
        fodder_plan_free(plan);
        fodder_buffer_free(buffer);
    }
    fodder_shutdown();
}

static void generate_refuses_ratios_out_of_range(void **state)
{
    static const double rows[][2] = { { 0, 1 }, { 1, 0 }, { 0.5, 1 }, { 1, 33 }, { 1e7, 1 }, { -1, 1 } };
    fodder_buffer *buffer = NULL;
    (void)state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(fodder_generate(&buffer, 100, rows[i][0], rows[i][1]), FODDER_ERR_SPEC);
    assert_null(buffer);
}

static void any_chunking_of_a_stream_makes_the_same_bytes(void **state)
{
    enum { SIZE = 9 * MIB + 13 };
    static const size_t chunks[] = { 777, 4096, 65536, MIB, 3 * MIB + 1, SIZE, SIZE + 1 };
    uint8_t *const want = malloc(SIZE), *const got = malloc(SIZE + 1);
    fodder_plan *const plan = plan_of(spec_text, NULL);
    fodder_pool *const pool = pool_keeping(0);
    fodder_stream *stream = NULL;
    (void)state;

    fodder_fill(plan, 0, want, SIZE);
    assert_int_equal(fodder_stream_new(&stream, plan, pool, SIZE), 0);
    assert_int_equal(fodder_stream_size(stream), SIZE);
    for (size_t i = 0; i < sizeof chunks / sizeof *chunks; i++) {
        size_t at = 0;
        int64_t n;

        memset(got, 0, SIZE);
        while ((n = fodder_stream_read(stream, got + at, chunks[i] < SIZE + 1 - at ? chunks[i] : SIZE + 1 - at)) > 0) {
            at += (size_t)n;
            assert_int_equal(fodder_stream_tell(stream), at);
        }
        assert_int_equal(n, 0);
        assert_int_equal(at, SIZE);
        assert_int_equal(fodder_stream_done(stream), 1);
        assert_bytes(got, want, SIZE, spec_text, 0);
        fodder_stream_rewind(stream);
        assert_int_equal(fodder_stream_done(stream), 0);
    }
    fodder_stream_free(stream);
    fodder_pool_free(pool);
    fodder_plan_free(plan);
    free(want);
    free(got);
}

static void a_stream_seeks_and_ends(void **state)
{
    fodder_plan *const plan = plan_of("fodder1:seed=5,compress=3", NULL), *const small =
                                                                              plan_of("fodder1:unit=4KiB", NULL);
    fodder_stream *stream = NULL;
    uint8_t got[100], want[100];
    (void)state;

    assert_int_equal(fodder_stream_new(&stream, small, NULL, (UINT64_C(1) << 56) + 1), FODDER_ERR_RANGE);
    assert_null(stream);
    assert_int_equal(fodder_stream_new(&stream, plan, NULL, UINT64_C(1) << 63), 0);
    assert_int_equal(fodder_stream_seek(stream, (UINT64_C(1) << 63) - 100), 0);
    assert_int_equal(fodder_stream_read(stream, got, sizeof got), 100);
    fodder_fill(plan, (UINT64_C(1) << 63) - 100, want, sizeof want);
    assert_memory_equal(got, want, sizeof want);
    assert_int_equal(fodder_stream_done(stream), 1);
    assert_int_equal(fodder_stream_seek(stream, (UINT64_C(1) << 63) + 1), FODDER_ERR_RANGE);
    assert_int_equal(fodder_stream_tell(stream), UINT64_C(1) << 63);
    fodder_stream_free(stream);
    fodder_stream_free(NULL);
    fodder_plan_free(plan);
    fodder_plan_free(small);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buffers_have_any_size_and_lie_on_pages),
        cmocka_unit_test(pages_are_of_the_kind_asked_for_or_it_is_told),
        cmocka_unit_test(a_freed_buffer_is_used_again),
        cmocka_unit_test(no_more_is_kept_than_the_limit),
        cmocka_unit_test(a_buffer_outlives_its_pool),
        cmocka_unit_test(more_memory_than_there_is_is_an_error),
        cmocka_unit_test(generate_tells_the_spec_that_makes_its_bytes_again),
        cmocka_unit_test(generate_refuses_ratios_out_of_range),
        cmocka_unit_test(any_chunking_of_a_stream_makes_the_same_bytes),
        cmocka_unit_test(a_stream_seeks_and_ends),
    };

    cmocka_set_test_filter(argc > 1 ? argv[1] : NULL);
    return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
