/* fodder bench: how fast is this machine, and what limits it? */
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "figures.h"
#include "json.h"
#include "machine.h"
#include "pool_args.h"
#include "spec_args.h"
#include "text.h"

struct bench {
    struct spec_args data;
    struct pool_args pool;
    bool json;
};

static const struct option_row rows[] = {
    { .name = "json", .place = offsetof(struct bench, json), .check = options_check_json, .help = "tell it as JSON" },
    { 0 },
};

static const struct option_group groups[] = {
    { "The data", spec_rows_cli, offsetof(struct bench, data) },
    { "The threads, the most of them", pool_rows_all, offsetof(struct bench, pool) },
    { "The result", rows, 0 },
    { 0 },
};

static double most_of(const struct figure_pair *pairs, size_t count)
{
    double most = 0;

    for (size_t i = 0; i < count; i++)
        most = pairs[i].fill > most ? pairs[i].fill : most;
    return most;
}

/* The fewest threads that are as fast as all of them, to within 5 %. */
static unsigned enough(const struct figures *f)
{
    const double most = most_of(f->memory, f->count);
    size_t i = 0;

    while (f->memory[i].fill < 0.95 * most)
        i++;
    return f->memory[i].threads;
}

static void limit_text(char *text, size_t size, const struct figures *f, const fodder_topology *t)
{
    const struct figure_pair *const all = &f->memory[f->count - 1];

    if (enough(f) < f->most)
        snprintf(text, size, "memory: %u of %u threads are enough to fill it as fast as it is written", enough(f),
                 f->most);
    else if (t->quota > 0 && f->most >= t->total)
        snprintf(text, size, "the CPU quota of %.4g: %u threads write as fast as they are allowed to", t->quota,
                 f->most);
    else if (all->fill >= 0.9 * all->memset)
        snprintf(text, size, "the cores' way to memory: memset is no faster with as many threads");
    else
        snprintf(text, size, "the cores: more of them would make more");
}

static void print_bars(const char *title, const struct figure_pair *pairs, size_t count)
{
    enum { WIDTH = 40 };
    const double most = most_of(pairs, count);

    printf("\n%s\n", title);
    for (size_t i = 0; i < count; i++) {
        const int width = (int)(pairs[i].fill / most * WIDTH + 0.5);

        printf("%5u thread%s %.*s%*s %s", pairs[i].threads, pairs[i].threads == 1 ? " " : "s", width,
               "########################################", WIDTH - width, "", text_rate(pairs[i].fill).text);
        if (pairs[i].memset > 0)
            printf(", %.2f of memset", pairs[i].fill / pairs[i].memset);
        printf("\n");
    }
}

static void print_figures(const struct figures *f, const fodder_topology *t, const char *kernel, const char *cpu)
{
    char text[128];

    printf("%s, kernel %s\n", cpu, kernel);
    snprintf(text, sizeof text, "In the cache, %s for each thread:", text_size((double)f->cache_bytes).text);
    print_bars(text, f->cache, f->count);
    snprintf(text, sizeof text, "In memory, %s:", text_size((double)f->memory_bytes).text);
    print_bars(text, f->memory, f->count);
    printf("\nA new buffer of %s by %u thread%s: %s (memset by one: %s); from memory that was freed: %s\n",
           text_size((double)f->memory_bytes).text, f->one_shot.threads, f->one_shot.threads == 1 ? "" : "s",
           text_rate(f->one_shot.fill).text, text_rate(f->one_shot.memset).text, text_rate(f->again.fill).text);
    printf("Streamed in chunks of");
    for (size_t i = 0; i < FIGURE_STREAMS; i++)
        printf("%s %s: %s", i > 0 ? "," : "", text_size((double)figure_chunks[i]).text, text_rate(f->stream[i]).text);
    limit_text(text, sizeof text, f, t);
    printf("\nThe limit is %s.\n", text);
}

static void put_pair(struct json *object, const struct figure_pair *pair)
{
    json_whole(object, "threads", pair->threads);
    json_number(object, "fill", pair->fill);
    json_number(object, "memset", pair->memset);
}

