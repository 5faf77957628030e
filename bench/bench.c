/*
 * fill and verify against memset, one thread: what each case reaches of memset on the same buffer.
 *
 * The clock of a shared machine moves by half within seconds, so a case is never timed by itself: a round is the slices
 * plain fill, memset, case, memset, a few milliseconds each, and a figure is the median over the rounds of the ratio
 * between neighbours. bench/README.md says how to read it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "result.h"
#include "slice.h"

enum { MAX_ROUNDS = 101, HUGE_PAGE = 2 << 20 };

static const struct size {
    const char *name;
    size_t bytes;
    unsigned rounds;
} sizes[] = {
    { "32 KiB", 32 << 10, 101 },
    { "256 KiB", 256 << 10, 101 },
    { "8 MiB", 8 << 20, 101 },
    { "1 GiB", 1 << 30, 5 },
};

enum { SIZES = sizeof sizes / sizeof *sizes };

/* Parts of the names of what is to be timed; NULL for all. */
struct wish {
    const char *kernel, *size, *name;
    const char *json; /* where the results go as well */
};

static bool is_wished(const char *part, const char *name)
{
    return !part || strstr(name, part);
}

static fodder_plan *plan_on(const fodder_spec *spec, const char *kernel)
{
    fodder_plan *plan;
    const int r = fodder_plan_new_on(&plan, spec, kernel);

    if (r < 0) {
        fprintf(stderr, "bench: %s: %s\n", kernel, fodder_strerror(r));
        exit(1);
    }
    return plan;
}

/* Times are worth something only if the bytes are right: the case on both kernels, up to 1 MiB and a bit. */
static void check_case(const char *kernel, const struct bench_case *c, uint8_t *buffer)
{
    enum { LEN = (1 << 20) + 1000, OFFSET = 777 };
    fodder_plan *const plan = plan_on(&c->spec, kernel), *const scalar = plan_on(&c->spec, "scalar");
    fodder_report report;

    fodder_fill(scalar, OFFSET, buffer, LEN);
    fodder_fill(plan, OFFSET, buffer + LEN + c->off, LEN);
    fodder_verify(plan, OFFSET, buffer, LEN, NULL, &report);
    fodder_plan_free(plan);
    fodder_plan_free(scalar);
    if (memcmp(buffer, buffer + LEN + c->off, LEN) == 0 && report.bad == 0)
        return;
    fprintf(stderr, "bench: %s makes other bytes than scalar: %s\n", kernel, c->name);
    exit(1);
}

static struct result run_case(const char *kernel, const struct size *size, unsigned rounds, const struct bench_case *c,
                              uint8_t *buffer)
{
    double rate[MAX_ROUNDS], cycles[MAX_ROUNDS], to_memset[MAX_ROUNDS], to_fill[MAX_ROUNDS];
    fodder_plan *const base = plan_on(&bench_cases[0].spec, kernel), *const plan = plan_on(&c->spec, kernel);

    for (unsigned i = 0; i < rounds; i++) {
        const double fill = slice_run(&bench_cases[0], base, buffer, size->bytes).rate;
        const double before = slice_run(&bench_memset, NULL, buffer, size->bytes).rate;
        const struct slice it = slice_run(c, plan, buffer, size->bytes);
        const double after = slice_run(&bench_memset, NULL, buffer, size->bytes).rate;

        rate[i] = it.rate;
        cycles[i] = it.cycles;
        to_memset[i] = 2 * it.rate / (before + after);
        to_fill[i] = it.rate / fill;
    }
    fodder_plan_free(base);
    fodder_plan_free(plan);
    return (struct result) { .kernel = kernel,
                             .size = size->name,
                             .name = c->name,
                             .rate = spread_of(rate, rounds),
                             .cycles = spread_of(cycles, rounds),
                             .to_memset = spread_of(to_memset, rounds),
                             .to_fill = spread_of(to_fill, rounds) };
}

