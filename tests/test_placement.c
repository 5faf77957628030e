/* Where threads and memory really lie. To be run in a guest of tools/numa-run: FODDER_GUEST names its topology,
 * FODDER_LIMIT what the process may use of it. Elsewhere it checks what any machine promises. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support.h"

enum { MIB = 1 << 20, LEN = 48 * MIB };

static const char *guest(void)
{
    const char *const name = getenv("FODDER_GUEST");

    return name ? name : "";
}

static const char *limit(void)
{
    const char *const name = getenv("FODDER_LIMIT");

    return name ? name : "none";
}

/* What each guest is: its nodes, those whose CPUs and those whose memory can be used, and how many CPUs may be. */
static const struct expected {
    const char *guest, *limit;
    size_t nodes, with_cpus;
    uint32_t total;
    int placed;
} rows[] = {
    { "1", "none", 1, 1, 2, 0 },   { "2", "none", 2, 2, 4, 1 },   { "4", "none", 4, 4, 8, 1 },
    { "2+1", "none", 3, 2, 4, 1 }, { "2m1", "none", 2, 2, 4, 1 }, { "2", "cpuset", 2, 1, 2, 0 },
    { "2", "mems", 2, 2, 2, 1 },   { "2", "quota", 2, 2, 1, 1 },
};

static const struct expected *expected(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(rows[i].guest, guest()) == 0 && strcmp(rows[i].limit, limit()) == 0)
            return &rows[i];
    }
    return NULL;
}

static void the_machine_is_read_as_it_is(void **state)
{
    const struct expected *const want = expected();
    fodder_topology *t = NULL;
    size_t with_cpus = 0;
    int placed = -1;
    (void)state;

    if (!want)
        skip();
    assert_int_equal(fodder_topology_new(&t, NULL), 0);
    for (size_t i = 0; i < t->node_count; i++)
        with_cpus += t->nodes[i].usable > 0;
    assert_int_equal(t->node_count, want->nodes);
    assert_int_equal(with_cpus, want->with_cpus);
    assert_int_equal(t->total, want->total);
    assert_int_equal(fodder_total_cpus(), want->total);
    assert_true(fodder_pool_layout(t, NULL, NULL, &placed, NULL) > 0);
    assert_int_equal(placed, want->placed);
    fodder_topology_free(t);
}

/* The node of the page at p, by the kernel's word. */
static int node_of(void *p)
{
    void *pages[1] = { (void *)((uintptr_t)p & ~(uintptr_t)4095) };
    int node = -1;

    assert_int_equal(syscall(SYS_move_pages, 0, 1UL, pages, NULL, &node, 0), 0);
    return node;
}

/* The node on which the memory of a part is to lie: its own, or the nearest that may have some. */
static uint32_t memory_node(const fodder_topology *t, uint32_t id)
{
    size_t own = 0, best;

    while (t->nodes[own].id != id)
        own++;
    best = own;
    for (size_t i = 0; i < t->node_count && !t->nodes[own].bindable; i++) {
        if (t->nodes[i].bindable &&
            (best == own || t->distances[own * t->node_count + i] < t->distances[own * t->node_count + best]))
            best = i;
    }
    return t->nodes[best].id;
}

/* Every page of every part lies where it should. */
static void check_pages(const fodder_topology *t, const fodder_buffer *buffer)
{
    uint8_t *const data = fodder_buffer_data(buffer);
    size_t begin, end;
    uint32_t node;

    for (uint32_t part = 0; fodder_buffer_part(buffer, part, &begin, &end, &node) == 0; part++) {
        const int want = (int)memory_node(t, node);

        for (size_t at = begin; at < end; at += 4096) {
            const int found = node_of(data + at);

            if (found != want)
                fail_msg("page at %zu MiB of part %u [%zu, %zu) of node %u lies on node %d, not %d", at >> 20, part,
                         begin, end, node, found, want);
        }
    }
}

static void check_filled(const fodder_plan *plan, const fodder_buffer *buffer, uint64_t offset)
{
    fodder_report report;

    assert_int_equal(fodder_verify(plan, offset, fodder_buffer_data(buffer), fodder_buffer_len(buffer), NULL, &report),
                     0);
    assert_int_equal(report.bad, 0);
}

