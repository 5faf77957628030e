#define _GNU_SOURCE
#include "manifest.h"

#include <errno.h>
#include <string.h>

double made_dedup(const struct made *made)
{
    return made->distinct > 0 ? (double)made->units / (double)made->distinct : 1;
}

enum exit_code manifest_machine(unsigned *cpus, unsigned *nodes)
{
    fodder_topology *topology;
    const int r = fodder_topology_new(&topology, NULL);

    if (r < 0)
        return fail(EXIT_FAILED, "the machine: %s", fodder_strerror(r));
    *cpus = topology->total;
    *nodes = (unsigned)topology->node_count;
    fodder_topology_free(topology);
    return EXIT_FINE;
}

enum exit_code made_by(struct made *made, fodder_pool *pool)
{
    made->pool = pool;
    made->threads = fodder_pool_threads(pool);
    return manifest_machine(&made->cpus, &made->nodes);
}

struct json *made_json(const struct made *made)
{
    struct json *const object = json_new();

    json_text(object, "fodder", fodder_version());
    json_text(object, "spec", made->spec);
    json_text(object, "path", made->path);
    json_whole(object, "offset", made->offset);
    json_whole(object, "bytes", made->bytes);
    json_whole(object, "units", made->units);
    json_whole(object, "distinct_units", made->distinct);
    json_number(object, "dedup", made_dedup(made));
    json_text(object, "kernel", fodder_plan_kernel(made->plan));
    json_whole(object, "threads", made->threads);
    json_whole(object, "cpus", made->cpus);
    json_whole(object, "nodes", made->nodes);
    return object;
}

enum exit_code manifest_read(struct manifest *manifest, const char *path)
{
    const char *why, *text;
    struct json *const object = json_read(path, &why);
    enum exit_code code = EXIT_FINE;

    if (!object)
        return fail(EXIT_FAILED, "--manifest %s: %s", path, why);
    if (!json_get_text(object, "spec", &text) || !json_get_whole(object, "offset", &manifest->offset) ||
        !json_get_whole(object, "bytes", &manifest->bytes))
        code =
            fail(EXIT_FAILED, "--manifest %s: spec, offset or bytes is missing: this is not what fodder wrote", path);
    else if (fodder_spec_parse(&manifest->spec, text, &why) < 0)
        code = fail(EXIT_FAILED, "--manifest %s: its spec %s: %s", path, text, why);
    json_free(object);
    return code;
}

enum exit_code manifest_write(const struct made *made, const char *path)
{
    struct json *object = NULL;
    enum exit_code code = EXIT_FINE;
    FILE *file;

    if (strcmp(path, "-") == 0)
        return fail(EXIT_USAGE, "--manifest -: name a file; --json tells the same on standard output");
    file = fopen(path, "we");

    if (!file)
        return fail(EXIT_FAILED, "--manifest %s: %s; nothing was written", path, strerror(errno));
    object = made_json(made);
    if (!json_write_lines(object, file))
        code = fail(EXIT_FAILED, "--manifest %s: %s; no data were written", path, strerror(errno));
    if (fclose(file) != 0 && code == EXIT_FINE)
        code = fail(EXIT_FAILED, "--manifest %s: %s; no data were written", path, strerror(errno));
    json_free(object);
    return code;
}
