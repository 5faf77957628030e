/*
 * contender: fodder's side of tools/compare, by the public headers only, and memset as the yardstick.
 *
 *     contender                                    answers requests, one a line:
 *         CASE SIZE CHUNK COMPRESS THREADS         "refill 1073741824 0 2 1"
 *         SECONDS BYTES                            "0.039771 1073741824", or "error: ..."
 *     contender write FILE SIZE DEDUP COMPRESS     data to measure the ratios of
 *
 * One process answers all, so that tools/compare can put its slices between those of other processes;
 * tools/contender.py is the same for the Python packages. The first line it prints is a greeting: name, version,
 * kernel.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fodder/fodder.h>

#include "clock.h"
#include "yardstick.h"

/* A duplicate is as large as fio's blocks are there: 64 MiB of data hold only 64 of the default units. */
enum { UNIT = 64 << 10, SEED = 42 };

struct request {
    char name[32];
    size_t size, chunk;
    double compress;
    unsigned threads;
};

/* What lives from one request to the next, as it does in a program that makes data all day. */
struct contender {
    fodder_pool *pool;
    unsigned threads;
    uint64_t keep;
    struct yardstick yardstick;
};

struct timed {
    double seconds;
    uint64_t bytes;
};

static int use_pool(struct contender *c, unsigned threads, uint64_t keep)
{
    fodder_pool *pool;
    int r;

    if (c->pool && c->threads == threads && c->keep == keep)
        return 0;
    r = fodder_pool_new(&pool, &FODDER_POOL(.threads = threads, .keep = keep));
    if (r < 0)
        return r;
    fodder_pool_free(c->pool);
    c->pool = pool;
    c->threads = threads;
    c->keep = keep;
    return 0;
}

/* One call: memory, and the data in it. Giving it back is not timed, for nobody else either. */
static int make(struct contender *c, const fodder_plan *plan, size_t size, double *seconds, bool *reused)
{
    fodder_buffer *buffer;
    const double start = clock_seconds();
    const int r = fodder_buffer_new(&buffer, c->pool, size);

    if (r < 0)
        return r;
    fodder_pool_fill(c->pool, plan, 0, fodder_buffer_data(buffer), size);
    *seconds = clock_seconds() - start;
    *reused = fodder_buffer_memory(buffer).reused;
    fodder_buffer_free(buffer);
    return 0;
}

/* The first call of a process: no freed buffer is at hand. */
static int run_first(struct contender *c, const fodder_plan *plan, const struct request *q, struct timed *timed)
{
    const int r = use_pool(c, q->threads, FODDER_KEEP_NONE);
    bool reused;

    timed->bytes = q->size;
    return r < 0 ? r : make(c, plan, q->size, &timed->seconds, &reused);
}

/* Any later call: the one before has freed its buffer. */
static int run_later(struct contender *c, const fodder_plan *plan, const struct request *q, struct timed *timed)
{
    int r = use_pool(c, q->threads, 0);
    bool reused = false;

    timed->bytes = q->size;
    /* Again where it was this pool's first; no more than that, since a machine short of memory keeps nothing at all. */
    for (int i = 0; i < 2 && r == 0 && !reused; i++)
        r = make(c, plan, q->size, &timed->seconds, &reused);
    return r;
}

static int run_refill(struct contender *c, const fodder_plan *plan, const struct request *q, struct timed *timed)
{
    fodder_buffer *buffer = NULL;
    int r = use_pool(c, q->threads, 0);
    double start;

    if (r == 0)
        r = fodder_buffer_new(&buffer, c->pool, q->size);
    if (r < 0)
        return r;
    memset(fodder_buffer_data(buffer), YARDSTICK_VALUE, q->size);
    start = clock_seconds();
    fodder_pool_fill(c->pool, plan, 0, fodder_buffer_data(buffer), q->size);
    *timed = (struct timed) { .seconds = clock_seconds() - start, .bytes = q->size };
    fodder_buffer_free(buffer);
    return 0;
}

static int run_stream(struct contender *c, const fodder_plan *plan, const struct request *q, struct timed *timed)
{
    fodder_stream *stream = NULL;
    fodder_buffer *buffer = NULL;
    int64_t n;
    double start;
    int r = use_pool(c, q->threads, 0);

    if (r == 0)
        r = fodder_buffer_new(&buffer, c->pool, q->chunk);
    if (r == 0)
        r = fodder_stream_new(&stream, plan, c->pool, q->size);
    if (r < 0)
        goto finish;
    memset(fodder_buffer_data(buffer), YARDSTICK_VALUE, q->chunk);
    timed->bytes = 0;
    start = clock_seconds();
    while ((n = fodder_stream_read(stream, fodder_buffer_data(buffer), q->chunk)) > 0)
        timed->bytes += (uint64_t)n;
    timed->seconds = clock_seconds() - start;
finish:
    fodder_stream_free(stream);
    fodder_buffer_free(buffer);
    return r;
}

