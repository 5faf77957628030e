/* fodder verify: are these the bytes, and if not, what are they instead? */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "compare.h"
#include "findings.h"
#include "manifest.h"
#include "pool_args.h"
#include "set_objects.h"
#include "spec_args.h"
#include "start_at.h"
#include "stop.h"
#include "text.h"
#include "verify_set.h"

/* A sample is one block in so many, of this size unless another is said. */
enum { SAMPLED = 1 << 20, MOST_FOREIGN = 16 };

struct verify {
    struct spec_args data;
    struct pool_args threads;
    struct io_args io;
    struct s3_args s3;
    struct start_at start;
    struct verify_set_args set;
    const char *path, *manifest;
    uint64_t offset, bytes; /* bytes: UINT64_MAX where the end is not known */
    const char *foreign_names[MOST_FOREIGN];
    fodder_spec foreign_specs[MOST_FOREIGN]; /* seed and series only */
    fodder_plan *foreign[MOST_FOREIGN];
    size_t foreign_count;
    double sample; /* the share of the blocks that are read; 0 stands for all */
    bool drop_cache, json, quiet;

    fodder_plan *plan;
    fodder_pool *pool;
    fodder_verifier *verifier;
    struct findings *findings;
    struct source source;
    char spec[FODDER_SPEC_TEXT];
};

static int add_foreign(void *settings, const char *name, const char *value, const char **why)
{
    struct verify *const v = settings;
    char copy[64];
    char *colon;
    fodder_spec spec = FODDER_SPEC(.seed = 0);
    (void)name;

    *why = v->foreign_count == MOST_FOREIGN ? "at most 16 can be named" : "name a seed, or SEED:SERIES, such as 42:7";
    if (v->foreign_count == MOST_FOREIGN || strlen(value) >= sizeof copy)
        return -1;
    strcpy(copy, value);
    colon = strchr(copy, ':');
    if (colon)
        *colon = '\0';
    if (fodder_spec_set(&spec, "seed", copy, NULL) < 0)
        return -1;
    if (colon && fodder_spec_set(&spec, "series", colon + 1, NULL) < 0)
        return -1;
    v->foreign_names[v->foreign_count] = value;
    v->foreign_specs[v->foreign_count++] = spec;
    return 0;
}

static int set_sample(void *settings, const char *name, const char *value, const char **why)
{
    struct verify *const v = settings;
    (void)name;

    *why = "the sample is a percentage above 0 and up to 100, such as 5 or 0.1";
    return options_percent(&v->sample, value) && v->sample > 0 && v->sample <= 1 ? 0 : -1;
}

/* clang-format off */
static const struct option_row source_rows[] = {
    { .name = "manifest", .value = "FILE", .kind = OPTION_TEXT, .place = offsetof(struct verify, manifest),
      .check = options_check_json, .help = "the data, their offset and their size, as generate has written them down" },
    { .name = "offset", .value = "SIZE", .kind = OPTION_SIZE, .place = offsetof(struct verify, offset),
      .help = "the source begins with this byte of the data set, default 0" },
    { .name = "foreign", .value = "SEED[:SERIES]", .kind = OPTION_OTHER, .set = add_foreign,
      .help = "look for these data too, where others are; may be given 16 times" },
    { .name = "sample", .value = "PERCENT", .kind = OPTION_OTHER, .set = set_sample,
      .help = "read that share only, in blocks of 1 MiB spread evenly" },
    { .name = "drop-cache", .place = offsetof(struct verify, drop_cache),
      .help = "read what the disk holds: drop what the page cache has of the source before" },
    { .name = "json", .place = offsetof(struct verify, json), .check = options_check_json,
      .help = "tell the result as JSON, with the first 1000 runs" },
    { .name = "quiet", .letter = 'q', .place = offsetof(struct verify, quiet),
      .help = "say nothing but errors: the exit status tells" },
    { 0 },
};
/* clang-format on */

