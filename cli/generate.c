/* fodder generate: SIZE bytes of the data set to a file, a device or a pipe. */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "io_args.h"
#include "manifest.h"
#include "output.h"
#include "pool_args.h"
#include "progress.h"
#include "spec_args.h"
#include "start_at.h"
#include "stop.h"
#include "text.h"

struct generate {
    struct spec_args data;
    struct pool_args pool;
    struct io_args io;
    struct s3_args s3;
    struct start_at start;
    const char *path, *manifest, *kernel;
    uint64_t offset;
    bool force, sync, json, quiet, verbose;
};

static int check_kernel(const char *name, const char **why)
{
    const int r = fodder_kernel_check(name);

    *why = r == FODDER_ERR_CPU ? "this CPU lacks its instructions; fodder info lists the kernels that it runs"
                               : "no such kernel; fodder info lists them";
    return r;
}

/* clang-format off */
static const struct option_row output_rows[] = {
    { .name = "output", .letter = 'o', .value = "PATH", .kind = OPTION_TEXT, .place = offsetof(struct generate, path),
      .help = "a file (replaced where it exists), a device, s3://BUCKET/KEY, or - (default)" },
    { .name = "offset", .value = "SIZE", .kind = OPTION_SIZE, .place = offsetof(struct generate, offset),
      .help = "start at this byte of the data set, default 0" },
    { .name = "manifest", .value = "FILE", .kind = OPTION_TEXT, .place = offsetof(struct generate, manifest),
      .check = options_check_json, .help = "before the data, write to FILE what they are, as JSON" },
    { .name = "force", .place = offsetof(struct generate, force),
      .help = "write to a block device, over all that is on it" },
    { .name = "sync", .place = offsetof(struct generate, sync),
      .help = "end only when the data are on the disk (fsync)" },
    { .name = "kernel", .value = "NAME", .kind = OPTION_TEXT, .place = offsetof(struct generate, kernel),
      .check = check_kernel, .help = "make the same bytes with this kernel; see fodder info" },
    { .name = "json", .place = offsetof(struct generate, json), .check = options_check_json,
      .help = "tell the result as JSON, on standard error where the data go to standard output" },
    { .name = "quiet", .letter = 'q', .place = offsetof(struct generate, quiet), .help = "say nothing but errors" },
    { .name = "verbose", .letter = 'v', .place = offsetof(struct generate, verbose),
      .help = "say also what was decided" },
    { 0 },
};
/* clang-format on */

static const struct option_group groups[] = {
    { "The data", spec_rows_cli, offsetof(struct generate, data) },
    { "The threads", pool_rows_half, offsetof(struct generate, pool) },
    { "The output", output_rows, 0 },
    { "How it is written", io_rows, offsetof(struct generate, io) },
    { "The S3 server of s3://BUCKET/KEY", s3_rows, offsetof(struct generate, s3) },
    { "The common start of many hosts", start_at_rows, offsetof(struct generate, start) },
    { 0 },
};

/* The errors of options that need each other. Nothing has been opened yet. */
static enum exit_code check_range(const fodder_plan *plan, uint64_t offset, uint64_t bytes)
{
    const uint64_t limit = fodder_plan_limit(plan);

    if (offset <= limit && bytes <= limit - offset)
        return EXIT_FINE;
    return fail(EXIT_USAGE,
                "SIZE %" PRIu64 " from --offset %" PRIu64 " on passes the end of the data set, %" PRIu64
                "; ask for less%s",
                bytes, offset, limit, limit >> 63 ? "" : ", or for a larger --unit");
}

static enum exit_code make_plan(struct generate *g, uint64_t bytes, fodder_plan **plan, struct made *made)
{
    int r = g->kernel ? fodder_plan_new_on(plan, &g->data.spec, g->kernel) : fodder_plan_new(plan, &g->data.spec);

    if (r < 0)
        return fail(EXIT_FAILED, "the plan: %s", fodder_strerror(r));
    if (check_range(*plan, g->offset, bytes) != EXIT_FINE)
        return EXIT_USAGE;
    *made = (struct made) { .plan = *plan, .path = g->path, .offset = g->offset, .bytes = bytes };
    r = fodder_plan_count(*plan, g->offset, bytes, &made->units, &made->distinct);
    if (r == 0)
        r = fodder_spec_print(&g->data.spec, made->spec, sizeof made->spec);
    return r < 0 ? fail(EXIT_FAILED, "the plan: %s", fodder_strerror(r)) : EXIT_FINE;
}

