/* What is read of a machine, and where a pool would run there, on copies of machines: tests/machines. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "machines/expected.h"
#include "machines/unpack.h"
#include "os/pages.h"
#include "support.h"

/* The linker sends the library's calls here (--wrap): number `failing` of them, from 1 on, fails; 0: none. */
static int calls, failing;
void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

void *__wrap_calloc(size_t count, size_t size)
{
    return ++calls == failing ? NULL : __real_calloc(count, size);
}

enum { MACHINES = sizeof machines / sizeof *machines };

/* ---- As text, so that a failure shows both */

enum { TEXT = 1024 };

#define PRINT_ALL(text, count, separator, ...)                                                                         \
    do {                                                                                                               \
        size_t at_ = 0;                                                                                                \
        (text)[0] = '\0';                                                                                              \
        for (size_t i = 0; i < (count); i++) {                                                                         \
            at_ += (size_t)snprintf((text) + at_, TEXT - at_, "%s", i > 0 ? (separator) : "");                         \
            at_ += (size_t)snprintf((text) + at_, TEXT - at_, __VA_ARGS__);                                            \
        }                                                                                                              \
    } while (0)

static void check_cpus(const fodder_topology *t, const struct expected *e)
{
    char text[TEXT];

    PRINT_ALL(text, t->cpu_count, " ", "%u", t->cpus[i].id);
    assert_string_equal(text, e->ids);
    PRINT_ALL(text, t->cpu_count, " ", "%u", t->cpus[i].node);
    assert_string_equal(text, e->nodes_of);
    PRINT_ALL(text, t->cpu_count, " ", "%u", t->cpus[i].core);
    assert_string_equal(text, e->cores);
    PRINT_ALL(text, t->cpu_count, " ", "%u", t->cpus[i].cache);
    assert_string_equal(text, e->caches);
    PRINT_ALL(text, t->cpu_count, " ", "%u", t->cpus[i].usable);
    assert_string_equal(text, e->usable_of);
}

static void check_nodes(const fodder_topology *t, const struct expected *e)
{
    char text[TEXT];

    PRINT_ALL(text, t->node_count, " ", "%u:%u/%u,%u,%llu", t->nodes[i].id, t->nodes[i].cpus, t->nodes[i].usable,
              t->nodes[i].bindable, (unsigned long long)t->nodes[i].memory >> 10);
    assert_string_equal(text, e->nodes);
    PRINT_ALL(text, t->node_count * t->node_count, " ", "%u", t->distances[i]);
    assert_string_equal(text, e->distances);
}

static void is_read_as_it_is(void **state)
{
    const struct expected *const e = *state;
    fodder_topology *const t = machine_read(e->name);

    check_cpus(t, e);
    check_nodes(t, e);
    assert_int_equal(t->usable, e->usable);
    assert_int_equal(t->total, e->total);
    assert_int_equal(t->threads, e->threads);
    assert_true(t->quota == e->quota);
    for (int level = 0; level < 3; level++)
        assert_int_equal(t->cache[level], e->cache_kib[level] << 10);
    assert_int_equal(t->memory, e->memory_kib << 10);
    assert_int_equal(t->page, sysconf(_SC_PAGESIZE));
    assert_int_equal(t->huge_page, e->huge_page);
    assert_int_equal(t->huge_page_free, e->huge_page_free);
    fodder_topology_free(t);
}

/* ---- The plan of a pool there */

/* "4+3 placed"; or the reason of a refusal. */
static void print_layout(char text[TEXT], const fodder_topology *t, fodder_pool_options options)
{
    uint32_t of_node[16], sum = 0;
    int placed = -1;
    const char *why = NULL;
    const int threads = fodder_pool_layout(t, &options, of_node, &placed, &why);

    assert_non_null(why);
    assert_int_equal(fodder_pool_layout(t, &options, NULL, NULL, NULL), threads);
    if (threads < 0) {
        assert_int_equal(threads, -EINVAL);
        snprintf(text, TEXT, "%s", why);
        return;
    }
    for (size_t i = 0; i < t->node_count; i++)
        sum += of_node[i];
    assert_int_equal(sum, threads);
    PRINT_ALL(text, t->node_count, "+", "%u", of_node[i]);
    strcat(text, placed ? " placed" : " by the system");
}

/* All on one node of all. */
static void print_alone(char text[TEXT], const fodder_topology *t, size_t node, uint32_t threads, const char *how)
{
    PRINT_ALL(text, t->node_count, "+", "%u", i == node ? threads : 0);
    strcat(text, how);
}

static void check_layout(const fodder_topology *t, fodder_pool_options options, const char *want)
{
    char text[TEXT];

    print_layout(text, t, options);
    assert_string_equal(text, want);
}

static void check_node_alone(const fodder_topology *t, const struct expected *e, size_t node)
{
    const bool refused = e->on_node[node] == 0;
    char want[TEXT];

    for (size_t i = 0; i < 6; i++) {
        const uint32_t threads = thread_counts[i] > 0 ? thread_counts[i] : e->on_node[node];

        print_alone(want, t, node, threads, " placed");
        check_layout(t, FODDER_POOL(.threads = thread_counts[i], .numa = FODDER_NUMA_NODE, .node = t->nodes[node].id),
                     refused ? "numa: this process may use no CPU of that node" : want);
    }
}

