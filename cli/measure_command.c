/* fodder measure: what storage would make of any data. */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "commands.h"
#include "feed.h"
#include "page.h"
#include "pool_args.h"
#include "replace.h"
#include "stop.h"
#include "text.h"
#include "walk.h"

enum { SAMPLE = 1 << 30 };

struct measure {
    struct pool_args threads;
    const char *html;
    uint64_t memory, sample, sector;
    struct headline headline;
    double expect_dedup, expect_compress, tolerance; /* 0: nothing is expected */
    bool full, one_file_system, json, quiet;

    const char **paths;
    int path_count;
    fodder_pool *pool;
    struct json *object; /* for --json and --html */
    double seconds;      /* that reading took */
};

static int set_ratio(double *ratio, const char *value, const char **why)
{
    char *end;
    const double number = strtod(value, &end);

    *why = "a ratio is a number from 1 on, such as 2.5";
    if (end == value || *end != '\0' || !(number >= 1) || isinf(number))
        return -1;
    *ratio = number;
    return 0;
}

static int set_expect(void *settings, const char *name, const char *value, const char **why)
{
    struct measure *const m = settings;

    return set_ratio(strcmp(name, "expect-dedup") == 0 ? &m->expect_dedup : &m->expect_compress, value, why);
}

static int set_tolerance(void *settings, const char *name, const char *value, const char **why)
{
    struct measure *const m = settings;
    (void)name;

    *why = "the tolerance is a percentage from 0 on, such as 3 or 0.5%";
    return options_percent(&m->tolerance, value) && m->tolerance >= 0 && !isinf(m->tolerance) ? 0 : -1;
}

static int set_block(void *settings, const char *name, const char *value, const char **why)
{
    struct measure *const m = settings;
    uint64_t size;
    (void)name;

    *why = "records have 4KiB, 32KiB, 128KiB or 1MiB";
    if (fodder_size_parse(&size, value) < 0)
        return -1;
    for (unsigned kind = 0; kind < MEASURE_CHUNK_KINDS; kind++) {
        if (size == measure_chunk_bytes[kind]) {
            m->headline.kind = kind;
            return 0;
        }
    }
    return -1;
}

static int set_codec(void *settings, const char *name, const char *value, const char **why)
{
    struct measure *const m = settings;
    (void)name;

    *why = "lz4, zstd-1, zstd-3, zstd-9, gzip-6, and snappy where the build has it";
    for (unsigned codec = 0; codec < MEASURE_CODECS; codec++) {
        if (strcmp(value, measure_codecs[codec].name) == 0 && measure_codecs[codec].compressed_size) {
            m->headline.codec = codec;
            return 0;
        }
    }
    return -1;
}

static int set_sector(void *settings, const char *name, const char *value, const char **why)
{
    struct measure *const m = settings;
    (void)name;

    *why = "sectors have 512 or 4096 bytes";
    return fodder_size_parse(&m->sector, value) == 0 && (m->sector == 512 || m->sector == 4096) ? 0 : -1;
}

/* clang-format off */
static const struct option_row data_rows[] = {
    { .name = "one-file-system", .letter = 'x', .place = offsetof(struct measure, one_file_system),
      .help = "leave directories alone that are on another file system" },
    { .name = "sample", .value = "SIZE", .kind = OPTION_SIZE, .place = offsetof(struct measure, sample),
      .help = "codecs read so much at most, spread evenly, default 1GiB" },
    { .name = "full", .place = offsetof(struct measure, full), .help = "codecs read everything" },
    { .name = "memory", .value = "SIZE", .kind = OPTION_SIZE, .place = offsetof(struct measure, memory),
      .help = "to know pieces of data by, default 144MiB; beyond it dedup is estimated" },
    { .name = "sector", .value = "SIZE", .words = "512 4096", .kind = OPTION_OTHER, .set = set_sector,
      .help = "round what codecs leave up to sectors of 512 or 4096 bytes" },
    { 0 },
};

static const struct option_row headline_rows[] = {
    { .name = "block", .value = "SIZE", .words = "4KiB 32KiB 128KiB 1MiB", .kind = OPTION_OTHER, .set = set_block,
      .help = "of records: 4KiB, 32KiB, 128KiB (default) or 1MiB" },
    { .name = "codec", .value = "NAME", .words = "lz4 zstd-1 zstd-3 zstd-9 gzip-6 snappy", .kind = OPTION_OTHER,
      .set = set_codec, .help = "lz4 (default), zstd-1, zstd-3, zstd-9, gzip-6 or snappy" },
    { .name = "expect-dedup", .value = "RATIO", .kind = OPTION_OTHER, .set = set_expect,
      .help = "exit with 3 where dedup is another" },
    { .name = "expect-compress", .value = "RATIO", .kind = OPTION_OTHER, .set = set_expect,
      .help = "exit with 3 where compress is another" },
    { .name = "tolerance", .value = "PERCENT", .kind = OPTION_OTHER, .set = set_tolerance,
      .help = "how far they may be off, default 3" },
    { 0 },
};