/* Blocks begin on sectors of the data set, where kernels are fastest, but on pages of the file where it wants that. */
static size_t first_block(const struct made *made, const struct sink *sink)
{
    const size_t size = sink->is.block, room = size - made->offset % size, first = room - room % sink->align;

    return first > 0 ? first : size;
}

static enum exit_code write_all(const struct made *made, struct output *out, struct progress *progress)
{
    struct sink *const sink = out->sink;
    size_t room = first_block(made, sink);
    uint64_t at = 0;
    struct sink_block *block;

    while (at < made->bytes && (block = sink_take(sink))) {
        const size_t len = made->bytes - at < room ? made->bytes - at : room;

        if (!out->file.object) /* whose parts are made by who sends them: nothing of them is kept */
            fodder_pool_fill(made->pool, made->plan, made->offset + at, block->data, len);
        sink_put(sink, block, at, len);
        at += len;
        room = sink->is.block;
        progress_step(progress, at);
    }
    return output_finish(out);
}

/* Says so where a range, being small, cannot hold the dedup ratio that was asked for. */
static void tell_dedup(const struct made *made)
{
    const fodder_spec spec = fodder_plan_spec(made->plan);
    const double held = made_dedup(made);
    const bool smaller = held < spec.dedup && spec.unit > 4096;

    if (made->bytes > 0 && fabs(held / spec.dedup - 1) > 0.005)
        say("dedup %.7g was asked, this range holds %.3f (units of %s: %" PRIu64 ")%s", spec.dedup, held,
            text_size((double)spec.unit).text, made->units, smaller ? "; for more choose a smaller --unit" : "");
}

static void tell(const struct generate *g, const struct made *made, const struct io_times *io, double seconds)
{
    const double rate = (double)made->bytes / seconds;
    char offset[40] = "";

    if (g->verbose)
        say("kernel %s, %u thread%s; %" PRIu64 " units, %" PRIu64 " distinct: dedup %.6g",
            fodder_plan_kernel(made->plan), made->threads, made->threads == 1 ? "" : "s", made->units, made->distinct,
            made_dedup(made));
    if (g->verbose)
        say("io %s: %u blocks of %s", io->kind->name, io->depth, text_size((double)io->block).text);
    tell_dedup(made);
    say("%s (%" PRIu64 " bytes) in %s, %s; the output waited for data %.1f %% of the time, the limit was %s",
        text_size((double)made->bytes).text, made->bytes, text_time(seconds).text, text_rate(rate).text,
        100 * io->idle / seconds, io->limit);
    if (io->repeats > 0)
        say("%" PRIu64 " requests were made again", io->repeats);
    if (made->offset > 0)
        snprintf(offset, sizeof offset, " --offset %" PRIu64, made->offset);
    say("again: fodder generate %" PRIu64 " --spec %s%s", made->bytes, made->spec, offset);
}

static enum exit_code tell_json(const struct generate *g, const struct made *made, const struct io_times *io,
                                struct span span)
{
    enum exit_code code = EXIT_FINE;
    struct json *const object = made_json(made);

    span_json(span, "generate", object);
    json_number(object, "bytes_per_second", (double)made->bytes / span.seconds);
    json_text(object, "io", io->kind->name);
    json_whole(object, "block", io->block);
    json_whole(object, "depth", io->depth);
    json_number(object, "output_waited_seconds", io->idle);
    json_number(object, "maker_waited_seconds", io->held_up);
    json_text(object, "limit", io->limit);
    json_whole(object, "repeated_requests", io->repeats);
    if (!json_write(object, strcmp(g->path, "-") == 0 ? stderr : stdout))
        code = fail(EXIT_FAILED, "--json: %s; the data are whole", strerror(errno));
    json_free(object);
    return code;
}

/* Opens the output, writes the manifest, and only then empties the output. */
static enum exit_code open_both(const struct generate *g, const struct made *made, struct output *out)
{
    enum exit_code code = output_open(out, g->path, made->bytes, g->force, &g->s3);