/* Filled, filled again, and filled in pieces: no page moves, and none is written wrong. */
static void check_pool(const fodder_topology *t, const fodder_pool_options *options)
{
    fodder_plan *const plan = plan_of("fodder1:seed=5,dedup=2,unit=64KiB", NULL);
    fodder_pool *pool = NULL;
    fodder_buffer *buffer = NULL;

    assert_int_equal(fodder_pool_new(&pool, options), 0);
    for (int again = 0; again < 2; again++) {
        assert_int_equal(fodder_buffer_new(&buffer, pool, LEN), 0);
        assert_int_equal(fodder_buffer_memory(buffer).reused, again);
        for (uint64_t offset = 0; offset < 2; offset++) {
            fodder_pool_fill(pool, plan, offset, fodder_buffer_data(buffer), LEN);
            check_filled(plan, buffer, offset);
            check_pages(t, buffer);
        }
        fodder_buffer_free(buffer);
    }
    fodder_pool_free(pool);
    fodder_plan_free(plan);
}

static void each_page_lies_on_the_node_of_the_threads_that_fill_it(void **state)
{
    fodder_topology *t = NULL;
    (void)state;

    assert_int_equal(fodder_topology_new(&t, NULL), 0);
    check_pool(t, &FODDER_POOL(.numa = FODDER_NUMA_FORCE));
    check_pool(t, &FODDER_POOL(.threads = 3, .numa = FODDER_NUMA_FORCE));
    check_pool(t, &FODDER_POOL(.threads = 8, .numa = FODDER_NUMA_FORCE, .pages = FODDER_PAGES_SMALL));
    for (size_t i = 0; i < t->node_count; i++) {
        if (t->nodes[i].usable > 0)
            check_pool(t, &FODDER_POOL(.numa = FODDER_NUMA_NODE, .node = t->nodes[i].id));
    }
    fodder_topology_free(t);
}

static void note(void *user, const char *sentence)
{
    *(int *)user += strstr(sentence, "refuses to place memory") != NULL;
}

/* From here on mbind() fails in this process, as it does in containers. */
static int refuse_mbind(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mbind, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { .len = sizeof code / sizeof *code, .filter = code };

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return -1;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}

static void fill_where_mbind_is_refused(void)
{
    fodder_plan *const plan = plan_of("fodder1:seed=5", NULL);
    fodder_topology *t = NULL;
    fodder_pool *pool = NULL;
    fodder_buffer *buffer = NULL;
    int told = 0;

    assert_int_equal(fodder_topology_new(&t, NULL), 0);
    assert_int_equal(fodder_pool_new(&pool, &FODDER_POOL(.numa = FODDER_NUMA_FORCE, .decision = note, .user = &told)),
                     0);
    assert_int_equal(fodder_buffer_new(&buffer, pool, LEN), 0);
    assert_int_equal(told, 1);
    assert_int_equal(fodder_buffer_memory(buffer).placed, FODDER_PLACED_FIRST_TOUCH);
    fodder_pool_fill(pool, plan, 0, fodder_buffer_data(buffer), LEN);
    check_filled(plan, buffer, 0);
    check_pages(t, buffer);
}

/* In a process of its own: what is refused once stays refused. */
static void where_mbind_is_refused_the_first_touch_places_pages(void **state)
{
    int status = 0;
    const pid_t child = fork();
    (void)state;

    if (child == 0) {
        if (refuse_mbind() != 0)
            _exit(77);
        fill_where_mbind_is_refused();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_machine_is_read_as_it_is),
        cmocka_unit_test(each_page_lies_on_the_node_of_the_threads_that_fill_it),
        cmocka_unit_test(where_mbind_is_refused_the_first_touch_places_pages),
    };

    if (guest()[0] != '\0' && !expected()) {
        fprintf(stderr, "test_placement: no expectation for guest %s, limit %s\n", guest(), limit());
        return 2;
    }
    cmocka_set_test_filter(argc > 1 ? argv[1] : NULL);
    return cmocka_run_group_tests_name("placement", tests, NULL, NULL);
}