static const struct option_row output_rows[] = {
    { .name = "json", .place = offsetof(struct measure, json), .check = options_check_json,
      .help = "tell the result as JSON; docs/measure.md has the schema" },
    { .name = "html", .value = "FILE", .kind = OPTION_TEXT, .place = offsetof(struct measure, html),
      .check = options_check_json, .help = "write a page with charts to FILE" },
    { .name = "quiet", .letter = 'q', .place = offsetof(struct measure, quiet),
      .help = "say nothing but errors and what is not as expected" },
    { 0 },
};
/* clang-format on */

static const struct option_group groups[] = {
    { "What is read", data_rows, 0 },
    { "The records that the summary and the expectations speak of", headline_rows, 0 },
    { "The threads", pool_rows_all, offsetof(struct measure, threads) },
    { "The output", output_rows, 0 },
    { 0 },
};

/* ---- One path, or all */

static enum exit_code make_account(const struct measure *m, struct measured *measured, uint64_t memory)
{
    const int r = measure_account_new(&measured->account, memory);

    measured->headline = m->headline;
    if (r == -EINVAL)
        return fail(EXIT_USAGE, "--memory: %s or more, for %d path%s",
                    text_size((double)MEASURE_ACCOUNT_LEAST * (m->path_count > 1 ? 2 : 1)).text, m->path_count,
                    m->path_count > 1 ? "s" : "");
    return r < 0 ? fail(EXIT_FAILED, "%s", fodder_strerror(r)) : EXIT_FINE;
}

/* Tells what came of a path. */
static void tell_path(const struct measure *m, struct measured *measured)
{
    measured_settle(measured);
    if (m->object)
        json_append(m->object, "paths", measured_json(measured));
    if (m->path_count > 1 && !m->json && !m->quiet) {
        measured_print(measured);
        printf("\n");
    }
}

static void join(struct measured *total, const struct measured *part)
{
    total->files += part->files;
    total->links += part->links;
    total->holes += part->holes;
    total->unreadable += part->unreadable;
    total->changed += part->changed;
}

/* Reads one path; what it alone makes is counted beside the total where there are several. */
static enum exit_code measure_path(struct measure *m, struct feed *feed, const char *path, struct measured *total)
{
    const bool alone = m->path_count == 1;
    struct measured part = { .path = path, .account = total->account, .headline = m->headline };
    enum exit_code code = alone ? EXIT_FINE : make_account(m, &part, m->memory / 2);

    if (code == EXIT_FINE) {
        struct measure_account *const both[] = { total->account, part.account };

        measure_engine_count(feed->engine, both, alone ? 1 : 2);
        feed_path(feed, path, &part);
        total->halvings = part.halvings = measure_engine_halvings(feed->engine);
        join(total, &part);
        code = feed->code;
    }
    if (code == EXIT_FINE)
        tell_path(m, &part);
    if (!alone)
        measure_account_free(part.account);
    return code;
}

static enum exit_code measure_paths(struct measure *m, struct measured *total)
{
    const uint64_t expected = feed_expected(m->paths, m->path_count, m->one_file_system);
    struct progress progress = progress_start(expected, m->quiet || expected == 0);
    struct walk_links links = { NULL };
    struct feed feed = { .one_file_system = m->one_file_system, .links = &links, .progress = &progress };
    const int r = measure_engine_new(
        &feed.engine, &(struct measure_options) {
                          .pool = m->pool, .expected = expected, .sample = m->sample, .sector = (uint32_t)m->sector });
    enum exit_code code = r < 0 ? fail(EXIT_FAILED, "%s", fodder_strerror(r)) : EXIT_FINE;

    for (int i = 0; i < m->path_count && code == EXIT_FINE && !stop_asked(); i++)
        code = measure_path(m, &feed, m->paths[i], total);
    measure_engine_free(feed.engine);
    walk_links_free(&links);
    m->seconds = progress_end(&progress).seconds;
    return code;
}

/* ---- What is told at the end */

static enum exit_code tell_total(const struct measure *m, struct measured *total)
{
    struct json *const object = m->object;
    enum exit_code code = EXIT_FINE;

    measured_settle(total);
    if (object) {
        json_text(object, "version", fodder_version());
        json_number(object, "seconds", m->seconds);
        json_number(object, "bytes_per_second", (double)total->account->bytes / m->seconds);
        json_whole(object, "threads", fodder_pool_threads(m->pool));
        json_bool(object, "interrupted", stop_asked());
        json_whole(object, "memory", m->memory);
        json_whole(object, "sector", m->sector);
        json_whole(object, "block", measure_chunk_bytes[m->headline.kind]);
        json_text(object, "codec", measure_codecs[m->headline.codec].name);
        json_child(object, "total", measured_json(total));
    }
    if (m->json && !json_write(object, stdout))
        code = fail(EXIT_FAILED, "--json: %s", strerror(errno));
    if (m->html && !replace_file(m->html, page_write, object))
        code = fail(EXIT_FAILED, "--html %s: %s", m->html, strerror(errno));
    if (!m->json && !m->quiet)
        measured_print(total);
    return code;
}