    if (code != EXIT_FINE)
        return code;
    strcpy(out->label.spec, made->spec);
    out->label.offset = made->offset;
    out->object.bytes = (struct object_bytes) { made->plan, made->offset };
    if (g->manifest && output_is(out, g->manifest))
        code = fail(EXIT_USAGE, "--manifest %s: this is where the data go; name another file", g->manifest);
    else if (g->manifest)
        code = manifest_write(made, g->manifest);
    if (code == EXIT_FINE)
        code = output_start(out, &g->io, made->pool, g->verbose);
    if (code != EXIT_FINE)
        output_abandon(out);
    return code;
}

/* Writes all, and says what the data are, in the file itself. */
static enum exit_code write_out(const struct generate *g, const struct made *made, struct output *out,
                                struct span *span)
{
    struct progress progress = progress_start(made->bytes, g->quiet);
    enum exit_code code = write_all(made, out, &progress);

    if (code == EXIT_FINE && !output_label(out) && g->verbose)
        say("%s: no extended attributes there: to be verified it wants the spec or a manifest", g->path);
    if (code == EXIT_FINE && g->sync)
        code = output_sync(out);
    *span = progress_end(&progress);
    return code;
}

static enum exit_code generate(struct generate *g, uint64_t bytes)
{
    struct output out = { .file = { .fd = -1, .direct_fd = -1 } };
    struct io_times io;
    struct made made;
    fodder_plan *plan = NULL;
    fodder_pool *pool = NULL;
    struct span span;
    enum exit_code code = start_at_check(&g->start);

    if (code == EXIT_FINE)
        code = make_plan(g, bytes, &plan, &made);
    if (code == EXIT_FINE)
        code = pool_args_new(&g->pool, g->verbose, &pool);
    if (code == EXIT_FINE)
        code = made_by(&made, pool);
    if (code != EXIT_FINE)
        goto finish;
    code = open_both(g, &made, &out);
    if (code != EXIT_FINE)
        goto finish;
    stop_listen();
    code = start_at_wait(&g->start, g->quiet, "no data were written");
    if (code != EXIT_FINE) {
        output_abandon(&out);
        goto finish;
    }
    code = write_out(g, &made, &out, &span);
    io = io_times(out.sink);
    if (output_close(&out) != EXIT_FINE)
        code = EXIT_FAILED;
    if (code == EXIT_FINE && g->json)
        code = tell_json(g, &made, &io, span);
    else if (code == EXIT_FINE && !g->quiet)
        tell(g, &made, &io, span.seconds);
finish:
    output_close(&out);
    fodder_pool_free(pool);
    fodder_plan_free(plan);
    return code;
}

static enum exit_code run(int argc, char **argv)
{
    struct generate g = { .data.spec = FODDER_SPEC(.seed = 0), .path = "-" };
    const char *size = NULL;
    enum exit_code code;
    uint64_t bytes;
    int count, help;

    if (options_parse(&command_generate, argc, argv, &g, &size, 1, &count, &help) != EXIT_FINE)
        return EXIT_USAGE;
    if (help) {
        options_help(&command_generate);
        return EXIT_FINE;
    }
    if (count == 0)
        return fail(EXIT_USAGE, "SIZE is missing, as in: fodder generate 1GiB -o data");
    if (fodder_size_parse(&bytes, size) < 0)
        return fail(EXIT_USAGE, "SIZE %s: %s", size, fodder_strerror(FODDER_ERR_SIZE));
    if (g.io.name && strcmp(g.io.name, "null") == 0 && strcmp(g.path, "-") == 0)
        g.path = "/dev/null"; /* so that standard output may be a terminal, and the result goes there */
    code = s3_args_check(&g.s3, g.path);
    if (code == EXIT_FINE)
        code = spec_args_finish(&g.data, true);
    return code == EXIT_FINE ? generate(&g, bytes) : code;
}

const struct command command_generate = {
    .name = "generate",
    .arguments = "SIZE [OPTION]...",
    .summary = "Writes SIZE bytes with the dedup and compress ratio asked for.",
    .groups = groups,
    .more =
        "Sizes: bytes, or with k, M, G, T (also KiB, MiB, ...), powers of 1024, or kB, MB, GB, TB, powers of 1000.\n"
        "Exit status: 0 fine, 1 failed, 2 wrong usage.\n"
        "Example: fodder generate 10GiB --dedup 2 --compress 3 --unit 64KiB -o data\n",
    .run = run,
};
