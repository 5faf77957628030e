/* The engine of fodder measure: files in pieces of any size, by any number of threads, against the same counted
 * directly. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "measure/engine.h"
#include "measured.h"
#include "support.h"

enum { KIB = 1 << 10, MIB = 1 << 20, MEMORY = 64 * MIB };

/* ---- Memory that fails */

/* The linker sends the library's allocations here (--wrap): number `failing` of them, from 1 on, fails; 0: none. */
static unsigned failing, allocations;

void *__real_calloc(size_t count, size_t size);
void *__real_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size);

void *__wrap_calloc(size_t count, size_t size)
{
    return ++allocations == failing ? NULL : __real_calloc(count, size);
}

void *__wrap_malloc(size_t size)
{
    return ++allocations == failing ? NULL : __real_malloc(size);
}

/* ---- The sample */

static void one_segment_of_each_group_is_in_the_sample(void **state)
{
    enum { COUNT = 1 << 14 };
    (void)state;

    for (unsigned halvings = 0; halvings <= 12; halvings++) {
        const uint64_t group = UINT64_C(1) << halvings;

        for (uint64_t first = 0; first < COUNT; first += group) {
            unsigned chosen = 0;

            for (uint64_t i = first; i < first + group; i++)
                chosen += measure_sample_level(i) >= halvings;
            assert_int_equal(chosen, 1);
        }
    }
}

/* Data with a period of 16 segments must not meet the same place of it every time. */
static void a_sample_has_no_period(void **state)
{
    unsigned at[16] = { 0 };
    (void)state;

    for (uint64_t i = 0; i < 16 * 1600; i++)
        at[i % 16] += measure_sample_level(i) >= 4;
    for (unsigned i = 0; i < 16; i++) /* 100 each; 6 standard deviations */
        assert_in_range(at[i], 40, 160);
}

/* ---- Files */

struct file {
    const uint8_t *data;
    size_t len;
};

struct files {
    uint8_t *data;
    struct file all[700];
    size_t count;
};

static void add_file(struct files *files, size_t at, size_t len)
{
    files->all[files->count++] = (struct file) { files->data + at, len };
}

/* Some of it compresses, some not, some is zeros; lengths on and beside the bounds of segments and batches; more small
 * files than a batch has segments. */
static struct files files_new(void)
{
    const size_t len = 20 * MIB;
    struct random random = { 5 };
    struct files files = { .data = malloc(len) };

    assert_non_null(files.data);
    for (size_t at = 0; at < len; at += 64 * KIB) {
        fodder_plan *const plan = plan_of("fodder1:seed=1,compress=3", NULL);

        fodder_fill(plan, random_below(&random, 40) * 64 * KIB, files.data + at, 64 * KIB);
        fodder_plan_free(plan);
        if (random_below(&random, 8) == 0)
            memset(files.data + at, 0, 64 * KIB);
    }
    add_file(&files, 0, 16 * MIB);
    add_file(&files, 3, 5 * MIB + 1);
    add_file(&files, 7, 1 * MIB);
    add_file(&files, 0, 0);
    add_file(&files, 9, 1 * MIB + 1);
    add_file(&files, 11, 1 * MIB - 1);
    add_file(&files, 0, 0);
    for (unsigned i = 0; i < 600; i++)
        add_file(&files, random_below(&random, 19 * MIB), random_below(&random, 6 * KIB));
    add_file(&files, 4 * MIB, 2 * MIB);
    return files;
}

static struct measure_account *account_new(void)
{
    struct measure_account *account;

    assert_int_equal(measure_account_new(&account, MEMORY), 0);
    return account;
}

static int feed(struct measure_engine *engine, const struct files *files)
{
    struct random random = { 3 };
    int r = 0;

    for (size_t i = 0; i < files->count && r == 0; i++) {
        size_t at = 0, room;

        size_t n;

        do { /* as a reader does, who learns of the end by reading nothing */
            void *const place = measure_engine_room(engine, &room);
            const size_t left = files->all[i].len - at;

            if (!place)
                return measure_engine_put(engine, 0);
            assert_in_range(room, 1, 16 * MIB);
            n = 1 + random_below(&random, 3 * MIB);
            n = n < room ? n : room;
            n = n < left ? n : left;
            memcpy(place, files->all[i].data + at, n);
            at += n;
            r = measure_engine_put(engine, n);
        } while (n > 0 && r == 0);
        if (r == 0)
            r = measure_engine_cut(engine);
    }
    return r < 0 ? r : measure_engine_flush(engine);
}

/* ---- The same, counted directly */