static const struct option_group groups[] = {
    { "The data", spec_rows_cli, offsetof(struct verify, data) },
    { "The threads", pool_rows_half, offsetof(struct verify, threads) },
    { "The source", source_rows, 0 },
    { "How it is read", io_rows, offsetof(struct verify, io) },
    { "The S3 server of s3://BUCKET/KEY", s3_rows, offsetof(struct verify, s3) },
    { "A data set of many files, where PATH is a directory", verify_set_rows, offsetof(struct verify, set) },
    { "Many processes that share it, on any hosts", ranks_rows, offsetof(struct verify, set.ranks) },
    { "Their common start", start_at_rows, offsetof(struct verify, start) },
    { 0 },
};

/* Which data, and where they begin: by a manifest, by the options, or by what the source says itself. */
static enum exit_code settle_data(struct verify *v, struct manifest *manifest)
{
    const struct label *label;

    if (v->manifest) {
        if (manifest_read(manifest, v->manifest) != EXIT_FINE)
            return EXIT_FAILED;
        v->data.spec = manifest->spec;
        v->offset = manifest->offset;
        return EXIT_FINE;
    }
    if (spec_args_given(&v->data))
        return spec_args_finish(&v->data, false);
    label = source_label(&v->source);
    if (!label || fodder_spec_parse(&v->data.spec, label->spec, NULL) < 0)
        return fail(EXIT_USAGE, "which data? Name them with --spec, with --seed and the ratios, or with --manifest; "
                                "the source does not say it itself");
    v->offset = v->offset > 0 ? v->offset : label->offset;
    return EXIT_FINE;
}

static enum exit_code settle(struct verify *v, const char *size)
{
    struct manifest manifest = { .bytes = UINT64_MAX };
    enum exit_code code;

    if (v->manifest && (spec_args_given(&v->data) || v->offset > 0))
        return fail(EXIT_USAGE,
                    "--manifest says what the data are and where they begin: leave out the options that say it too");
    code = settle_data(v, &manifest);
    if (code != EXIT_FINE)
        return code;
    v->bytes = manifest.bytes;
    if (size && fodder_size_parse(&v->bytes, size) < 0)
        return fail(EXIT_USAGE, "SIZE %s: %s", size, fodder_strerror(FODDER_ERR_SIZE));
    return EXIT_FINE;
}

static int make_plans(struct verify *v)
{
    int r = fodder_plan_new(&v->plan, &v->data.spec);

    for (size_t i = 0; i < v->foreign_count && r == 0; i++) {
        fodder_spec spec = v->data.spec;

        spec.seed = v->foreign_specs[i].seed;
        spec.series = v->foreign_specs[i].series;
        r = fodder_plan_new(&v->foreign[i], &spec);
    }
    if (r == 0)
        r = fodder_spec_print(&v->data.spec, v->spec, sizeof v->spec);
    return r;
}

static enum exit_code prepare(struct verify *v)
{
    const bool sized = v->bytes != UINT64_MAX;
    int r = make_plans(v);

    if (r == 0 && sized &&
        (v->offset > fodder_plan_limit(v->plan) || v->bytes > fodder_plan_limit(v->plan) - v->offset))
        return fail(EXIT_USAGE, "%" PRIu64 " bytes from --offset %" PRIu64 " on pass the end of the data set, %" PRIu64,
                    v->bytes, v->offset, fodder_plan_limit(v->plan));
    v->findings = calloc(1, sizeof *v->findings);
    if (r == 0 && !v->findings)
        r = -ENOMEM;
    if (r == 0) {
        v->findings->offset = v->offset;
        v->findings->bytes = sized ? v->bytes : 0;
        v->findings->foreign = v->foreign_names;
        r = fodder_verifier_new(&v->verifier, v->plan, v->offset, v->bytes,
                                &FODDER_VERIFY(.foreign = (const fodder_plan *const *)v->foreign,
                                               .foreign_count = v->foreign_count, .run = findings_add,
                                               .user = v->findings));
    }
    return r < 0 ? fail(EXIT_FAILED, "%s", fodder_strerror(r)) : EXIT_FINE;
}