static bool is_off(const struct measure *m, const char *what, double expected, double measured)
{
    const double error = measured / expected - 1;

    if (expected == 0 || fabs(error) <= m->tolerance)
        return false;
    say("%s is %.5g, not %.5g: %+.2f %%, and %g %% are allowed", what, measured, expected, 100 * error,
        100 * m->tolerance);
    return true;
}

static enum exit_code judge(const struct measure *m, const struct measured *total)
{
    const struct headline *const h = &m->headline;
    const double dedup = total->blocks[measure_chunk_level(h->kind)].ratio;
    const double compress = total->codecs[h->codec][h->kind].ratio;
    const bool dedup_off = is_off(m, "dedup", m->expect_dedup, dedup);
    const bool compress_off = is_off(m, "compress", m->expect_compress, compress);

    if (stop_asked())
        return fail(EXIT_FAILED, "%s after %" PRIu64 " bytes; this is what was measured until then", stop_name(),
                    total->account->bytes);
    if (total->unreadable > 0)
        return fail(EXIT_FAILED, "%" PRIu64 " could not be read", total->unreadable);
    return dedup_off || compress_off ? EXIT_DIFFERS : EXIT_FINE;
}

/* ---- The command */

static enum exit_code measure(struct measure *m)
{
    struct measured total = { .path = m->path_count == 1 ? m->paths[0] : NULL };
    enum exit_code code = make_account(m, &total, m->path_count > 1 ? m->memory / 2 : m->memory);

    if (code == EXIT_FINE)
        code = pool_args_new(&m->threads, false, &m->pool);
    if (code == EXIT_FINE) {
        stop_listen();
        code = measure_paths(m, &total);
    }
    if (code == EXIT_FINE)
        code = tell_total(m, &total);
    if (code == EXIT_FINE)
        code = judge(m, &total);
    measure_account_free(total.account);
    fodder_pool_free(m->pool);
    return code;
}

/* The page would take the place of what was measured. */
static bool is_measured(const struct measure *m, const char *path)
{
    struct stat target, source;

    if (stat(path, &target) < 0 || !S_ISREG(target.st_mode))
        return false;
    for (int i = 0; i < m->path_count; i++)
        if (stat(m->paths[i], &source) == 0 && source.st_dev == target.st_dev && source.st_ino == target.st_ino)
            return true;
    return false;
}

static enum exit_code settle_html(const struct measure *m)
{
    if (strcmp(m->html, "-") == 0)
        return fail(EXIT_USAGE, "--html -: name a file; --json tells the same on standard output");
    if (is_measured(m, m->html))
        return fail(EXIT_USAGE, "--html %s: that is a file to measure; name another for the page", m->html);
    if (!replace_possible(m->html))
        return fail(EXIT_FAILED, "--html %s: %s; nothing was read", m->html, strerror(errno));
    return EXIT_FINE;
}

/* What options leave open. */
static enum exit_code settle(struct measure *m)
{
    enum exit_code code = EXIT_FINE;

    if (m->path_count == 0)
        return fail(EXIT_USAGE, "PATH is missing, as in: fodder measure /usr/share/doc");
    if (m->full && m->sample != SAMPLE)
        return fail(EXIT_USAGE, "--full and --sample exclude each other");
    if (m->full)
        m->sample = UINT64_MAX;
    m->threads.threads = pool_args_threads(&m->threads, 1); /* nobody else has work here */
    if (!m->json && !m->html)
        return EXIT_FINE;
    if (m->html)
        code = settle_html(m);
    if (code != EXIT_FINE)
        return code;
    m->object = json_new();
    json_list(m->object, "paths");
    return m->object ? EXIT_FINE : fail(EXIT_FAILED, "%s", strerror(ENOMEM));
}

static enum exit_code run(int argc, char **argv)
{
    struct measure m = {
        .memory = MEASURE_ACCOUNT_MEMORY, .sample = SAMPLE, .sector = 1, .tolerance = 0.03, .headline = { .kind = 2 }
    };
    enum exit_code code = EXIT_USAGE;
    int help;

    m.paths = calloc((size_t)argc, sizeof *m.paths);
    if (!m.paths)
        return fail(EXIT_FAILED, "%s", strerror(ENOMEM));
    if (options_parse(&command_measure, argc, argv, &m, m.paths, argc, &m.path_count, &help) != EXIT_FINE)
        goto finish;
    if (help) {
        options_help(&command_measure);
        code = EXIT_FINE;
        goto finish;
    }
    code = settle(&m);
    if (code == EXIT_FINE)
        code = measure(&m);
finish:
    json_free(m.object);
    free(m.paths);
    return code;
}

const struct command command_measure = {
    .name = "measure",
    .arguments = "PATH...|- [OPTION]...",
    .summary = "Tells what storage would make of any data: dedup, compress and both, by block size and codec.",
    .groups = groups,
    .more = "PATH is a file, a directory (with all below it; symbolic links are not followed), a device, a pipe, or -\n"
            "for standard input. Ratios are bytes divided by bytes stored.\n"
            "Exit status: 0 measured, 1 failed, or files could not be read, 2 wrong usage, 3 not as expected.\n"
            "Example: fodder measure /var/lib/data --expect-dedup 2 --expect-compress 3 --tolerance 3%\n",
    .run = run,
};