static int run_memset(struct contender *c, const fodder_plan *plan, const struct request *q, struct timed *timed)
{
    const size_t chunk = q->chunk ? q->chunk : q->size, repeats = q->size / chunk;

    (void)plan;
    timed->seconds = yardstick_memset(&c->yardstick, chunk, repeats, q->threads);
    timed->bytes = repeats * chunk;
    return timed->seconds > 0 ? 0 : -ENOMEM;
}

static int run_fresh(struct contender *c, const fodder_plan *plan, const struct request *q, struct timed *timed)
{
    (void)c, (void)plan;
    timed->seconds = yardstick_fresh(q->size, q->threads, true);
    timed->bytes = q->size;
    return timed->seconds > 0 ? 0 : -ENOMEM;
}

static int run_fresh_small(struct contender *c, const fodder_plan *plan, const struct request *q, struct timed *timed)
{
    (void)c, (void)plan;
    timed->seconds = yardstick_fresh(q->size, q->threads, false);
    timed->bytes = q->size;
    return timed->seconds > 0 ? 0 : -ENOMEM;
}

static const struct {
    const char *name;
    int (*run)(struct contender *c, const fodder_plan *plan, const struct request *q, struct timed *timed);
} cases[] = {
    { "first", run_first },
    { "later", run_later },
    { "refill", run_refill },
    { "stream", run_stream },
    { "memset", run_memset },
    { "memset-fresh", run_fresh },
    { "memset-fresh-small", run_fresh_small },
};

static bool parse(const char *line, struct request *q)
{
    const int n = sscanf(line, "%31s %zu %zu %lf %u", q->name, &q->size, &q->chunk, &q->compress, &q->threads);

    if (n != 5 || q->size == 0 || q->chunk > q->size || q->threads == 0 || q->threads > YARDSTICK_THREADS)
        return false;
    return q->chunk > 0 || strcmp(q->name, "stream") != 0;
}

/* 0, a code of fodder_strerror(), or -ENOSYS for an unknown case. */
static int answer(struct contender *c, const struct request *q, struct timed *timed)
{
    fodder_plan *plan;
    int r = fodder_plan_new(&plan, &FODDER_SPEC(.seed = SEED, .compress = q->compress));

    if (r < 0)
        return r;
    r = -ENOSYS;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (strcmp(cases[i].name, q->name) == 0)
            r = cases[i].run(c, plan, q, timed);
    }
    fodder_plan_free(plan);
    return r;
}

static void greet(void)
{
    fodder_plan *plan = NULL;

    fodder_plan_new(&plan, NULL);
    printf("fodder %s %s\n", fodder_version(), plan ? fodder_plan_kernel(plan) : "-");
    fodder_plan_free(plan);
}

static int serve(void)
{
    struct contender c = { .pool = NULL };
    char line[256];

    setvbuf(stdout, NULL, _IOLBF, 0);
    greet();
    while (fgets(line, sizeof line, stdin)) {
        struct request q;
        struct timed timed;
        const int r = parse(line, &q) ? answer(&c, &q, &timed) : -EINVAL;

        if (r < 0)
            printf("error: %s\n", fodder_strerror(r));
        else
            printf("%.9f %" PRIu64 "\n", timed.seconds, timed.bytes);
    }
    fodder_pool_free(c.pool);
    yardstick_free(&c.yardstick);
    return 0;
}

static int write_file(const char *path, const char *size, const char *dedup, const char *compress)
{
    const fodder_spec spec = FODDER_SPEC(.seed = SEED, .unit = UNIT, .dedup = atof(dedup), .compress = atof(compress));
    const size_t len = strtoull(size, NULL, 10);
    fodder_plan *plan = NULL;
    char *const data = malloc(len);
    FILE *const file = fopen(path, "we");
    bool good = data && file && fodder_plan_new(&plan, &spec) == 0;

    if (good) {
        fodder_fill(plan, 0, data, len);
        good = fwrite(data, 1, len, file) == len;
    }
    good = file && fclose(file) == 0 && good;
    if (!good)
        fprintf(stderr, "contender: %s, %s bytes, dedup %s, compress %s: failed\n", path, size, dedup, compress);
    fodder_plan_free(plan);
    free(data);
    return good ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc == 1)
        return serve();
    if (argc == 6 && strcmp(argv[1], "write") == 0)
        return write_file(argv[2], argv[3], argv[4], argv[5]);
    fputs("usage: contender, or contender write FILE SIZE DEDUP COMPRESS\n", stderr);
    return 2;
}