static void has_its_plan(void **state)
{
    const struct expected *const e = *state;
    fodder_topology *const t = machine_read(e->name);
    char all_on_first[TEXT], spread[TEXT];

    for (size_t i = 0; i < 6 && place_built(); i++) {
        const uint32_t threads = thread_counts[i];

        print_alone(all_on_first, t, 0, threads > 0 ? threads : e->threads, " by the system");
        snprintf(spread, sizeof spread, "%s placed", e->spread[i]);
        check_layout(t, FODDER_POOL(.threads = threads), e->one_node ? all_on_first : spread);
        check_layout(t, FODDER_POOL(.threads = threads, .numa = FODDER_NUMA_FORCE), spread);
        check_layout(t, FODDER_POOL(.threads = threads, .numa = FODDER_NUMA_OFF), all_on_first);
    }
    for (size_t node = 0; node < t->node_count && place_built(); node++)
        check_node_alone(t, e, node);
    if (place_built())
        check_layout(t, FODDER_POOL(.numa = FODDER_NUMA_NODE, .node = 3 + (uint32_t)t->node_count),
                     "numa: this machine has no node of that number");
    check_layout(t, FODDER_POOL(.threads = 1025), "threads is a number from 1 to 1024, or 0 for half of the CPUs");
    check_layout(t, FODDER_POOL(.numa = 4), "numa is auto, force, off, or a node's number");
    check_layout(t, FODDER_POOL(.pages = 3), "pages is one of enum fodder_pages");
    fodder_topology_free(t);
}

/* ---- Roots that tell nothing, memory that is not there */

static void a_root_that_does_not_exist_is_an_error(void **state)
{
    fodder_topology other, *t = &other;
    (void)state;

    assert_int_equal(fodder_topology_new(&t, "/tmp/no/such/machine"), -ENOENT);
    assert_ptr_equal(t, &other);
    fodder_topology_free(NULL);
}

static void an_empty_root_is_one_cpu_of_one_node(void **state)
{
    fodder_topology *t = NULL;
    (void)state;

    assert_int_equal(fodder_topology_new(&t, machine_root), 0);
    assert_int_equal(t->cpu_count, 1);
    assert_int_equal(t->node_count, 1);
    assert_int_equal(t->nodes[0].cpus, 1);
    assert_int_equal(t->usable, 1);
    assert_int_equal(t->total, 1);
    assert_int_equal(t->threads, 1);
    fodder_topology_free(t);
}

/* On the machine of cgroup-v2, 8 CPUs. */
static void a_quota_is_rounded_down_to_whole_cpus_and_up_to_one(void **state)
{
    static const struct {
        const char *cpu_max;
        uint32_t total, threads;
    } rows[] = {
        { "1000 100000", 1, 1 },   { "99999 100000", 1, 1 },
        { "199999 100000", 1, 1 }, { "200000 100000", 2, 1 },
        { "150000 50000", 3, 1 },  { "399999 100000", 3, 1 },
        { "400001 100000", 4, 2 }, { "1700000 100000", 4, 2 },
        { "max 100000", 4, 2 },    { "", 4, 2 },
    };
    (void)state;

    fodder_topology_free(machine_read("cgroup-v2"));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fodder_topology *t = NULL;

        machine_write("sys/fs/cgroup/a/cpu.max", rows[i].cpu_max);
        assert_int_equal(fodder_topology_new(&t, machine_root), 0);
        assert_int_equal(t->total, rows[i].total);
        assert_int_equal(t->threads, rows[i].threads);
        fodder_topology_free(t);
    }
}

/* Such as a sandbox that makes up its /sys. */
static void lists_that_make_no_sense_still_leave_a_usable_cpu(void **state)
{
    static const struct {
        const char *online, *allowed, *nodes;
        uint32_t cpus, usable, node_count;
    } rows[] = {
        { "", "0-3", "0", 1, 1, 1 },
        { "3-1", "0", "0", 1, 1, 1 },
        { "none", "", "", 1, 1, 1 },
        { "0-3", "8-9", "0", 4, 1, 1 },
        { "0-3", "", "0-1", 4, 1, 2 },
        { "4294967295", "0", "0", 1, 1, 1 },
        { "0-3", "0-3", "0-9999", 4, 4, 1024 },
        { "0-3", "0-3", "x", 4, 4, 1 },
    };
    (void)state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fodder_topology *t = NULL;
        char status[64];

        snprintf(status, sizeof status, "Cpus_allowed_list:\\t%s", rows[i].allowed);
        machine_write("proc/self/status", status);
        machine_write("sys/devices/system/cpu/online", rows[i].online);
        machine_write("sys/devices/system/node/online", rows[i].nodes);
        assert_int_equal(fodder_topology_new(&t, machine_root), 0);
        assert_int_equal(t->cpu_count, rows[i].cpus);
        assert_int_equal(t->usable, rows[i].usable);
        assert_int_equal(t->node_count, rows[i].node_count);
        assert_int_equal(fodder_pool_layout(t, &FODDER_POOL(.threads = 3), NULL, NULL, NULL), 3);
        if (place_built())
            assert_int_equal(
                fodder_pool_layout(t, &FODDER_POOL(.threads = 3, .numa = FODDER_NUMA_FORCE), NULL, NULL, NULL), 3);
        fodder_topology_free(t);
    }
}

