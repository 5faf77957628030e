/* What is read of a machine, and where a pool would run there, on copies of machines: tests/machines. */
#define _GNU_SOURCE
#include <errno.h>
#include <ftw.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* What a machine's file must be read as. */
struct expected {
    const char *name;
    /* One number for each CPU. */
    const char *ids, *nodes_of, *cores, *caches, *usable_of;
    /* For each node: its id, CPUs, usable ones, bindable, KiB. */
    const char *nodes;
    const char *distances;
    uint32_t usable, total, threads;
    double quota;
    uint64_t cache_kib[3], memory_kib, huge_page, huge_page_free;
    /* The plan of a pool that places threads: how many on each node, by default and for thread_counts[]. */
    const char *spread[6];
    bool one_node;       /* by itself it leaves them to the system, all counted on the first node */
    uint32_t on_node[4]; /* the default number for each node alone; 0: that is refused */
};

static const uint32_t thread_counts[6] = { 0, 1, 2, 3, 7, 64 };

#define EIGHT   "0 1 2 3 4 5 6 7"
#define SIXTEEN EIGHT " 8 9 10 11 12 13 14 15"
#define ALL(n)  n " " n " " n " " n /* four CPUs */
#define ON_ONE                                                                                                         \
    {                                                                                                                  \
        "1", "1", "2", "3", "7", "64"                                                                                  \
    }
#define ON_FIRST "1+0", "2+0", "3+0", "7+0", "64+0"
#define ON_TWO   "1+0", "1+1", "2+1", "4+3", "32+32"
#define ON_FOUR                                                                                                        \
    {                                                                                                                  \
        "2+2+2+2", "1+0+0+0", "1+1+0+0", "1+1+1+0", "2+2+2+1", "16+16+16+16"                                           \
    }

enum { KIB_OF_GIB = 1 << 20, HUGE = 2 << 20 };

/* clang-format off */
static const struct expected machines[] = {
    { "uma-vm", "0 1", "0 0", "0 1", "0 0", "1 1", "0:2/2,1,10971340", "10",
      2, 2, 1, 0, { 32, 1024, 32768 }, 9437184, HUGE, 0,
      ON_ONE, true, { 1 } },
    { "two-sockets", SIXTEEN, ALL("0") " " ALL("1") " " ALL("0") " " ALL("1"), EIGHT " " EIGHT,
      ALL("0") " " ALL("4") " " ALL("0") " " ALL("4"), ALL("1 1 1 1"),
      "0:8/8,1,65701528 1:8/8,1,66026616", "10 21 21 10",
      16, 16, 8, 0, { 48, 2048, 36864 }, 120586240, HUGE, 512,
      { "4+4", ON_TWO }, false, { 4, 4 } },
    { "four-nodes", SIXTEEN, ALL("0") " " ALL("1") " " ALL("2") " " ALL("3"), SIXTEEN,
      ALL("0") " " ALL("4") " " ALL("8") " " ALL("12"), ALL("1 1 1 1"),
      "0:4/4,1,16736256 1:4/4,1,16777216 2:4/4,1,16777216 3:4/4,1,16777216",
      "10 16 32 32 16 10 32 32 32 32 10 16 32 32 16 10",
      16, 16, 8, 0, { 32, 512, 8192 }, 60817408, HUGE, 0,
      ON_FOUR, false, { 2, 2, 2, 2 } },
    { "snc", SIXTEEN, ALL("0") " " ALL("1") " " ALL("2") " " ALL("3"), SIXTEEN,
      ALL("0") " " ALL("0") " " ALL("8") " " ALL("8"), ALL("1 1 1 1"),
      "0:4/4,1,32883212 1:4/4,1,32883344 2:4/4,1,32883476 3:4/4,1,32883608",
      "10 11 21 21 11 10 21 21 21 21 10 11 21 21 11 10",
      16, 16, 8, 0, { 48, 2048, 61440 }, 125829120, HUGE, 0,
      ON_FOUR, false, { 2, 2, 2, 2 } },
    { "cxl", EIGHT, ALL("0") " " ALL("1"), EIGHT, ALL("0") " " ALL("4"), ALL("1 1"),
      "0:4/4,1,33554432 1:4/4,1,33554432 2:0/0,1,134217728", "10 21 24 21 10 24 24 24 10",
      8, 8, 4, 0, { 48, 2048, 30720 }, 190 * KIB_OF_GIB, HUGE, 0,
      { "2+2+0", "1+0+0", "1+1+0", "2+1+0", "4+3+0", "32+32+0" }, false, { 2, 2, 0 } },
    { "memoryless", EIGHT, ALL("0") " " ALL("1"), EIGHT, ALL("0") " " ALL("4"), ALL("1 1"),
      "0:4/4,1,33554432 1:4/4,0,0", "10 21 21 10",
      8, 8, 4, 0, { 32, 1024, 16384 }, 30 * KIB_OF_GIB, HUGE, 0,
      { "2+2", ON_TWO }, false, { 2, 2 } },
    { "offline", "0 1 2 5 8 9", "0 0 0 0 1 1", "0 0 2 5 8 8", "0 0 0 0 8 8", "1 1 1 1 1 1",
      "0:4/4,1,16777216 4:2/2,1,8388608", "10 20 40 10",
      6, 6, 3, 0, { 32, 512, 16384 }, 22 * KIB_OF_GIB, 0, 0,
      { "2+1", "1+0", "1+1", "2+1", "5+2", "43+21" }, false, { 2, 1 } },
    { "cgroup-v2", EIGHT, ALL("0 0"), "0 1 2 3 0 1 2 3", ALL("0 0"), ALL("1 1"), "0:8/8,1,16777216", "10",
      8, 2, 1, 2.5, { 32, 256, 8192 }, 3 * KIB_OF_GIB, HUGE, 0,
      ON_ONE, true, { 1 } },
    { "cgroup-v1", EIGHT, ALL("0 0"), "0 1 2 3 0 1 2 3", ALL("0 0"), ALL("1 1"), "0:8/8,1,16777216", "10",
      8, 1, 1, 1.5, { 32, 256, 8192 }, 3 * KIB_OF_GIB / 2, HUGE, 0,
      ON_ONE, true, { 1 } },
    { "cpuset", SIXTEEN, ALL("0 0") " " ALL("1 1"), SIXTEEN, ALL("0 0") " " ALL("8 8"),
      ALL("0") " " ALL("1") " " ALL("0 0"), "0:8/4,1,33554432 1:8/0,0,33554432", "10 21 21 10",
      4, 4, 2, 0, { 32, 1024, 25344 }, 60 * KIB_OF_GIB, HUGE, 0,
      { "2+0", ON_FIRST }, true, { 2, 0 } },
    { "bound", EIGHT, ALL("0") " " ALL("1"), EIGHT, ALL("0") " " ALL("4"), "0 0 0 1 " ALL("0"),
      "0:4/1,1,16777216 1:4/0,1,16777216", "10 21 21 10",
      1, 1, 1, 0, { 32, 1024, 16384 }, 30 * KIB_OF_GIB, HUGE, 0,
      { "1+0", ON_FIRST }, true, { 1, 0 } },
    { "no-sysfs", "0 1 2 3", ALL("0"), "0 1 2 3", ALL("0"), ALL("1"), "0:4/4,1,8388608", "10",
      4, 4, 2, 0, { 0, 0, 0 }, 7 * KIB_OF_GIB, 0, 0,
      { "2", "1", "2", "3", "7", "64" }, true, { 2 } },
};
/* clang-format on */

