#define _GNU_SOURCE
#include "dataset.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "manifest.h"
#include "size_args.h"

/* An option that the manifest contradicts. */
static enum exit_code contradict(const struct dataset *d, const char *option)
{
    return fail(EXIT_USAGE,
                "--manifest %s: this set is another than --%s says; leave that out, or name another manifest",
                d->manifest, option);
}

static bool same_sizes(const struct sizes *a, const struct sizes *b)
{
    char left[SIZES_TEXT], right[SIZES_TEXT];

    sizes_print(left, a);
    sizes_print(right, b);
    return strcmp(left, right) == 0 && a->row_count == b->row_count &&
           (a->row_count == 0 || memcmp(a->rows, b->rows, a->row_count * sizeof *a->rows) == 0);
}

static enum exit_code check_size(const struct dataset *d)
{
    struct sizes sizes = { 0 };
    enum exit_code code = size_args_read(&sizes, d->size);

    if (code == EXIT_FINE && !same_sizes(&sizes, &d->set.sizes))
        code = contradict(d, "size");
    sizes_free(&sizes);
    return code;
}

/* Options of the data that are given beside a manifest. A seed that is not given was drawn, and a generation given with
 * --only is that of the part. */
static enum exit_code check_spec(struct dataset *d)
{
    char said[FODDER_SPEC_TEXT], recorded[FODDER_SPEC_TEXT];
    fodder_spec spec;
    enum exit_code code;

    if (!d->data.whole && !d->data.seed && (code = spec_args_finish(&d->data, true)) != EXIT_FINE)
        return code;
    if ((d->data.whole || d->data.seed) && (code = spec_args_finish(&d->data, false)) != EXIT_FINE)
        return code;
    spec = d->data.spec;
    if (!d->data.whole && !d->data.seed)
        spec.seed = d->set.spec.seed;
    if (d->only)
        spec.generation = d->set.spec.generation;
    if (fodder_spec_print(&spec, said, sizeof said) < 0 ||
        fodder_spec_print(&d->set.spec, recorded, sizeof recorded) < 0 || strcmp(said, recorded) != 0)
        return contradict(d, d->data.whole ? "spec" : "seed and the other options of the data");
    return EXIT_FINE;
}

/* Only a generation, which names that of the part. */
static bool only_generation(const struct spec_args *args)
{
    return args->any && args->generation && !args->whole && !args->preset && !args->others;
}

static enum exit_code check_options(struct dataset *d)
{
    if (d->files != UINT64_MAX && d->files != d->set.files)
        return contradict(d, "files");
    if (d->names && strcmp(d->names, d->set.pattern) != 0)
        return contradict(d, "names");
    if (d->per_dir > 0 && d->per_dir != d->set.per_dir)
        return contradict(d, "per-dir");
    if (d->size && check_size(d) != EXIT_FINE)
        return EXIT_USAGE;
    if (!spec_args_given(&d->data) || (d->only && only_generation(&d->data)))
        return EXIT_FINE;
    return check_spec(d);
}

static enum exit_code from_options(struct dataset *d)
{
    const bool may_draw = !d->resume && !d->only && d->maker.ranks.world == 1;
    enum exit_code code;

    if (d->only && d->manifest)
        return fail(EXIT_USAGE,
                    "--only with --manifest %s: there is no such file; name the set's manifest, or leave it out",
                    d->manifest);
    if (d->files == UINT64_MAX)
        return fail(EXIT_USAGE, "--files is missing, as in: fodder dataset DIR --files 1000 --size 1MiB");
    if (!d->size)
        return fail(EXIT_USAGE, "--size is missing, as in: fodder dataset DIR --files 1000 --size 1MiB");
    if (d->maker.ranks.world > 1 && !d->data.seed && !d->data.whole)
        return fail(EXIT_USAGE, "a world of %" PRIu64 ": each rank would draw another seed; name one with --seed",
                    d->maker.ranks.world);
    d->drawn = !d->data.whole && !d->data.seed;
    code = spec_args_finish(&d->data, may_draw);
    if (code != EXIT_FINE)
        return code;
    if (d->names && strlen(d->names) >= sizeof d->set.pattern)
        return fail(EXIT_USAGE, "--names: a pattern has at most %zu bytes", sizeof d->set.pattern - 1);
    d->set.spec = d->data.spec;
    d->set.files = d->files;
    d->set.per_dir = d->per_dir > 0 ? d->per_dir : SET_PER_DIR;
    strcpy(d->set.pattern, d->names ? d->names : SET_NAMES);
    return size_args_read(&d->set.sizes, d->size);
}

static enum exit_code from_manifest(struct dataset *d)
{
    const enum exit_code code = set_manifest_read(&d->set, d->manifest);

    d->recorded = true;
    return code == EXIT_FINE ? check_options(d) : code;
}

/* The part that is written anew. */
static enum exit_code settle_part(struct dataset *d)
{
    if (d->last >= d->set.files)
        return fail(EXIT_USAGE, "--only %" PRIu64 "-%" PRIu64 ": the set has %" PRIu64 " files, numbered from 0",
                    d->first, d->last, d->set.files);
    if (!d->recorded || !(d->data.generation || d->data.whole))
        return EXIT_FINE;
    if (set_add_part(&d->set, d->first, d->last, d->data.spec.generation))
        return EXIT_FINE;
    return fail(EXIT_USAGE, "--only: the manifest has %d parts, the most there can be; write larger ones anew",
                SET_PARTS);
}

enum exit_code dataset_settle(struct dataset *d)
{
    const bool there = d->manifest && (d->resume || d->only) && access(d->manifest, F_OK) == 0;
    enum exit_code code;

    code = start_at_check(&d->start);
    if (code == EXIT_FINE)
        code = ranks_settle(&d->maker.ranks);
    if (code != EXIT_FINE)
        return code;
    if (!d->quiet)
        ranks_tell(&d->maker.ranks);
    if (d->manifest && strcmp(d->manifest, "-") == 0)
        return fail(EXIT_USAGE, "--manifest -: name a file; --json tells the same on standard output");
    code = there ? from_manifest(d) : from_options(d);
    if (code == EXIT_FINE && d->only)
        code = settle_part(d);
    if (code != EXIT_FINE)
        return code;
    d->maker.threads = pool_args_threads(&d->threads, d->objects.s3 ? SET_OBJECTS_THREADS : 1);
    code = set_prepare(&d->set, d->maker.threads);
    if (code == EXIT_FINE && d->per_dir > 0 && !names_have_dirs(&d->set.names))
        return fail(EXIT_USAGE, "--per-dir: the pattern %s has no {dir}", d->set.pattern);
    if (code == EXIT_FINE && d->objects.s3)
        code = set_objects_check(&d->objects, d->dir, &d->set);
    return code == EXIT_FINE ? manifest_machine(&d->maker.cpus, &d->maker.nodes) : code;
}

struct set_walk dataset_walk(const struct dataset *d)
{
    struct set_walk walk = set_walk_all(&d->set);

    if (d->only) {
        walk.first = d->first;
        walk.last = d->last;
    }
    walk.rank = d->maker.ranks.rank;
    walk.world = d->maker.ranks.world;
    walk.threads = d->maker.threads;
    return walk;
}
