#include "pool_args.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_THREADS = 1024 };

static bool parse_number(uint32_t *number, const char *text, uint32_t most)
{
    uint64_t value;

    if (!options_count(&value, text, most))
        return false;
    *number = (uint32_t)value;
    return true;
}

static int set_threads(void *settings, const char *name, const char *value, const char **why)
{
    struct pool_args *const args = settings;
    (void)name;

    *why = "the number of threads is 1 to 1024";
    return parse_number(&args->threads, value, MOST_THREADS) && args->threads > 0 ? 0 : -1;
}

static int set_numa(void *settings, const char *name, const char *value, const char **why)
{
    static const struct {
        const char *name;
        uint32_t mode;
    } modes[] = { { "auto", FODDER_NUMA_AUTO }, { "force", FODDER_NUMA_FORCE }, { "off", FODDER_NUMA_OFF } };
    struct pool_args *const args = settings;
    (void)name;

    *why = "auto, force, off, or the number of a node; fodder info lists them";
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        if (strcmp(value, modes[i].name) == 0) {
            args->numa = modes[i].mode;
            return 0;
        }
    }
    args->numa = FODDER_NUMA_NODE;
    return parse_number(&args->node, value, UINT32_MAX) ? 0 : -1;
}

static const char numa_help[] = "auto (default: place threads and memory on several nodes), force, off, or a node";

/* clang-format off */
const struct option_row pool_rows_half[] = {
    { .name = "threads", .letter = 't', .value = "N", .kind = OPTION_OTHER, .set = set_threads,
      .help = "threads that make data, default half of the CPUs: the others do the I/O" },
    { .name = "numa", .value = "MODE", .words = "auto force off", .kind = OPTION_OTHER, .set = set_numa,
      .help = numa_help },
    { 0 },
};

const struct option_row pool_rows_all[] = {
    { .name = "threads", .letter = 't', .value = "N", .kind = OPTION_OTHER, .set = set_threads,
      .help = "threads that work, default one for each CPU that may be used" },
    { .name = "numa", .value = "MODE", .words = "auto force off", .kind = OPTION_OTHER, .set = set_numa,
      .help = numa_help },
    { 0 },
};

const struct option_row pool_rows_threads[] = {
    { .name = "threads", .letter = 't', .value = "N", .kind = OPTION_OTHER, .set = set_threads,
      .help = "threads that work, default one for each CPU that may be used" },
    { 0 },
};
/* clang-format on */

static void say_decision(void *user, const char *sentence)
{
    (void)user;
    say("%s", sentence);
}

unsigned pool_args_threads(const struct pool_args *args, unsigned least)
{
    const unsigned cpus = fodder_total_cpus(), wanted = cpus > least ? cpus : least;

    if (args->threads > 0)
        return args->threads;
    return wanted < MOST_THREADS ? wanted : MOST_THREADS;
}

fodder_pool_options pool_args_options(const struct pool_args *args, bool verbose)
{
    return FODDER_POOL(.threads = args->threads, .numa = args->numa, .node = args->node,
                       .decision = verbose ? say_decision : NULL);
}

enum exit_code pool_args_check(const struct pool_args *args, const fodder_topology *topology)
{
    static const char option[] = "numa: ";
    const fodder_pool_options options = pool_args_options(args, false);
    const char *why;

    if (fodder_pool_layout(topology, &options, NULL, NULL, &why) >= 0)
        return EXIT_FINE;
    return fail(EXIT_USAGE, "--numa: %s; fodder info lists the nodes",
                strncmp(why, option, strlen(option)) == 0 ? why + strlen(option) : why);
}

/* Why there is no pool with options that are not valid here. */
static enum exit_code explain(const struct pool_args *args)
{
    fodder_topology *topology;
    const int r = fodder_topology_new(&topology, NULL);
    enum exit_code code;

    if (r < 0)
        return fail(EXIT_FAILED, "the machine: %s", fodder_strerror(r));
    code = pool_args_check(args, topology);
    fodder_topology_free(topology);
    return code;
}

enum exit_code pool_args_new(const struct pool_args *args, bool verbose, fodder_pool **pool)
{
    const fodder_pool_options options = pool_args_options(args, verbose);
    const int r = fodder_pool_new(pool, &options);

    if (r == -EINVAL)
        return explain(args);
    return r < 0 ? fail(EXIT_FAILED, "the threads: %s", fodder_strerror(r)) : EXIT_FINE;
}