static void check_counts(const struct measure_account *account, const struct files *files)
{
    struct measure_blocks *blocks;
    struct measure_chunks *chunks;
    struct measure_set_result got, want;

    assert_int_equal(measure_blocks_new(&blocks, MEMORY), 0);
    assert_int_equal(measure_chunks_new(&chunks, MEMORY), 0);
    for (size_t i = 0; i < files->count; i++) {
        assert_int_equal(measure_blocks_add(blocks, files->all[i].data, files->all[i].len), 0);
        assert_int_equal(measure_blocks_cut(blocks), 0);
        assert_int_equal(measure_chunks_add(chunks, files->all[i].data, files->all[i].len), 0);
        assert_int_equal(measure_chunks_cut(chunks), 0);
    }
    for (unsigned level = 0; level < MEASURE_BLOCK_LEVELS; level++) {
        measure_blocks_result(blocks, level, &want);
        measure_blocks_result(account->blocks, level, &got);
        assert_same_result(&got, &want);
        assert_same_distances(&got, &want);
    }
    for (unsigned size = 0; size < MEASURE_CHUNK_SIZES; size++) {
        measure_chunks_result(chunks, size, &want);
        measure_chunks_result(account->chunks, size, &got);
        assert_same_result(&got, &want);
        assert_same_distances(&got, &want);
    }
    measure_blocks_free(blocks);
    measure_chunks_free(chunks);
}

/* Adds what is stored of a file. */
static void squeeze_slowly(const struct file *file, unsigned codec, unsigned kind, struct measure_scratch *scratch,
                           struct measure_squeezed_result *want)
{
    const size_t chunk = measure_chunk_bytes[kind];

    for (size_t at = 0; at < file->len; at += chunk) {
        const size_t n = file->len - at < chunk ? file->len - at : chunk;
        uint64_t stored = 0;

        assert_int_equal(measure_stored(&measure_codecs[codec], file->data + at, n, chunk, scratch, &stored), 0);
        want->chunks++;
        want->raw_chunks += stored == n;
        want->bytes += n;
        want->stored += stored;
        for (unsigned share = 0; share < MEASURE_SHARES; share++)
            want->histogram[share] += stored * 20 > n * share && stored * 20 <= n * (share + 1);
    }
}

static void check_codec(const struct measure_account *account, const struct files *files, unsigned codec, unsigned kind)
{
    struct measure_squeezed_result got, want = { 0 };
    struct measure_scratch *scratch;

    assert_int_equal(measure_scratch_new(&scratch, MIB), 0);
    for (size_t i = 0; i < files->count; i++)
        squeeze_slowly(&files->all[i], codec, kind, scratch, &want);
    measure_scratch_free(scratch);
    measure_squeezed_result(account->squeezed, 0, codec, kind, &got);
    assert_int_equal(got.chunks, want.chunks);
    assert_int_equal(got.raw_chunks, want.raw_chunks);
    assert_int_equal(got.bytes, want.bytes);
    assert_int_equal(got.stored, want.stored);
    assert_true(got.relative_error == 0);
    for (unsigned i = 0; i < MEASURE_SHARES; i++)
        assert_int_equal(got.histogram[i], want.histogram[i]);
}

static void check_threads(unsigned threads)
{
    struct files files = files_new();
    struct measure_account *const accounts[] = { account_new(), account_new() };
    fodder_pool *const pool = pool_with(&FODDER_POOL(.threads = threads));
    struct measure_engine *engine;

    assert_int_equal(measure_engine_new(&engine, &(struct measure_options) { pool, 0, UINT64_MAX, 1 }), 0);
    measure_engine_count(engine, accounts, 2);
    assert_int_equal(feed(engine, &files), 0);
    for (unsigned a = 0; a < 2; a++)
        check_counts(accounts[a], &files);
    for (unsigned kind = 0; kind < MEASURE_CHUNK_KINDS; kind++) {
        check_codec(accounts[0], &files, MEASURE_LZ4, kind);
        check_codec(accounts[1], &files, MEASURE_ZSTD_1, kind);
    }
    measure_engine_free(engine);
    fodder_pool_free(pool);
    measure_account_free(accounts[0]);
    measure_account_free(accounts[1]);
    free(files.data);
}

static void files_in_pieces_count_as_they_do_whole(void **state)
{
    (void)state;
    check_threads(1);
    check_threads(3);
}

/* ---- What is new, and what is left of a sample */

static struct measure_account *account_of(const struct files *files, const struct measure_options *options,
                                          unsigned *halvings)
{
    struct measure_account *const account = account_new();
    struct measure_engine *engine;

    assert_int_equal(measure_engine_new(&engine, options), 0);
    measure_engine_count(engine, &account, 1);
    assert_int_equal(feed(engine, files), 0);
    *halvings = measure_engine_halvings(engine);
    measure_engine_free(engine);
    return account;
}

/* Of data that come twice, half of the chunks are new: the first ones, which compress otherwise than their codes say
 * if the wrong half is taken. */
