#define _GNU_SOURCE
#include "support.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

uint64_t random_next(struct random *r)
{
    uint64_t z = r->state += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

uint64_t random_below(struct random *r, uint64_t bound)
{
    return random_next(r) % bound;
}

struct guard guard_new(size_t len, int at_end)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), inner = (len + page - 1) / page * page;
    struct guard g = { .len = len, .map_len = inner + 2 * page };

    g.map = mmap(NULL, g.map_len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(g.map != MAP_FAILED);
    if (inner > 0)
        assert_int_equal(mprotect((uint8_t *)g.map + page, inner, PROT_READ | PROT_WRITE), 0);
    g.data = (uint8_t *)g.map + page + (at_end ? inner - len : 0);
    return g;
}

void guard_free(struct guard *g)
{
    munmap(g->map, g->map_len);
}

static int by_value(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

uint64_t count_different(uint64_t *values, size_t count)
{
    uint64_t different = count > 0;

    qsort(values, count, sizeof *values, by_value);
    for (size_t i = 1; i < count; i++)
        different += values[i] != values[i - 1];
    return different;
}

void random_spec_text(struct random *r, char text[FODDER_SPEC_TEXT])
{
    static const char *const dedups[] = {
        "1", "1.000001", "1.1", "1.333333", "2", "3", "4.5", "17", "1000", "1000000"
    };
    static const char *const compresses[] = { "1", "1", "1", "1.000001", "1.05", "1.1", "1.25", "1.7", "2", "2.3",
                                              "3", "4", "5", "7.7",      "10",   "16",  "22",   "28",  "32" };
    static const char *const units[] = { "4KiB", "8KiB", "64KiB", "1MiB", "64MiB" };

#define PICK(list) list[random_below(r, sizeof list / sizeof *list)]
    snprintf(text, FODDER_SPEC_TEXT,
             "fodder1:seed=%" PRIu64 ",series=%" PRIu64 ",generation=%" PRIu64
             ",dedup=%s,compress=%s,unit=%s,window=%" PRIu64 ",codec=%s",
             random_next(r), random_next(r) >> random_below(r, 64), random_next(r) >> (44 + random_below(r, 20)),
             PICK(dedups), PICK(compresses), PICK(units), UINT64_C(1) << random_below(r, 21),
             fodder_codec_name((uint32_t)random_below(r, 4)));
#undef PICK
}

uint64_t random_offset(struct random *r)
{
    const uint64_t near = random_below(r, 70000);

    switch (random_below(r, 5)) {
    case 0:
        return near;
    case 1:
        return (random_below(r, 1000) << 26) - near; /* before a boundary of every unit; at 0 it wraps */
    case 2:
        return (random_next(r) >> 1 & ~UINT64_C(511)) + random_below(r, 3) - 1;
    case 3:
        return random_next(r) >> random_below(r, 64);
    default:
        return -near;
    }
}

fodder_plan *plan_of(const char *text, const char *kernel)
{
    const char *why = "";
    fodder_spec spec;
    fodder_plan *plan = NULL;
    int r = fodder_spec_parse(&spec, text, &why);

    if (r < 0)
        fail_msg("%s: %s", text, why);
    r = kernel ? fodder_plan_new_on(&plan, &spec, kernel) : fodder_plan_new(&plan, &spec);
    if (r < 0)
        fail_msg("%s on %s: %s", text, kernel, fodder_strerror(r));
    return plan;
}

struct oracle oracle_of(const char *text)
{
    struct oracle_spec spec;
    struct oracle oracle;

    if (oracle_parse(&spec, text) != 0)
        fail_msg("the oracle does not take %s", text);
    oracle_init(&oracle, &spec);
    return oracle;
}

void assert_bytes(const uint8_t *got, const uint8_t *want, size_t len, const char *spec, uint64_t offset)
{
    size_t i = 0;

    if (memcmp(got, want, len) == 0)
        return;
    while (got[i] == want[i])
        i++;
    fail_msg("%s, %zu bytes at %" PRIu64 ": byte %" PRIu64 " is %02x, not %02x", spec, len, offset, offset + i, got[i],
             want[i]);
}

void require_kernel(const char *name)
{
    const char *const required = getenv("FODDER_REQUIRE");

    if (fodder_kernel_check(name) == 0)
        return;
    if (required && strstr(required, name))
        fail_msg("this CPU lacks the %s kernel, which FODDER_REQUIRE wants", name);
    skip();
}

size_t add_per_kernel(struct CMUnitTest *tests, size_t count, const char *sentence, CMUnitTestFunction test)
{
    static char names[64][96];

    for (size_t i = 0; fodder_kernel_name(i); i++, count++) {
        const char *const kernel = fodder_kernel_name(i);

        assert_true(count < sizeof names / sizeof *names);
        snprintf(names[count], sizeof *names, "%s %s", kernel, sentence);
        tests[count] =
            (struct CMUnitTest) { .name = names[count], .test_func = test, .initial_state = (void *)(uintptr_t)kernel };
    }
    return count;
}

const fodder_topology *machine_of(size_t nodes)
{
    static fodder_cpu cpus[32];
    static fodder_node node[16];
    static uint8_t distances[16 * 16];
    static fodder_topology topology;

    for (size_t i = 0; i < nodes; i++) {
        node[i] = (fodder_node) { .id = (uint32_t)i, .cpus = 2, .usable = 2, .bindable = 1, .memory = 1 << 30 };
        for (uint32_t k = 0; k < 2; k++)
            cpus[2 * i + k] = (fodder_cpu) { .id = (uint32_t)(2 * i) + k, .node = (uint32_t)i, .usable = 1 };
    }
    memset(distances, 10, sizeof distances);
    topology = (fodder_topology) { .cpu_count = 2 * nodes,
                                   .cpus = cpus,
                                   .node_count = nodes,
                                   .nodes = node,
                                   .distances = distances,
                                   .usable = (uint32_t)(2 * nodes),
                                   .total = (uint32_t)(2 * nodes),
                                   .threads = (uint32_t)nodes,
                                   .memory = 1 << 30,
                                   .page = 4096,
                                   .huge_page = 2 << 20 };
    return &topology;
}

fodder_pool *pool_with(const fodder_pool_options *options)
{
    fodder_pool *pool = NULL;

    assert_int_equal(fodder_pool_new(&pool, options), 0);
    return pool;
}

void *caller_fills(void *argument)
{
    enum { MOST = 3 << 20 };
    struct caller *const caller = argument;
    uint8_t *const got = malloc(MOST), *const want = malloc(MOST);
    struct random r = { caller->seed };

    for (int i = 0; i < 30; i++) {
        const size_t len = random_below(&r, MOST);
        const uint64_t offset = random_below(&r, 1 << 30);

        fodder_pool_fill(caller->pool, caller->plan, offset, got, len);
        fodder_fill(caller->plan, offset, want, len);
        caller->wrong += memcmp(got, want, len) != 0;
    }
    free(got);
    free(want);
    return NULL;
}