/* How many cases it timed. scalar has a quarter of the rounds, and no large buffers: it is slow, and the same at every
 * size. */
static unsigned run_kernel(const char *kernel, const struct wish *wish, uint8_t *buffer, struct json *all)
{
    const bool slow = strcmp(kernel, "scalar") == 0;
    unsigned count = 0;

    for (size_t s = 0; s < (slow ? 2 : SIZES); s++) {
        for (const struct bench_case *c = bench_cases; c->name; c++) {
            struct result result;

            if (!is_wished(wish->size, sizes[s].name) || !is_wished(wish->name, c->name))
                continue;
            check_case(kernel, c, buffer);
            result = run_case(kernel, &sizes[s], sizes[s].rounds / (slow ? 4 : 1), c, buffer);
            result_print(&result);
            result_put(all, &result);
            count++;
        }
    }
    return count;
}

static bool run(const struct wish *wish, uint8_t *buffer, struct json *all)
{
    unsigned count = 0;

    result_head();
    for (size_t i = 0; fodder_kernel_name(i); i++) {
        const char *const kernel = fodder_kernel_name(i);

        if (fodder_kernel_check(kernel) == 0 && is_wished(wish->kernel, kernel))
            count += run_kernel(kernel, wish, buffer, all);
    }
    if (count == 0)
        fputs("bench: no case here has all these parts in its names\n", stderr);
    return count > 0;
}

static int write_json(const char *path, const struct json *all)
{
    FILE *const file = fopen(path, "we");
    bool good = file && json_write(all, file);

    good = file && fclose(file) == 0 && good;
    if (!good)
        fprintf(stderr, "bench: %s: %s\n", path, strerror(errno));
    return good ? 0 : 1;
}

static int usage(void)
{
    fputs("usage: bench [-k KERNEL] [-s SIZE] [-c CASE] [-j FILE]\n"
          "Times the cases whose names contain the given parts, all of them without: bench -k vaes -s 256 -c verify.\n"
          "-j also writes the results as JSON, for bench/compare.\n",
          stderr);
    return 2;
}

/* The largest that is wished for, and room for cases that start further on, and for check_case(). */
static size_t buffer_size(const struct wish *wish)
{
    size_t most = 0;

    for (size_t s = 0; s < SIZES; s++)
        most = is_wished(wish->size, sizes[s].name) && sizes[s].bytes > most ? sizes[s].bytes : most;
    return (most + 3 * HUGE_PAGE) & ~(size_t)(HUGE_PAGE - 1);
}

static void parse(int argc, char **argv, struct wish *wish)
{
    int option;

    while ((option = getopt(argc, argv, "k:s:c:j:")) != -1) {
        if (option == 'k')
            wish->kernel = optarg;
        else if (option == 's')
            wish->size = optarg;
        else if (option == 'c')
            wish->name = optarg;
        else if (option == 'j')
            wish->json = optarg;
        else
            exit(usage());
    }
    if (optind < argc)
        exit(usage());
    if (wish->json && !json_built()) {
        fputs("bench: this build has no JSON; install libjansson-dev, and build again\n", stderr);
        exit(2);
    }
}

int main(int argc, char **argv)
{
    struct wish wish = { .kernel = NULL };
    struct json *all = NULL;
    uint8_t *buffer;
    size_t size;
    int r;

    parse(argc, argv, &wish);
    size = buffer_size(&wish);
    buffer = aligned_alloc(HUGE_PAGE, size);
    if (!buffer) {
        fprintf(stderr, "bench: no memory for %zu bytes\n", size);
        return 1;
    }
    madvise(buffer, size, MADV_HUGEPAGE);
    memset(buffer, 1, size);
    if (wish.json)
        all = results_new();
    r = run(&wish, buffer, all) ? 0 : 2;
    if (wish.json && r == 0)
        r = write_json(wish.json, all);
    json_free(all);
    free(buffer);
    return r;
}