static void tell(const struct verify *v, double seconds)
{
    const fodder_report *const report = &v->findings->report;

    findings_print(v->findings);
    print_plain(stdout, v->source.file.name);
    if (report->bad == 0)
        printf(": right, %s (%" PRIu64 " bytes) in %s, %s\n", text_size((double)report->bytes).text, report->bytes,
               text_time(seconds).text, text_rate((double)report->bytes / seconds).text);
    else
        printf(": WRONG, %" PRIu64 " of %" PRIu64 " bytes differ, in %" PRIu64 " run%s\n", report->bad, report->bytes,
               report->runs, report->runs == 1 ? "" : "s");
    if (v->bytes == UINT64_MAX || v->source.size <= v->bytes)
        return;
    print_plain(stdout, v->source.file.name);
    printf(": %" PRIu64 " more bytes lie behind those that were verified\n", v->source.size - v->bytes);
}

static enum exit_code tell_json(const struct verify *v, const struct compare *all, bool complete, struct span span)
{
    enum exit_code code = EXIT_FINE;
    struct json *const object = json_new();

    findings_json(v->findings, object);
    json_text(object, "spec", v->spec);
    json_text(object, "path", v->path);
    json_whole(object, "offset", v->offset);
    json_whole(object, "unreadable", all->unreadable);
    json_bool(object, "complete", complete);
    span_json(span, "verify", object);
    if (!json_write(object, stdout))
        code = fail(EXIT_FAILED, "--json: %s", strerror(errno));
    json_free(object);
    return code;
}

/* Compares all, and tells what was found even where it had to stop early. */
static enum exit_code compare(struct verify *v)
{
    const bool sized = v->bytes != UINT64_MAX;
    struct compare all = { .source = &v->source,
                           .pool = v->pool,
                           .verifier = v->verifier,
                           .bytes = v->bytes,
                           .sample = v->sample,
                           .progress = progress_start(sized ? v->bytes : 0, v->quiet || !sized) };
    enum exit_code code = compare_run(&all);
    const struct span span = progress_end(&all.progress);

    source_leave(&v->source, all.done);
    if (code == EXIT_FINE)
        fodder_verifier_end(v->verifier, &v->findings->report);
    else
        fodder_verifier_stop(v->verifier, &v->findings->report);
    if (v->json && tell_json(v, &all, code == EXIT_FINE, span) != EXIT_FINE)
        code = EXIT_FAILED;
    if (!v->json && !v->quiet)
        tell(v, span.seconds);
    if (all.unreadable > 0)
        code = fail(EXIT_FAILED, "%s: %" PRIu64 " bytes could not be read, and were not verified", v->source.file.name,
                    all.unreadable);
    return code != EXIT_FINE ? code : v->findings->report.bad > 0 ? EXIT_DIFFERS : EXIT_FINE;
}

/* A directory is a data set of many files, which its manifest describes. */
static enum exit_code verify_dir(struct verify *v, const char *size)
{
    if (!v->manifest)
        return fail(EXIT_USAGE, "%s: this is a directory; name the manifest of the data set in it with --manifest FILE",
                    v->path);
    if (size || spec_args_given(&v->data) || v->offset > 0 || v->threads.numa != FODDER_NUMA_AUTO)
        return fail(EXIT_USAGE, "%s: --manifest says what is in this directory: leave out %s", v->path,
                    size              ? "SIZE"
                    : v->threads.numa ? "--numa, which is for one file"
                                      : "the options that say it too");
    if (v->io.name || v->io.block > 0 || v->io.depth > 0 || v->drop_cache)
        return fail(EXIT_USAGE,
                    "%s: leave out --io, --block, --depth and --drop-cache, which are for one file or device", v->path);
    v->set.dir = v->path;
    v->set.s3 = &v->s3;
    v->set.manifest = v->manifest;
    v->set.foreign_names = v->foreign_names;
    v->set.foreign_specs = v->foreign_specs;
    v->set.foreign_count = v->foreign_count;
    v->set.sample = v->sample;
    v->set.threads = pool_args_threads(&v->threads, s3_is_path(v->path) ? SET_OBJECTS_THREADS : 1);
    v->set.json = v->json;
    v->set.quiet = v->quiet;
    v->set.start = v->start;
    return verify_set(&v->set);
}