enum { MACHINES = sizeof machines / sizeof *machines };

/* ---- A machine's file, unpacked */

static const char *folder; /* tests/machines */
static char root[32];

static void write_file(const char *path, const char *text)
{
    char name[512];
    FILE *file;

    snprintf(name, sizeof name, "%s/%s", root, path);
    for (char *at = name + strlen(root) + 1; (at = strchr(at, '/')); *at++ = '/') {
        *at = '\0';
        assert_true(mkdir(name, 0700) == 0 || errno == EEXIST);
    }
    file = fopen(name, "w");
    assert_non_null(file);
    for (; *text != '\0'; text++) {
        const char after = *text == '\\' ? text[1] : '\0';

        fputc(after == 'n' ? '\n' : after == 't' ? '\t' : *text, file);
        text += after == 'n' || after == 't';
    }
    fputc('\n', file);
    assert_int_equal(fclose(file), 0);
}

static int make_root(void **state)
{
    (void)state;
    strcpy(root, "/tmp/fodder-machine-XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status, (void)kind, (void)place;
    return remove(path);
}

static int remove_root(void **state)
{
    (void)state;
    return nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static fodder_topology *read_machine(const char *machine)
{
    char name[512], *line = NULL;
    size_t size = 0;
    fodder_topology *t = NULL;
    FILE *file;

    snprintf(name, sizeof name, "%s/%s.txt", folder, machine);
    file = fopen(name, "r");
    if (!file)
        fail_msg("%s cannot be read", name);
    while (getline(&line, &size, file) > 0) {
        char *text = line;
        const char *const path = strsep(&text, " \n");

        if (text)
            text[strcspn(text, "\n")] = '\0';
        if (path[0] != '#')
            write_file(path, text ? text : "");
    }
    free(line);
    fclose(file);
    assert_int_equal(fodder_topology_new(&t, root), 0);
    return t;
}

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
    fodder_topology *const t = read_machine(e->name);

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
    fodder_topology *const t = read_machine(e->name);
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

    assert_int_equal(fodder_topology_new(&t, root), 0);
    assert_int_equal(t->cpu_count, 1);
    assert_int_equal(t->node_count, 1);
    assert_int_equal(t->nodes[0].cpus, 1);
    assert_int_equal(t->usable, 1);
    assert_int_equal(t->total, 1);
    assert_int_equal(t->threads, 1);
    fodder_topology_free(t);
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
                                 .setup_func = make_root,
                                 .teardown_func = remove_root,
                                 .initial_state = (void *)(uintptr_t)&machines[machine] };
}

int main(int argc, char **argv)
{
    struct CMUnitTest tests[2 * MACHINES + 5] = {
        cmocka_unit_test(a_root_that_does_not_exist_is_an_error),
        cmocka_unit_test_setup_teardown(an_empty_root_is_one_cpu_of_one_node, make_root, remove_root),
        cmocka_unit_test(each_allocation_that_fails_is_an_error),
        cmocka_unit_test(this_machine_has_the_cpus_that_affinity_and_quota_allow),
        cmocka_unit_test(a_thread_bound_to_one_cpu_has_one),
    };

    if (argc < 2)
        return 2;
    folder = argv[1];
    for (size_t i = 0; i < MACHINES; i++) {
        tests[5 + 2 * i] = machine_test(i, "is read as it is", is_read_as_it_is);
        tests[6 + 2 * i] = machine_test(i, "has its plan for a pool", has_its_plan);
    }
    cmocka_set_test_filter(argc > 2 ? argv[2] : NULL);
    return cmocka_run_group_tests_name("topology", tests, NULL, NULL);
}
