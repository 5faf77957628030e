/* Pools: the same bytes by any number of threads, callers and nodes. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include "pool/pool.h"
#include "support.h"

enum { MIB = 1 << 20 };

/* The linker sends the library's calls here (--wrap): number `failing` of them, from 1 on, fails; 0: none. */
static atomic_int calls, failing;
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *argument);

void *__real_mmap64(void *address, size_t len, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap64(void *address, size_t len, int protection, int flags, int fd, off_t offset);

static int fails(void)
{
    return atomic_fetch_add(&calls, 1) + 1 == atomic_load(&failing);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_mmap64(void *address, size_t len, int protection, int flags, int fd, off_t offset)
{
    if (fails()) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    return __real_mmap64(address, len, protection, flags, fd, offset);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *argument)
{
    return fails() ? EAGAIN : __real_pthread_create(thread, attr, start, argument);
}

static const char spec_text[] = "fodder1:seed=5,dedup=2,compress=3,unit=64KiB";

/* Fills a part of `room` bytes with guards around it, and compares with what one thread makes. */
static void check_fill(fodder_pool *pool, const fodder_plan *plan, uint8_t *room, uint8_t *want, size_t skip,
                       size_t len, uint64_t offset)
{
    memset(room, 0x5a, skip + len + 64);
    memset(want, 0x5a, skip + len + 64);
    fodder_fill(plan, offset, want + skip, len);
    fodder_pool_fill(pool, plan, offset, room + skip, len);
    assert_bytes(room, want, skip + len + 64, spec_text, offset);
}

static void any_number_of_threads_makes_the_same_bytes(void **state)
{
    enum { MOST = 5 * MIB };
    static uint8_t room[MOST + 128], want[MOST + 128];
    fodder_plan *const plan = plan_of(spec_text, NULL);
    struct random r = { 1 };
    (void)state;

    for (uint32_t threads = 1; threads <= 64; threads++) {
        fodder_pool *const pool = pool_with(&FODDER_POOL(.threads = threads));

        assert_int_equal(fodder_pool_threads(pool), threads);
        for (int i = 0; i < 6; i++)
            check_fill(pool, plan, room, want, random_below(&r, 64), random_below(&r, MOST), random_below(&r, 1 << 30));
        check_fill(pool, plan, room, want, 0, 0, 0);
        fodder_pool_free(pool);
    }
    fodder_plan_free(plan);
}

static void any_number_of_nodes_makes_the_same_bytes(void **state)
{
    enum { MOST = 9 * MIB };
    static uint8_t room[MOST + 128], want[MOST + 128];
    fodder_plan *const plan = plan_of(spec_text, NULL);
    struct random r = { 2 };
    (void)state;

    for (size_t nodes = 1; nodes <= 16; nodes++) {
        for (uint32_t threads = 1; threads <= 40; threads += 13) {
            fodder_pool *pool = NULL;

            assert_int_equal(pool_new_on(&pool,
                                         &FODDER_POOL(.threads = threads,
                                                      .numa = place_built() ? FODDER_NUMA_FORCE : FODDER_NUMA_AUTO),
                                         machine_of(nodes)),
                             0);
            for (int i = 0; i < 4; i++)
                check_fill(pool, plan, room, want, random_below(&r, 64), random_below(&r, MOST),
                           random_below(&r, 1 << 30));
            fodder_pool_free(pool);
        }
    }
    fodder_plan_free(plan);
}

static void many_callers_share_a_pool(void **state)
{
    enum { CALLERS = 8 };
    fodder_pool *pools[2] = { pool_with(&FODDER_POOL(.threads = 3)), NULL };
    fodder_plan *const plan = plan_of(spec_text, NULL);
    (void)state;

    assert_int_equal(pool_new_on(&pools[1], &FODDER_POOL(.threads = 5), machine_of(3)), 0);
    for (int p = 0; p < 2; p++) {
        struct caller callers[CALLERS];
        pthread_t threads[CALLERS];

        for (uint64_t i = 0; i < CALLERS; i++) {
            callers[i] = (struct caller) { .pool = pools[p], .plan = plan, .seed = i };
            assert_int_equal(pthread_create(&threads[i], NULL, caller_fills, &callers[i]), 0);
        }
        for (int i = 0; i < CALLERS; i++) {
            pthread_join(threads[i], NULL);
            assert_int_equal(callers[i].wrong, 0);
        }
        fodder_pool_free(pools[p]);
    }
    fodder_plan_free(plan);
}

static void a_pool_ends_idle_or_right_after_work(void **state)
{
    static uint8_t data[2 * MIB];
    fodder_plan *const plan = plan_of(spec_text, NULL);
    (void)state;

    for (uint32_t i = 0; i < 200; i++) {
        fodder_pool *const pool = pool_with(&FODDER_POOL(.threads = 1 + i % 5));

        if (i % 2)
            fodder_pool_fill(pool, plan, 0, data, sizeof data);
        fodder_pool_free(pool);
    }
    fodder_pool_free(NULL);
    fodder_plan_free(plan);
}

/* Whatever fails, nothing is left behind (the sanitizer's build looks for leaks) and the next pool is made. */
static void memory_or_threads_that_fail_are_an_error(void **state)
{
    int r = -1, errors = 0;
    (void)state;

    for (int n = 1; r < 0; n++) {
        fodder_pool *pool = NULL;

        atomic_store(&calls, 0);
        atomic_store(&failing, n);
        r = fodder_pool_new(&pool, &FODDER_POOL(.threads = 4));
        atomic_store(&failing, 0);
        assert_true(r == 0 || r == -ENOMEM || r == -EAGAIN);
        assert_true((pool != NULL) == (r == 0));
        errors += r < 0;
        fodder_pool_free(pool);
    }
    assert_true(errors >= 3 + 3); /* allocations, and the three threads beside the caller */
}

/* Without a default pool at first, so that it is made on the way. */
static void generate_fails_with_an_error_whatever_fails(void **state)
{
    int r = -1, errors = 0;
    (void)state;

    for (int n = 1; r < 0; n++) {
        fodder_buffer *buffer = NULL;

        fodder_shutdown();
        atomic_store(&calls, 0);
        atomic_store(&failing, n);
        r = fodder_generate(&buffer, 3 * MIB, 2, 3);
        atomic_store(&failing, 0);
        assert_true(r == 0 || r == -ENOMEM || r == -EAGAIN);
        assert_true((buffer != NULL) == (r == 0));
        errors += r < 0;
        fodder_buffer_free(buffer);
    }
    assert_true(errors >= 7); /* plan, topology, pool, region, pages, buffer */
    fodder_shutdown();
}

static void a_default_pool_that_cannot_be_made_does_not_stop_a_fill(void **state)
{
    static uint8_t got[2 * MIB], want[2 * MIB];
    fodder_plan *const plan = plan_of(spec_text, NULL);
    (void)state;

    fodder_shutdown();
    atomic_store(&calls, 0);
    atomic_store(&failing, 1);
    fodder_pool_fill(NULL, plan, 7, got, sizeof got);
    atomic_store(&failing, 0);
    fodder_fill(plan, 7, want, sizeof want);
    assert_memory_equal(got, want, sizeof want);
    fodder_pool_fill(NULL, plan, 7, got, sizeof got);
    assert_memory_equal(got, want, sizeof want);
    fodder_shutdown();
    fodder_shutdown();
    fodder_plan_free(plan);
}

static void options_that_are_not_valid_are_refused_by_name(void **state)
{
    static const struct {
        fodder_pool_options options;
        const char *names;
    } rows[] = {
        { { .options_size = 8 }, "options_size" },
        { { .options_size = sizeof(fodder_pool_options), .threads = 1025 }, "threads" },
        { { .options_size = sizeof(fodder_pool_options), .numa = 4 }, "numa" },
        { { .options_size = sizeof(fodder_pool_options), .pages = 3 }, "pages" },
        { { .options_size = sizeof(fodder_pool_options), .numa = FODDER_NUMA_NODE, .node = 99 }, "numa" },
    };
    (void)state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fodder_pool *pool = NULL;
        const char *why = "";

        assert_int_equal(fodder_pool_layout(machine_of(2), &rows[i].options, NULL, NULL, &why), -EINVAL);
        assert_memory_equal(why, rows[i].names, strlen(rows[i].names));
        assert_int_equal(fodder_pool_new(&pool, &rows[i].options), -EINVAL);
        assert_null(pool);
    }
}

static void a_build_without_placing_refuses_to_place(void **state)
{
    const int want = place_built() ? 2 : -EINVAL;
    const char *why = "";
    (void)state;

    assert_int_equal(fodder_pool_layout(machine_of(2), &FODDER_POOL(.numa = FODDER_NUMA_FORCE), NULL, NULL, &why),
                     want);
    if (want < 0)
        assert_non_null(strstr(why, "-Dnuma=disabled"));
}

static void count_sentences(void *user, const char *sentence)
{
    assert_true(strlen(sentence) > 10);
    ++*(int *)user;
}

static void decisions_are_told(void **state)
{
    int told = 0;
    fodder_pool *pool = NULL;
    (void)state;

    assert_int_equal(
        pool_new_on(&pool, &FODDER_POOL(.threads = 4, .decision = count_sentences, .user = &told), machine_of(2)), 0);
    assert_int_equal(told, place_built() ? 3 : 1); /* threads, and each node */
    fodder_pool_free(pool);
}

static void count_unpinned(void *user, const char *sentence)
{
    *(int *)user += strstr(sentence, "refuses to keep threads") != NULL;
}

/* The threads of a machine with CPUs that this one has not: after a fill all have tried, and a buffer tells, once. */
static void threads_that_cannot_be_kept_on_their_node_are_told(void **state)
{
    static uint8_t data[4 * MIB];
    fodder_plan *const plan = plan_of(spec_text, NULL);
    fodder_topology *here = NULL;
    fodder_pool *pool = NULL;
    int told = 0;
    (void)state;

    assert_int_equal(fodder_topology_new(&here, NULL), 0);
    if (!place_built() || here->cpus[here->cpu_count - 1].id >= 30)
        skip();
    assert_int_equal(
        pool_new_on(&pool, &FODDER_POOL(.threads = 16, .decision = count_unpinned, .user = &told), machine_of(16)), 0);
    fodder_pool_fill(pool, plan, 0, data, sizeof data);
    for (int i = 0; i < 2; i++) {
        fodder_buffer *buffer = NULL;

        assert_int_equal(fodder_buffer_new(&buffer, pool, (size_t)(i + 1) * 8 * MIB), 0);
        assert_int_equal(told, 1);
        fodder_buffer_free(buffer);
    }
    fodder_pool_free(pool);
    fodder_topology_free(here);
    fodder_plan_free(plan);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_threads_makes_the_same_bytes),
        cmocka_unit_test(any_number_of_nodes_makes_the_same_bytes),
        cmocka_unit_test(many_callers_share_a_pool),
        cmocka_unit_test(a_pool_ends_idle_or_right_after_work),
        cmocka_unit_test(memory_or_threads_that_fail_are_an_error),
        cmocka_unit_test(generate_fails_with_an_error_whatever_fails),
        cmocka_unit_test(a_default_pool_that_cannot_be_made_does_not_stop_a_fill),
        cmocka_unit_test(options_that_are_not_valid_are_refused_by_name),
        cmocka_unit_test(a_build_without_placing_refuses_to_place),
        cmocka_unit_test(decisions_are_told),
        cmocka_unit_test(threads_that_cannot_be_kept_on_their_node_are_told),
    };

    cmocka_set_test_filter(argc > 1 ? argv[1] : NULL);
    return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
