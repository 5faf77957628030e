/* fodder info: what this fodder is and what it would do on this machine. */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <fodder/fodder.h>

#include "commands.h"
#include "json.h"
#include "machine.h"

struct info {
    bool json;
};

static const struct option_row rows[] = {
    { .name = "json", .place = offsetof(struct info, json), .check = options_check_json, .help = "tell it as JSON" },
    { 0 },
};

static const struct option_group groups[] = {
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

static struct json *info_json(const char *cpu)
{
    struct json *const object = json_new();

    json_text(object, "fodder", fodder_version());
    json_whole(object, "format", FODDER_FORMAT);
    json_text(object, "cpu", cpu);
    json_whole(object, "cpus", machine_cpus());
    json_whole(object, "nodes", machine_nodes());
    json_text(object, "kernel", chosen_kernel());
    json_list(object, "kernels");
    for (size_t i = 0; fodder_kernel_name(i); i++) {
        struct json *const kernel = json_new();

        json_text(kernel, "name", fodder_kernel_name(i));
        json_bool(kernel, "runs", fodder_kernel_check(fodder_kernel_name(i)) == 0);
        json_append(object, "kernels", kernel);
    }
    return object;
}

static void print_info(const char *cpu)
{
    printf("fodder   %s, format %d\n", fodder_version(), FODDER_FORMAT);
    printf("cpu      %s\n", cpu);
    printf("cpus     %u, on %u NUMA node%s\n", machine_cpus(), machine_nodes(), machine_nodes() == 1 ? "" : "s");
    printf("kernels ");
    for (size_t i = 0; fodder_kernel_name(i); i++) {
        const char *const name = fodder_kernel_name(i);
        const bool chosen = strcmp(name, chosen_kernel()) == 0;

        printf(" %s%s", name, chosen ? " (chosen)" : fodder_kernel_check(name) == 0 ? "" : " (not on this CPU)");
    }
    printf("\n");
}

static enum exit_code run(int argc, char **argv)
{
    struct info settings = { 0 };
    struct json *object = NULL;
    enum exit_code code = EXIT_FINE;
    char cpu[128];
    int count, help;

    if (options_parse(&command_info, argc, argv, &settings, NULL, 0, &count, &help) != EXIT_FINE)
        return EXIT_USAGE;
    if (help) {
        options_help(&command_info);
        return EXIT_FINE;
    }
    machine_cpu_model(cpu, sizeof cpu);
    if (!settings.json) {
        print_info(cpu);
        return EXIT_FINE;
    }
    object = info_json(cpu);
    if (!json_write(object, stdout))
        code = fail(EXIT_FAILED, "--json: %s", strerror(errno));
    json_free(object);
    return code;
}

const struct command command_info = {
    .name = "info",
    .arguments = "[--json]",
    .summary = "Tells the version, the CPU, and the kernels: those of this build and the one chosen here.",
    .groups = groups,
    .run = run,
};