static void each_allocation_that_fails_is_an_error(void **state)
{
    int r, failed = 0;
    (void)state;

    do {
        fodder_topology *got = NULL;

        calls = 0;
        failing = ++failed;
        r = fodder_topology_new(&got, NULL);
        failing = 0;
        assert_true(r == 0 || r == -ENOMEM);
        assert_true((r == 0) == (got != NULL));
        fodder_topology_free(got);
    } while (r < 0);
    assert_int_equal(failed, 5); /* it, the CPUs, the nodes, the distances; the fifth did not come */
}

/* ---- This machine */

/* Of the calling thread. */
static unsigned count_affinity(void)
{
    cpu_set_t *const set = CPU_ALLOC(8192);
    const size_t size = CPU_ALLOC_SIZE(8192);
    int count;

    assert_non_null(set);
    assert_int_equal(sched_getaffinity(0, size, set), 0);
    count = CPU_COUNT_S(size, set);
    CPU_FREE(set);
    return (unsigned)count;
}

static void this_machine_has_the_cpus_that_affinity_and_quota_allow(void **state)
{
    fodder_topology *t = NULL;
    unsigned want = count_affinity();
    (void)state;

    assert_int_equal(fodder_topology_new(&t, NULL), 0);
    assert_int_equal(t->usable, want);
    if (t->quota > 0 && t->quota < want)
        want = t->quota < 1 ? 1 : (unsigned)t->quota;
    assert_int_equal(fodder_total_cpus(), want);
    assert_int_equal(t->total, want);
    assert_int_equal(fodder_default_threads(), want < 2 ? 1 : want / 2);
    assert_int_equal(t->threads, fodder_default_threads());
    assert_true(t->memory > 0 && t->nodes[0].memory > 0);
    fodder_topology_free(t);
}

static void *narrow(void *argument)
{
    unsigned *const totals = argument;
    fodder_topology *t = NULL;
    cpu_set_t one;

    CPU_ZERO(&one);
    CPU_SET((unsigned)sched_getcpu(), &one);
    if (sched_setaffinity(0, sizeof one, &one) == 0 && fodder_topology_new(&t, NULL) == 0) {
        totals[0] = fodder_total_cpus();
        totals[1] = t->usable;
    }
    fodder_topology_free(t);
    return NULL;
}

/* The calling thread's: the others keep their CPUs. */
static void a_thread_bound_to_one_cpu_has_one(void **state)
{
    const unsigned before = fodder_total_cpus();
    unsigned totals[2] = { 0, 0 };
    pthread_t thread;
    (void)state;

    assert_int_equal(pthread_create(&thread, NULL, narrow, totals), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(totals[0], 1);
    assert_int_equal(totals[1], 1);
    assert_int_equal(fodder_total_cpus(), before);
}

static struct CMUnitTest machine_test(size_t machine, const char *sentence, CMUnitTestFunction test)
{
    static char names[2 * MACHINES][64];
    static size_t used;
    char *const name = names[used++];

    snprintf(name, sizeof *names, "%s %s", machines[machine].name, sentence);
    return (struct CMUnitTest) { .name = name,
                                 .test_func = test,
                                 .setup_func = machine_setup,
                                 .teardown_func = machine_teardown,
                                 .initial_state = (void *)(uintptr_t)&machines[machine] };
}

enum { OTHERS = 7 };

int main(int argc, char **argv)
{
    struct CMUnitTest tests[OTHERS + 2 * MACHINES] = {
        cmocka_unit_test(a_root_that_does_not_exist_is_an_error),
        cmocka_unit_test_setup_teardown(an_empty_root_is_one_cpu_of_one_node, machine_setup, machine_teardown),
        cmocka_unit_test_setup_teardown(a_quota_is_rounded_down_to_whole_cpus_and_up_to_one, machine_setup,
                                        machine_teardown),
        cmocka_unit_test_setup_teardown(lists_that_make_no_sense_still_leave_a_usable_cpu, machine_setup,
                                        machine_teardown),
        cmocka_unit_test(each_allocation_that_fails_is_an_error),
        cmocka_unit_test(this_machine_has_the_cpus_that_affinity_and_quota_allow),
        cmocka_unit_test(a_thread_bound_to_one_cpu_has_one),
    };

    if (argc < 2)
        return 2;
    machine_folder = argv[1];
    for (size_t i = 0; i < MACHINES; i++) {
        tests[OTHERS + 2 * i] = machine_test(i, "is read as it is", is_read_as_it_is);
        tests[OTHERS + 2 * i + 1] = machine_test(i, "has its plan for a pool", has_its_plan);
    }
    cmocka_set_test_filter(argc > 2 ? argv[2] : NULL);
    return cmocka_run_group_tests_name("topology", tests, NULL, NULL);
}
