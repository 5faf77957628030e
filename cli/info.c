/* fodder info: what this fodder is and what it would do on this machine. */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <fodder/fodder.h>

#include "built.h"
#include "commands.h"
#include "info_machine.h"
#include "machine.h"

struct info {
    struct pool_args pool;
    const char *root;
    bool json;
};

/* clang-format off */
static const struct option_row rows[] = {
    { .name = "root", .value = "DIR", .kind = OPTION_TEXT, .place = offsetof(struct info, root),
      .help = "tell of the machine whose /sys and /proc were copied to DIR" },
    { .name = "json", .place = offsetof(struct info, json), .check = options_check_json, .help = "tell it as JSON" },
    { 0 },
};
/* clang-format on */

static const struct option_group groups[] = {
    { "The threads that it would have", pool_rows_half, offsetof(struct info, pool) },
    { "Options", rows, 0 },
    { 0 },
};

/* The kernel that a plan gets when none is named: the first that runs. */
static const char *chosen_kernel(void)
{
    size_t i = 0;

    while (fodder_kernel_check(fodder_kernel_name(i)) < 0)
        i++;
    return fodder_kernel_name(i);
}

static void put_built(struct json *object)
{
    struct json *const built = json_new();

    for (const struct built_part *part = built_parts; part->name; part++)
        json_bool(built, part->name, part->there);
    json_child(object, "built", built);
}

static void print_built(bool there)
{
    const char *before = there ? "" : "; not ";

    for (const struct built_part *part = built_parts; part->name; part++) {
        if (part->there == there) {
            printf("%s%s", before, part->name);
            before = ", ";
        }
    }
}

static struct json *info_json(const char *cpu, const fodder_topology *topology, const fodder_pool_options *options)
{
    struct json *const object = json_new();

    json_text(object, "fodder", fodder_version());
    json_whole(object, "format", FODDER_FORMAT);
    json_text(object, "cpu", cpu);
    json_text(object, "kernel", chosen_kernel());
    json_list(object, "kernels");
    for (size_t i = 0; fodder_kernel_name(i); i++) {
        struct json *const kernel = json_new();

        json_text(kernel, "name", fodder_kernel_name(i));
        json_bool(kernel, "runs", fodder_kernel_check(fodder_kernel_name(i)) == 0);
        json_append(object, "kernels", kernel);
    }
    put_built(object);
    if (machine_put(object, topology, options))
        return object;
    json_free(object);
    return NULL;
}

static bool print_info(const char *cpu, const fodder_topology *topology, const fodder_pool_options *options)
{
    printf("fodder   %s, format %d\n", fodder_version(), FODDER_FORMAT);
    printf("cpu      %s\n", cpu);
    printf("kernels ");
    for (size_t i = 0; fodder_kernel_name(i); i++) {
        const char *const name = fodder_kernel_name(i);
        const bool chosen = strcmp(name, chosen_kernel()) == 0;

        printf(" %s%s", name, chosen ? " (chosen)" : fodder_kernel_check(name) == 0 ? "" : " (not on this CPU)");
    }
    printf("\nbuilt    with ");
    print_built(true);
    print_built(false);
    printf("\n");
    return machine_print(topology, options);
}

static enum exit_code tell(const struct info *settings, const fodder_topology *topology)
{
    const fodder_pool_options options = pool_args_options(&settings->pool, false);
    enum exit_code code = EXIT_FINE;
    struct json *object = NULL;
    char cpu[128];

    if (pool_args_check(&settings->pool, topology) != EXIT_FINE)
        return EXIT_USAGE;
    machine_cpu_model(cpu, sizeof cpu, settings->root);
    if (!settings->json)
        return print_info(cpu, topology, &options) ? EXIT_FINE : fail(EXIT_FAILED, "no memory");
    object = info_json(cpu, topology, &options);
    if (!json_write(object, stdout))
        code = fail(EXIT_FAILED, "--json: %s", strerror(errno));
    json_free(object);
    return code;
}

static enum exit_code run(int argc, char **argv)
{
    struct info settings = { .root = NULL };
    fodder_topology *topology = NULL;
    enum exit_code code;
    int count, help, r;

    if (options_parse(&command_info, argc, argv, &settings, NULL, 0, &count, &help) != EXIT_FINE)
        return EXIT_USAGE;
    if (help) {
        options_help(&command_info);
        return EXIT_FINE;
    }
    r = fodder_topology_new(&topology, settings.root);
    if (r < 0)
        return fail(EXIT_FAILED, "%s: %s", settings.root ? settings.root : "the machine", fodder_strerror(r));
    code = tell(&settings, topology);
    fodder_topology_free(topology);
    return code;
}

const struct command command_info = {
    .name = "info",
    .arguments = "[OPTION]...",
    .summary = "Tells the version, the kernels, the machine, and how fodder would use it.",
    .groups = groups,
    .run = run,
};