static void put_pairs(struct json *object, const char *key, const struct figure_pair *pairs, size_t count)
{
    json_list(object, key);
    for (size_t i = 0; i < count; i++) {
        struct json *const pair = json_new();

        put_pair(pair, &pairs[i]);
        json_append(object, key, pair);
    }
}

static void put_one(struct json *object, const char *key, const struct figure_pair *pair)
{
    struct json *const one = json_new();

    put_pair(one, pair);
    json_child(object, key, one);
}

static enum exit_code tell_json(const struct figures *f, const fodder_topology *t, const char *kernel, const char *cpu)
{
    struct json *const object = json_new();
    enum exit_code code = EXIT_FINE;
    char text[128];

    json_text(object, "fodder", fodder_version());
    json_text(object, "cpu", cpu);
    json_text(object, "kernel", kernel);
    json_whole(object, "cpus", t->total);
    json_whole(object, "nodes", t->node_count);
    json_text(object, "unit", "bytes per second");
    put_pairs(object, "in_cache", f->cache, f->count);
    put_pairs(object, "in_memory", f->memory, f->count);
    put_one(object, "new_buffer", &f->one_shot);
    put_one(object, "freed_buffer", &f->again);
    json_list(object, "streams");
    for (size_t i = 0; i < FIGURE_STREAMS; i++) {
        struct json *const stream = json_new();

        json_whole(stream, "chunk", figure_chunks[i]);
        json_number(stream, "fill", f->stream[i]);
        json_append(object, "streams", stream);
    }
    limit_text(text, sizeof text, f, t);
    json_text(object, "limit", text);
    if (!json_write(object, stdout))
        code = fail(EXIT_FAILED, "--json: %s", strerror(errno));
    json_free(object);
    return code;
}

static enum exit_code measure(const struct bench *b, const fodder_plan *plan, const fodder_topology *t)
{
    const fodder_pool_options options = pool_args_options(&b->pool, false);
    struct figures figures;
    char cpu[128];
    int r;

    if (pool_args_check(&b->pool, t) != EXIT_FINE)
        return EXIT_USAGE;
    r = figures_measure(&figures, plan, &options, t, pool_args_threads(&b->pool, 1));
    if (r < 0)
        return fail(EXIT_FAILED, "%s", fodder_strerror(r));
    machine_cpu_model(cpu, sizeof cpu, NULL);
    if (b->json)
        return tell_json(&figures, t, fodder_plan_kernel(plan), cpu);
    print_figures(&figures, t, fodder_plan_kernel(plan), cpu);
    return EXIT_FINE;
}

static enum exit_code run(int argc, char **argv)
{
    struct bench b = { .data.spec = FODDER_SPEC(.seed = 0) };
    fodder_topology *topology = NULL;
    fodder_plan *plan = NULL;
    enum exit_code code;
    int count, help, r;

    if (options_parse(&command_bench, argc, argv, &b, NULL, 0, &count, &help) != EXIT_FINE)
        return EXIT_USAGE;
    if (help) {
        options_help(&command_bench);
        return EXIT_FINE;
    }
    code = spec_args_finish(&b.data, true);
    if (code != EXIT_FINE)
        return code;
    r = fodder_topology_new(&topology, NULL);
    if (r == 0)
        r = fodder_plan_new(&plan, &b.data.spec);
    code = r < 0 ? fail(EXIT_FAILED, "%s", fodder_strerror(r)) : measure(&b, plan, topology);
    fodder_plan_free(plan);
    fodder_topology_free(topology);
    return code;
}

const struct command command_bench = {
    .name = "bench",
    .arguments = "[OPTION]...",
    .summary = "Tells in seconds how fast this machine makes data, beside memset, and what limits it.",
    .groups = groups,
    .more = "The figures are of this moment: a shared machine gives others a minute later.\n"
            "Exit status: 0 fine, 1 failed, 2 wrong usage.\n",
    .run = run,
};