static void chunks_that_came_before_are_not_compressed_again(void **state)
{
    struct files files = { .data = calloc(6, MIB) };
    fodder_plan *const plan = plan_of("fodder1:seed=1,compress=4", NULL);
    struct measure_squeezed_result result;
    struct measure_account *account;
    unsigned halvings;
    (void)state;

    assert_non_null(files.data);
    fodder_fill(plan, 0, files.data, 2 * MIB);
    fodder_plan_free(plan);
    add_file(&files, 0, 6 * MIB); /* 2 MiB of data, and 4 of zeros, of which one chunk is new */
    add_file(&files, 0, 2 * MIB);
    account = account_of(&files, &(struct measure_options) { .sample = UINT64_MAX, .sector = 1 }, &halvings);
    assert_int_equal(halvings, 0);
    measure_squeezed_result(account->squeezed, 0, MEASURE_LZ4, 1, &result);
    assert_int_equal(result.chunks, 8 * 32);
    assert_int_equal(result.unique_chunks, 2 * 32 + 1);
    assert_true(result.unique_ratio > 3.9 && result.unique_ratio < 4.1);
    assert_true(result.ratio > 7);
    measure_account_free(account);
    free(files.data);
}

static void check_sample(const struct files *files, uint64_t expected)
{
    struct measure_account *account;
    uint64_t left;
    unsigned halvings;

    account = account_of(files, &(struct measure_options) { .expected = expected, .sample = 8 * MIB, .sector = 1 },
                         &halvings);
    left = measure_squeezed_bytes(account->squeezed, halvings);
    assert_in_range(halvings, 1, 6);
    assert_in_range(left, MIB, 8 * MIB);
    measure_account_free(account);
}

static void a_sample_keeps_its_size_whether_the_data_s_is_known_or_not(void **state)
{
    struct files files = files_new();
    uint64_t all = 0;
    (void)state;

    for (size_t i = 0; i < files.count; i++)
        all += files.all[i].len;
    check_sample(&files, all);
    check_sample(&files, 0);
    free(files.data);
}

static void segments_are_numbered_through_all_batches(void **state)
{
    struct files files = { .data = calloc(40, MIB) };
    struct measure_account *account;
    unsigned halvings;
    (void)state;

    assert_non_null(files.data);
    add_file(&files, 0, 40 * MIB);
    account = account_of(&files, &(struct measure_options) { .expected = 40 * MIB, .sample = 20 * MIB, .sector = 1 },
                         &halvings);
    assert_int_equal(halvings, 1);
    for (unsigned h = halvings; h < 8; h++) {
        uint64_t chosen = 0;

        for (unsigned i = 0; i < 40; i++)
            chosen += measure_sample_level(i) >= h;
        assert_int_equal(measure_squeezed_bytes(account->squeezed, h), chosen * MIB);
    }
    measure_account_free(account);
    free(files.data);
}

static void sectors_round_up_what_codecs_leave(void **state)
{
    struct files files = { .data = calloc(1, MIB) };
    struct measure_squeezed_result result;
    struct measure_account *account;
    unsigned halvings;
    (void)state;

    assert_non_null(files.data);
    add_file(&files, 0, MIB);
    account = account_of(&files, &(struct measure_options) { .sample = UINT64_MAX, .sector = 512 }, &halvings);
    measure_squeezed_result(account->squeezed, 0, MEASURE_ZSTD_1, 0, &result);
    assert_int_equal(result.stored, 256 * 512);
    measure_account_free(account);
    free(files.data);
}

static int measure_once(const struct files *files)
{
    struct measure_account *account = NULL;
    struct measure_engine *engine = NULL;
    int r = measure_account_new(&account, MEMORY);

    if (r == 0)
        r = measure_engine_new(&engine, &(struct measure_options) { .sample = UINT64_MAX, .sector = 1 });
    if (r == 0) {
        measure_engine_count(engine, &account, 1);
        r = feed(engine, files);
    }
    measure_engine_free(engine);
    measure_account_free(account);
    return r;
}

static void no_memory_is_an_error(void **state)
{
    struct files files = { .data = calloc(1, MIB) };
    int r = -ENOMEM;
    unsigned failed = 0;
    (void)state;

    assert_non_null(files.data);
    add_file(&files, 0, MIB);
    add_file(&files, 0, 100);
    assert_int_equal(measure_once(&files), 0); /* the default pool is there from now on */
    for (failing = 1; r < 0 && failing < 1000; failing++) {
        allocations = 0;
        r = measure_once(&files);
        assert_true(r == 0 || r == -ENOMEM);
        failed += r < 0;
    }
    failing = 0;
    assert_int_equal(r, 0);
    assert_true(failed > 20);
    fodder_shutdown();
    free(files.data);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_segment_of_each_group_is_in_the_sample),
        cmocka_unit_test(a_sample_has_no_period),
        cmocka_unit_test(files_in_pieces_count_as_they_do_whole),
        cmocka_unit_test(chunks_that_came_before_are_not_compressed_again),
        cmocka_unit_test(a_sample_keeps_its_size_whether_the_data_s_is_known_or_not),
        cmocka_unit_test(segments_are_numbered_through_all_batches),
        cmocka_unit_test(sectors_round_up_what_codecs_leave),
        cmocka_unit_test(no_memory_is_an_error),
    };

    cmocka_set_test_filter(argc > 1 ? argv[1] : NULL);
    return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
