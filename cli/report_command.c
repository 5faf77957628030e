/* fodder report: what the ranks of a run have told as JSON, put together. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "replace.h"
#include "report.h"

struct report_options {
    const char *svg;
    bool json, quiet;
};

/* clang-format off */
static const struct option_row report_rows[] = {
    { .name = "json", .place = offsetof(struct report_options, json), .help = "tell it as one JSON object" },
    { .name = "svg", .value = "FILE", .kind = OPTION_TEXT, .place = offsetof(struct report_options, svg),
      .help = "write a chart to FILE: a bar for each rank, from its begin to its end" },
    { .name = "quiet", .letter = 'q', .place = offsetof(struct report_options, quiet),
      .help = "say nothing but errors, and what is missing or wrong" },
    { 0 },
};
/* clang-format on */

static const struct option_group groups[] = {
    { "What is told", report_rows, 0 },
    { 0 },
};

/* So many ranks, or runs of ranks, are named in a line. */
enum { NAMED = 10 };

static void say_missing(const struct report *report)
{
    char list[NAMED * 44 + 1] = "";
    size_t length = 0;

    for (size_t i = 0; i < report->missing_count && i < NAMED; i++) {
        const struct report_gap *const gap = &report->missing[i];
        const char *const comma = i > 0 ? ", " : "";

        length += (size_t)snprintf(list + length, sizeof list - length,
                                   gap->first == gap->last ? "%s%" PRIu64 : "%s%" PRIu64 "-%" PRIu64, comma, gap->first,
                                   gap->last);
    }
    say("%" PRIu64 " of %" PRIu64 " ranks are missing: %s%s", report->missing_ranks, report->world, list,
        report->missing_count > NAMED ? ", ..." : "");
}

static void say_twice(const struct report *report)
{
    for (size_t i = 0; i < report->twice_count && i < NAMED; i++) {
        const struct report_run *const run = &report->runs[report->twice[i]];

        say("%s is there more than once, of %s and of %s: its work is counted more than once",
            report_name(report, run).text, run->host, run[1].host);
    }
    if (report->twice_count > NAMED)
        say("%zu more are there more than once", report->twice_count - NAMED);
}

/* What is not as it should be, on standard error. */
static enum exit_code judge(const struct report *report)
{
    if (report->missing_count > 0)
        say_missing(report);
    say_twice(report);
    if (report->incomplete > 0)
        say("%" PRIu64 " of the processes ended before they had compared all", report->incomplete);
    if (report->unreadable > 0)
        say("%" PRIu64 " files or bytes could not be read, and were not compared", report->unreadable);
    if (!report_whole(report))
        return EXIT_FAILED;
    return report_differs(report) ? EXIT_DIFFERS : EXIT_FINE;
}

static enum exit_code tell(const struct report_options *options, const struct report *report)
{
    struct json *object = NULL;
    enum exit_code code = EXIT_FINE;

    if (options->svg && !replace_file(options->svg, report_svg, report))
        return fail(EXIT_FAILED, "--svg %s: %s", options->svg, strerror(errno));
    if (options->json) {
        object = report_json(report);
        if (!json_write(object, stdout))
            code = fail(EXIT_FAILED, "--json: %s", strerror(errno));
        json_free(object);
    } else if (!options->quiet)
        report_print(report);
    return code;
}

static enum exit_code report(const struct report_options *options, const char **paths, int count)
{
    struct report all = { 0 };
    enum exit_code code = EXIT_FINE;

    for (int i = 0; i < count && code == EXIT_FINE; i++)
        code = report_read(&all, paths[i]);
    if (code == EXIT_FINE && !report_sum(&all))
        code = fail(EXIT_FAILED, "%s", strerror(ENOMEM));
    if (code == EXIT_FINE)
        code = tell(options, &all);
    if (code == EXIT_FINE)
        code = judge(&all);
    report_free(&all);
    return code;
}

static enum exit_code run(int argc, char **argv)
{
    struct report_options options = { 0 };
    const char **const paths = calloc((size_t)argc, sizeof *paths);
    enum exit_code code = EXIT_USAGE;
    int count, help;

    if (!paths)
        return fail(EXIT_FAILED, "%s", strerror(ENOMEM));
    if (options_parse(&command_report, argc, argv, &options, paths, argc, &count, &help) != EXIT_FINE)
        goto finish;
    if (help) {
        options_help(&command_report);
        code = EXIT_FINE;
    } else if (count == 0)
        fail(code, "FILE is missing, as in: mpirun fodder verify DIR --manifest set.json --json | fodder report -");
    else
        code = report(&options, paths, count);
finish:
    free(paths);
    return code;
}

const struct command command_report = {
    .name = "report",
    .arguments = "FILE...|- [OPTION]...",
    .summary = "Puts the results of many ranks together: how much, how fast, which are slow, missing or wrong.",
    .groups = groups,
    .more = "FILE holds what dataset, generate or verify tell with --json, of one process or of many; - is standard "
            "input.\n"
            "Exit status: 0 fine, 1 failed, or ranks are missing, there twice or of another run, 2 wrong usage, 3 the "
            "data\n"
            "that a verify has compared differ.\n"
            "Example: fodder report results.json --svg chart.svg\n",
    .run = run,
};
