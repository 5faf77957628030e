/* A process that forks while it has a pool. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pool/inside.h"
#include "support.h"

static const char spec_text[] = "fodder1:seed=5,dedup=2,compress=3,unit=64KiB";

/*
 * ThreadSanitizer cannot follow a process that makes threads after a fork, and AddressSanitizer's allocator leaves its
 * locks as they are at a fork: held for ever where another thread, if only one that starts or ends, had one.
 */
static void require_fork(void)
{
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
    skip();
#endif
}

/* The part of the work that a child process is to do, after a fork that came from anywhere. */
static int child_fills(fodder_pool *pool, const fodder_plan *plan)
{
    enum { LEN = 4 << 20 };
    fodder_buffer *buffer = NULL;
    uint8_t *const want = malloc(LEN);
    int right;

    if (!want || fodder_buffer_new(&buffer, pool, LEN) < 0)
        return 1;
    fodder_fill(plan, 99, want, LEN);
    fodder_pool_fill(pool, plan, 99, fodder_buffer_data(buffer), LEN);
    right = memcmp(fodder_buffer_data(buffer), want, LEN) == 0;
    fodder_buffer_free(buffer);
    fodder_pool_free(pool);
    free(want);
    return right ? 0 : 2;
}

static void check_child(pid_t child)
{
    int status = 0;

    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void a_forked_child_has_the_pool_again(void **state)
{
    fodder_pool *pool;
    fodder_plan *plan;
    (void)state;

    require_fork();
    pool = pool_with(&FODDER_POOL(.threads = 4));
    plan = plan_of(spec_text, NULL);
    for (int i = 0; i < 10; i++) {
        const pid_t child = fork();

        if (child == 0)
            _exit(child_fills(pool, plan));
        check_child(child);
    }
    fodder_pool_free(pool);
    fodder_plan_free(plan);
}

/* The lock is held in the parent when it forks, and in the child by nobody who could let it go. */
static void a_child_may_end_a_pool_that_it_has_not_used(void **state)
{
    fodder_pool *pool;
    pid_t child;
    (void)state;

    require_fork();
    pool = pool_with(&FODDER_POOL(.threads = 3));
    pthread_mutex_lock(&pool->memory_lock);
    child = fork();
    if (child == 0) {
        alarm(20);
        fodder_pool_free(pool);
        _exit(0);
    }
    pthread_mutex_unlock(&pool->memory_lock);
    check_child(child);
    fodder_pool_free(pool);
}

static atomic_bool filling;

static void *fill_until_told(void *argument)
{
    struct caller *const caller = argument;

    while (atomic_load(&filling))
        caller_fills(caller);
    return NULL;
}

static void a_fork_while_other_threads_fill_does_no_harm(void **state)
{
    struct caller caller = { .seed = 1 };
    fodder_pool *pool;
    fodder_plan *plan;
    pthread_t thread;
    (void)state;

    require_fork();
    caller.pool = pool = pool_with(&FODDER_POOL(.threads = 4));
    caller.plan = plan = plan_of(spec_text, NULL);
    atomic_store(&filling, true);
    assert_int_equal(pthread_create(&thread, NULL, fill_until_told, &caller), 0);
    for (int i = 0; i < 20; i++) {
        const pid_t child = fork();

        if (child == 0)
            _exit(child_fills(pool, plan));
        check_child(child);
    }
    atomic_store(&filling, false);
    pthread_join(thread, NULL);
    assert_int_equal(caller.wrong, 0);
    fodder_pool_free(pool);
    fodder_plan_free(plan);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_forked_child_has_the_pool_again),
        cmocka_unit_test(a_child_may_end_a_pool_that_it_has_not_used),
        cmocka_unit_test(a_fork_while_other_threads_fill_does_no_harm),
    };

    cmocka_set_test_filter(argc > 1 ? argv[1] : NULL);
    return cmocka_run_group_tests_name("fork", tests, NULL, NULL);
}