static enum exit_code verify(struct verify *v, const char *size)
{
    enum exit_code code = start_at_check(&v->start);

    if (code == EXIT_FINE)
        code = s3_args_check(&v->s3, v->path);
    if (code != EXIT_FINE)
        return code;
    if (verify_set_is(v->path, v->manifest))
        return verify_dir(v, size);
    if (verify_set_given(&v->set))
        return fail(EXIT_USAGE, "--rank, --world and --strict are for a data set, and %s is no directory", v->path);
    code = source_open(&v->source, v->path, &v->s3);
    if (code == EXIT_FINE)
        code = settle(v, size);
    if (code != EXIT_FINE)
        return code;
    if (v->bytes == UINT64_MAX && v->source.seekable)
        v->bytes = v->source.size;
    if (v->sample > 0 && !v->source.seekable)
        return fail(EXIT_USAGE, "--sample: %s cannot be read in parts; it takes a file or a device",
                    v->source.file.name);
    code = prepare(v);
    if (code == EXIT_FINE)
        code = pool_args_new(&v->threads, false, &v->pool);
    if (v->sample > 0 && v->io.block == 0)
        v->io.block = SAMPLED;
    if (code == EXIT_FINE)
        code = source_start(&v->source, &v->io, v->drop_cache, v->pool);
    if (code != EXIT_FINE)
        return code;
    stop_listen();
    code = start_at_wait(&v->start, v->quiet, "no data were compared");
    return code == EXIT_FINE ? compare(v) : code;
}

static void free_all(struct verify *v)
{
    source_close(&v->source);
    fodder_verifier_free(v->verifier);
    fodder_pool_free(v->pool);
    free(v->findings);
    for (size_t i = 0; i < v->foreign_count; i++)
        fodder_plan_free(v->foreign[i]);
    fodder_plan_free(v->plan);
}

static enum exit_code run(int argc, char **argv)
{
    struct verify v = { .data.spec = FODDER_SPEC(.seed = 0), .source.file = { .fd = -1, .direct_fd = -1 } };
    const char *operands[2] = { NULL, NULL };
    enum exit_code code;
    int count, help;

    if (options_parse(&command_verify, argc, argv, &v, operands, 2, &count, &help) != EXIT_FINE)
        return EXIT_USAGE;
    if (help) {
        options_help(&command_verify);
        return EXIT_FINE;
    }
    if (count == 0)
        return fail(EXIT_USAGE, "PATH is missing, as in: fodder verify data --seed 42 --dedup 2");
    v.path = operands[0];
    code = verify(&v, operands[1]);
    free_all(&v);
    return code;
}

const struct command command_verify = {
    .name = "verify",
    .arguments = "PATH|DIR|s3://BUCKET/KEY|- [SIZE] [OPTION]...",
    .summary = "Compares a source with the data that it should hold, and tells what it holds instead.",
    .groups = groups,
    .more = "Kinds: zeroed, constant, misplaced (it belongs at another offset), stale (another generation), foreign\n"
            "(other data that --foreign names), corrupt (bits differ), missing (the source ended early). Without SIZE\n"
            "a source is compared to its end. Of a data set, as fodder dataset has written it, every bad file is "
            "named; its\n"
            "threads are one for each CPU.\n"
            "Exit status: 0 the data are right, 1 failed, 2 wrong usage, 3 the data differ.\n"
            "Example: fodder verify data --spec fodder1:seed=42,dedup=2,compress=3\n",
    .run = run,
};
