/*
 * fill and verify against memset, one thread: what each case reaches of memset on the same buffer.
 *
 * The clock of a shared machine moves by half within seconds, so a case is never timed by itself: a round is the slices
 * plain fill, memset, case, memset, a few milliseconds each, and a figure is the median over the rounds of the ratio
 * between neighbours. bench/README.md says how to read it.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include <fodder/fodder.h>

enum { MAX_ROUNDS = 201, HUGE_PAGE = 2 << 20 };

#define SPEC(...)                                                                                                      \
    {                                                                                                                  \
        .spec_size = sizeof(fodder_spec), .seed = 1, __VA_ARGS__                                                       \
    }

static const struct shape {
    const char *name;
    enum { FILL, VERIFY, VERIFY_WRONG } work;
    fodder_spec spec;
} shapes[] = {
    { "fill, compress 1", FILL, SPEC(.compress = 1) },
    { "fill, compress 1.25", FILL, SPEC(.compress = 1.25) },
    { "fill, compress 2", FILL, SPEC(.compress = 2) },
    { "fill, compress 4", FILL, SPEC(.compress = 4) },
    { "fill, compress 8", FILL, SPEC(.compress = 8) },
    { "fill, dedup 4", FILL, SPEC(.dedup = 4) },
    { "fill, dedup 4, compress 2", FILL, SPEC(.dedup = 4, .compress = 2) },
    { "verify, compress 1", VERIFY, SPEC(.compress = 1) },
    { "verify, compress 2", VERIFY, SPEC(.compress = 2) },
    { "verify, compress 8", VERIFY, SPEC(.compress = 8) },
    { "verify, all wrong", VERIFY_WRONG, SPEC(.compress = 2, .unit = 64 << 20) },
};

static const struct size {
    const char *name;
    size_t bytes;
    unsigned rounds;
} sizes[] = {
    { "256 KiB", 256 << 10, 101 },
    { "8 MiB", 8 << 20, 101 },
    { "1 GiB", 1 << 30, 5 },
};

enum { SHAPES = sizeof shapes / sizeof *shapes, SIZES = sizeof sizes / sizeof *sizes };

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Compilers may not drop what was written to p. */
static void keep(const void *p)
{
    __asm__ volatile("" : : "r"(p) : "memory");
}

/* What a slice does with the buffer, over and over, each time further on in the data set. */
static void work_once(const struct shape *shape, const fodder_plan *plan, uint64_t offset, uint8_t *buffer, size_t size)
{
    fodder_report report;

    if (!shape)
        memset(buffer, (int)(offset / size) + 1, size);
    else if (shape->work == FILL)
        fodder_fill(plan, offset, buffer, size);
    else
        fodder_verify(plan, 0, buffer, size, NULL, &report);
    keep(buffer);
}

/* The data that are to be verified: those of the plan, or of another seed. */
static void prepare(const struct shape *shape, const fodder_plan *plan, uint8_t *buffer, size_t size)
{
    fodder_plan *other;

    if (!shape || shape->work == FILL)
        return;
    if (shape->work == VERIFY) {
        fodder_fill(plan, 0, buffer, size);
        return;
    }
    if (fodder_plan_new(&other, &FODDER_SPEC(.seed = 2)) < 0)
        abort();
    fodder_fill(other, 0, buffer, size);
    fodder_plan_free(other);
}

/* One slice, of some milliseconds; a shape of NULL is memset. Bytes per second. */
static double slice(const struct shape *shape, const fodder_plan *plan, uint8_t *buffer, size_t size)
{
    const size_t repeats = size < 64 << 20 ? (64 << 20) / size : 1;
    static uint64_t offset;
    double start;

    prepare(shape, plan, buffer, size);
    start = seconds();
    for (size_t i = 0; i < repeats; i++, offset += size)
        work_once(shape, plan, offset & (UINT64_MAX >> 2), buffer, size);
    return (double)(repeats * size) / (seconds() - start);
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

struct spread {
    double low, median, high; /* quartiles */
};

static struct spread spread_of(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare);
    return (struct spread) { values[count / 4], values[count / 2], values[count - 1 - count / 4] };
}

static void run_case(const char *kernel, const struct size *size, const struct shape *shape, const fodder_plan *base,
                     const fodder_plan *plan, uint8_t *buffer)
{
    double rate[MAX_ROUNDS], to_memset[MAX_ROUNDS], to_fill[MAX_ROUNDS];
    struct spread r, m, f;

    for (unsigned i = 0; i < size->rounds; i++) {
        const double fill = slice(&shapes[0], base, buffer, size->bytes);
        const double before = slice(NULL, NULL, buffer, size->bytes);

        rate[i] = slice(shape, plan, buffer, size->bytes);
        to_fill[i] = rate[i] / fill;
        to_memset[i] = 2 * rate[i] / (before + slice(NULL, NULL, buffer, size->bytes));
    }
    r = spread_of(rate, size->rounds);
    m = spread_of(to_memset, size->rounds);
    f = spread_of(to_fill, size->rounds);
    printf("%-8s  %-8s %-26s %6.1f   %5.3f (%.3f-%.3f)   %5.3f (%.3f-%.3f)\n", kernel, size->name, shape->name,
           r.median / 1e9, m.median, m.low, m.high, f.median, f.low, f.high);
    fflush(stdout);
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

static void run_kernel(const char *kernel, uint8_t *buffer, size_t most)
{
    fodder_plan *const base = plan_on(&shapes[0].spec, kernel);

    for (size_t s = 0; s < SIZES && sizes[s].bytes <= most; s++) {
        for (size_t i = 0; i < SHAPES; i++) {
            fodder_plan *const plan = plan_on(&shapes[i].spec, kernel);

            run_case(kernel, &sizes[s], &shapes[i], base, plan, buffer);
            fodder_plan_free(plan);
        }
    }
    fodder_plan_free(base);
}

int main(int argc, char **argv)
{
    const size_t most = sizes[SIZES - 1].bytes;
    uint8_t *const buffer = aligned_alloc(HUGE_PAGE, most);

    if (!buffer) {
        fprintf(stderr, "bench: no memory for %zu bytes\n", most);
        return 1;
    }
    madvise(buffer, most, MADV_HUGEPAGE);
    memset(buffer, 1, most);
    printf("kernel    buffer   case                         GB/s   x memset (quartiles)    x plain fill (quartiles)\n");
    for (size_t i = 0; fodder_kernel_name(i); i++) {
        const char *const kernel = fodder_kernel_name(i);

        if (fodder_kernel_check(kernel) == 0 && (argc < 2 || strcmp(argv[1], kernel) == 0))
            run_kernel(kernel, buffer, strcmp(kernel, "scalar") == 0 ? 256 << 10 : most);
    }
    free(buffer);
    return 0;
}
