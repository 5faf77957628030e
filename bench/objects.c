/* One object of an S3 server, put in parts: what fodder makes beside a constant byte, by the same client, in turns,
 * for 1 to 8 parts on their way.
 *
 *     objects s3://BUCKET/KEY [MIB [ROUNDS]]
 *
 * Server and credentials come from the environment. Medians and quartiles are told. */
#define _GNU_SOURCE
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fodder/parallel.h>

#include "clock.h"
#include "quartiles.h"
#include "sink/sink.h"
#include "sink/sink_object.h"

enum { PART = 16 << 20, MOST_ROUNDS = 99 };

struct objects {
    struct s3 *s3;
    const char *key;
    uint64_t size;
    fodder_pool *pool;
    fodder_plan *plan;
};

static void check(int r, const struct s3_error *error)
{
    if (r < 0)
        errx(1, "%s", error->text);
}

static struct sink *open_sink(const struct objects *o, struct sink_object *object, unsigned depth)
{
    const struct sink_options options = { .kind = sink_kind_named("s3"),
                                          .fd = -1,
                                          .direct_fd = -1,
                                          .object = object,
                                          .pool = o->pool,
                                          .block = PART,
                                          .depth = depth };
    const char *why;
    struct sink *sink;

    check(s3_upload_new(&object->upload, o->s3, o->key, NULL, o->size, PART, &object->error), &object->error);
    if (sink_new(&sink, &options, &why) < 0)
        errx(1, "%s", why);
    return sink;
}

/* The same byte everywhere, by plain stores: glibc's memset of this length leaves the cache, and then is slower. */
static void set_constant(const void *user, uint64_t at, void *to, size_t len)
{
    uint64_t *const words = to;
    (void)user, (void)at;

    for (size_t i = 0; i < len / sizeof *words; i++) {
        words[i] = 0x7878787878787878;
        __asm__("" ::: "memory");
    }
}

static void make(const void *user, uint64_t at, void *to, size_t len)
{
    fodder_fill(user, at, to, len);
}

/* Seconds. */
static double put(const struct objects *o, unsigned parts, bool made)
{
    struct sink_object object = { .s3 = o->s3, .key = o->key, .make = made ? make : set_constant, .user = o->plan };
    const unsigned depth = parts + 1; /* one of which the caller has */
    struct sink *sink;
    struct sink_block *block;
    uint64_t at = 0;
    double start;

    pthread_mutex_init(&object.lock, NULL);
    sink = open_sink(o, &object, depth);
    start = clock_seconds();
    while (at < o->size && (block = sink_take(sink))) {
        const size_t len = o->size - at < PART ? (size_t)(o->size - at) : PART;

        sink_put(sink, block, at, len);
        at += len;
    }
    if (sink_finish(sink) < 0)
        errx(1, "%s", object.error.text);
    check(s3_upload_complete(object.upload, &object.error), &object.error);
    start = clock_seconds() - start;
    sink_free(sink);
    s3_upload_free(object.upload, &object.error);
    return start;
}

static void compare(const struct objects *o, unsigned parts, unsigned rounds)
{
    double constant[MOST_ROUNDS], made[MOST_ROUNDS], ratios[MOST_ROUNDS];
    const double bytes = (double)o->size;
    struct spread ratio;

    for (unsigned i = 0; i < rounds; i++) {
        constant[i] = put(o, parts, false);
        made[i] = put(o, parts, true);
        ratios[i] = constant[i] / made[i];
    }
    ratio = spread_of(ratios, rounds);
    printf("%u on their way    constant %6.0f MB/s    made %6.0f MB/s    %.3f (%.2f-%.2f)\n", parts,
           bytes / spread_of(constant, rounds).median / 1e6, bytes / spread_of(made, rounds).median / 1e6, ratio.median,
           ratio.low, ratio.high);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static const char scheme[] = "s3://";
    const struct s3_options options = { .attempts = 10, .timeout = 30 };
    const fodder_spec spec = FODDER_SPEC(.seed = 1, .dedup = 2, .compress = 2);
    const unsigned rounds = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 9;
    struct objects o = { .size = (argc > 2 ? strtoull(argv[2], NULL, 10) : 512) << 20 };
    struct s3_error error;
    char *bucket, *slash;

    if (argc < 2 || strncmp(argv[1], scheme, strlen(scheme)) != 0 || rounds == 0 || rounds > MOST_ROUNDS)
        errx(2, "objects s3://BUCKET/KEY [MIB [ROUNDS]]");
    bucket = argv[1] + strlen(scheme);
    slash = strchr(bucket, '/');
    if (!slash)
        errx(2, "name a key");
    *slash = '\0';
    o.key = slash + 1;
    check(s3_new(&o.s3, &options, bucket, &error), &error);
    if (fodder_plan_new(&o.plan, &spec) < 0 || fodder_pool_new(&o.pool, &FODDER_POOL(.threads = 1)) < 0)
        errx(1, "memory");
    put(&o, 2, true);
    for (unsigned parts = 1; parts <= 8; parts *= 2)
        compare(&o, parts, rounds);
    fodder_pool_free(o.pool);
    fodder_plan_free(o.plan);
    s3_free(o.s3);
    return 0;
}
