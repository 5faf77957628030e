/*
 * The keystream in one of several orders, on standard output: what tools/qualify gives to PractRand. docs/randomness.md
 * says why these orders.
 *
 *     orders                  lists them
 *     orders ORDER [BYTES]    writes one, without end or BYTES of it
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <fodder/fodder.h>

enum { KIB = 1 << 10, MIB = 1 << 20, SEED = 1, GENERATIONS = 1 << 20 };

/* What a write takes, and a whole number of pieces of every order. */
enum { CHUNK = MIB, ALIGNMENT = 64 };

/* An order is a row of equal pieces, each of which its function makes from the piece's number. */
struct order {
    const char *name, *what;
    uint64_t unit;
    uint64_t from, step; /* piece k lies at from + k * step */
    size_t piece;
    size_t plans; /* of generations 0, 1, 2, ... */
    void (*make)(const struct order *order, fodder_plan *const *plans, uint64_t k, uint8_t *dst);
};

static fodder_plan *new_plan(const fodder_spec *spec)
{
    fodder_plan *plan;
    const int r = fodder_plan_new(&plan, spec);

    if (r < 0) {
        fprintf(stderr, "orders: %s\n", fodder_strerror(r));
        exit(1);
    }
    return plan;
}

static void make_steps(const struct order *order, fodder_plan *const *plans, uint64_t k, uint8_t *dst)
{
    fodder_fill(plans[0], order->from + k * order->step, dst, order->piece);
}

/* Neighbours in the stream are neighbouring versions of the same block; when all 2^20 are through, the next unit's. */
static void make_generations(const struct order *order, fodder_plan *const *plans, uint64_t k, uint8_t *dst)
{
    fodder_fill(plans[k % GENERATIONS], k / GENERATIONS * order->step, dst, order->piece);
}

static void make_start(const struct order *order, const fodder_spec *spec, uint8_t *dst)
{
    fodder_plan *const plan = new_plan(spec);

    fodder_fill(plan, 0, dst, order->piece);
    fodder_plan_free(plan);
}

static void make_seeds(const struct order *order, fodder_plan *const *plans, uint64_t k, uint8_t *dst)
{
    (void)plans;
    make_start(order, &FODDER_SPEC(.seed = k, .unit = order->unit), dst);
}

static void make_series(const struct order *order, fodder_plan *const *plans, uint64_t k, uint8_t *dst)
{
    (void)plans;
    make_start(order, &FODDER_SPEC(.seed = SEED, .series = k, .unit = order->unit), dst);
}

static const struct order orders[] = {
    { .name = "in-order-1MiB",
      .what = "the data set from its beginning, units of 1 MiB",
      .unit = MIB,
      .step = CHUNK,
      .piece = CHUNK,
      .plans = 1,
      .make = make_steps },
    { .name = "in-order-4KiB",
      .what = "the same, units of 4 KiB: few blocks of a unit, many units",
      .unit = 4 * KIB,
      .step = CHUNK,
      .piece = CHUNK,
      .plans = 1,
      .make = make_steps },
    { .name = "in-order-64MiB",
      .what = "the same, units of 64 MiB: many blocks of a unit, few units",
      .unit = 64 * MIB,
      .step = CHUNK,
      .piece = CHUNK,
      .plans = 1,
      .make = make_steps },
    { .name = "unit-starts",
      .what = "the first 16 bytes of every unit",
      .unit = MIB,
      .step = MIB,
      .piece = 16,
      .plans = 1,
      .make = make_steps },
    { .name = "sectors",
      .what = "sector 1000 of every unit",
      .unit = MIB,
      .from = 1000 * 512,
      .step = MIB,
      .piece = 512,
      .plans = 1,
      .make = make_steps },
    { .name = "generations",
      .what = "the first 16 bytes of unit 0 of every generation, then of unit 1, ...",
      .unit = MIB,
      .step = MIB,
      .piece = 16,
      .plans = GENERATIONS,
      .make = make_generations },
    { .name = "seeds",
      .what = "the first 64 bytes of seed 0, 1, 2, ...",
      .unit = MIB,
      .piece = 64,
      .make = make_seeds },
    { .name = "series",
      .what = "the first 64 bytes of series 0, 1, 2, ...",
      .unit = MIB,
      .piece = 64,
      .make = make_series },
};

enum { ORDERS = sizeof orders / sizeof *orders };

static fodder_plan **new_plans(const struct order *order)
{
    fodder_plan **const plans = calloc(order->plans + 1, sizeof *plans);

    for (size_t g = 0; plans && g < order->plans; g++)
        plans[g] = new_plan(&FODDER_SPEC(.seed = SEED, .generation = g, .unit = order->unit));
    return plans;
}

/* 0 or a negative errno. */
static int write_all(const uint8_t *data, size_t len)
{
    while (len > 0) {
        const ssize_t n = write(STDOUT_FILENO, data, len);

        if (n < 0 && errno != EINTR)
            return -errno;
        data += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return 0;
}

static int write_order(const struct order *order, fodder_plan *const *plans, uint8_t *chunk, uint64_t bytes)
{
    uint64_t k = 0;
    int r = 0;

    while (bytes > 0 && r == 0) {
        const size_t len = bytes < CHUNK ? (size_t)bytes : CHUNK;

        for (uint8_t *dst = chunk; dst < chunk + CHUNK; dst += order->piece)
            order->make(order, plans, k++, dst);
        r = write_all(chunk, len);
        bytes -= len;
    }
    return r;
}

static int run(const struct order *order, uint64_t bytes)
{
    fodder_plan **const plans = new_plans(order);
    uint8_t *const chunk = aligned_alloc(ALIGNMENT, CHUNK);
    const int r = plans && chunk ? write_order(order, plans, chunk, bytes) : -ENOMEM;

    for (size_t g = 0; plans && g < order->plans; g++)
        fodder_plan_free(plans[g]);
    free(plans);
    free(chunk);
    return r;
}

static const struct order *order_named(const char *name)
{
    for (size_t i = 0; i < ORDERS; i++) {
        if (strcmp(orders[i].name, name) == 0)
            return &orders[i];
    }
    return NULL;
}

static int list(void)
{
    for (size_t i = 0; i < ORDERS; i++)
        printf("%-16s%s\n", orders[i].name, orders[i].what);
    return 0;
}

int main(int argc, char **argv)
{
    const struct order *const order = argc > 1 ? order_named(argv[1]) : NULL;
    uint64_t bytes = UINT64_MAX;
    int r;

    if (argc < 2)
        return list();
    if (!order || argc > 3 || (argc == 3 && fodder_size_parse(&bytes, argv[2]) < 0)) {
        fprintf(stderr, "usage: orders ORDER [BYTES]; orders alone lists them\n");
        return 2;
    }
    /* The reader has enough when it goes: that is the usual end. */
    signal(SIGPIPE, SIG_IGN);
    r = run(order, bytes);
    if (r < 0 && r != -EPIPE) {
        fprintf(stderr, "orders: %s\n", fodder_strerror(r));
        return 1;
    }
    return 0;
}
