#include "report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "quartiles.h"
#include "text.h"

/* In order of ranks; what has none, by host and time. */
static int by_rank(const void *left, const void *right)
{
    const struct report_run *const a = left, *const b = right;
    const int host = strcmp(a->host, b->host);

    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    return host != 0 ? host : a->began < b->began ? -1 : a->began > b->began;
}

static bool is_twice(const struct report *report, const struct report_run *run)
{
    const struct report_run *const next = run + 1;

    if (report->ranked)
        return run->rank == next->rank;
    return strcmp(run->host, next->host) == 0 && strcmp(run->path, next->path) == 0 && run->began == next->began;
}

static void note_missing(struct report *report, uint64_t first, uint64_t end)
{
    if (first >= end)
        return;
    report->missing[report->missing_count++] = (struct report_gap) { first, end - 1 };
    report->missing_ranks += end - first;
}

static bool find_faults(struct report *report)
{
    uint64_t next = 0;

    report->missing = calloc(report->count + 1, sizeof *report->missing);
    report->twice = calloc(report->count, sizeof *report->twice);
    if (!report->missing || !report->twice)
        return false;
    for (size_t i = 0; i < report->count; i++) {
        if (i + 1 < report->count && is_twice(report, &report->runs[i]) &&
            (i == 0 || !is_twice(report, &report->runs[i - 1])))
            report->twice[report->twice_count++] = i;
        if (report->ranked)
            note_missing(report, next, report->runs[i].rank);
        next = report->runs[i].rank + 1;
    }
    if (report->ranked)
        note_missing(report, next, report->world);
    return true;
}

static int by_text(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static bool count_hosts(struct report *report)
{
    char **const hosts = calloc(report->count, sizeof *hosts);

    if (!hosts)
        return false;
    for (size_t i = 0; i < report->count; i++)
        hosts[i] = report->runs[i].host;
    qsort(hosts, report->count, sizeof *hosts, by_text);
    for (size_t i = 0; i < report->count; i++)
        report->hosts += i == 0 || strcmp(hosts[i], hosts[i - 1]) != 0;
    free(hosts);
    return true;
}

static bool sum_rates(struct report *report)
{
    double *const rates = calloc(report->count, sizeof *rates);

    if (!rates)
        return false;
    for (size_t i = 0; i < report->count; i++)
        rates[i] = report->runs[i].rate;
    report->median = spread_of(rates, report->count).median;
    report->slowest = rates[0];
    report->fastest = rates[report->count - 1];
    free(rates);
    return true;
}

/* The clock tells microseconds. */
static double seconds_of(double began, double ended)
{
    return ended - began > 1e-6 ? ended - began : 1e-6;
}

bool report_sum(struct report *report)
{
    qsort(report->runs, report->count, sizeof *report->runs, by_rank);
    report->began = report->last_start = report->runs[0].began;
    for (size_t i = 0; i < report->count; i++) {
        struct report_run *const run = &report->runs[i];

        run->rate = (double)run->bytes / seconds_of(run->began, run->ended);
        report->files += run->files;
        report->bytes += run->bytes;
        report->bad += run->bad;
        report->bad_files += run->bad_files;
        report->began = run->began < report->began ? run->began : report->began;
        report->last_start = run->began > report->last_start ? run->began : report->last_start;
        report->ended = run->ended > report->ended ? run->ended : report->ended;
    }
    report->rate = (double)report->bytes / seconds_of(report->began, report->ended);
    return find_faults(report) && count_hosts(report) && sum_rates(report);
}

bool report_whole(const struct report *report)
{
    return report->missing_count == 0 && report->twice_count == 0 && report->unreadable == 0 && report->incomplete == 0;
}

bool report_differs(const struct report *report)
{
    return report->bad_files > 0 || report->strays > 0;
}

struct report_name report_name(const struct report *report, const struct report_run *run)
{
    struct report_name name;

    if (report->ranked)
        snprintf(name.text, sizeof name.text, "rank %" PRIu64, run->rank);
    else
        snprintf(name.text, sizeof name.text, "%.24s:%.50s", run->host, run->path);
    return name;
}

size_t report_slowest(const struct report *report, const struct report_run **slowest, size_t most)
{
    size_t found = 0;

    for (size_t i = 0; i < report->count; i++) {
        const struct report_run *const run = &report->runs[i];
        size_t at = found;

        while (at > 0 && run->rate < slowest[at - 1]->rate) {
            if (at < most)
                slowest[at] = slowest[at - 1];
            at--;
        }
        if (at < most)
            slowest[at] = run;
        found += found < most;
    }
    return found;
}

void report_headline(const struct report *report, FILE *file)
{
    const double seconds = seconds_of(report->began, report->ended);

    fprintf(file, "%s: %zu %s%s on %zu host%s, ", report->command, report->count, report->ranked ? "rank" : "process",
            report->count == 1 ? ""
            : report->ranked   ? "s"
                               : "es",
            report->hosts, report->hosts == 1 ? "" : "s");
    fprintf(file, "%" PRIu64 " file%s, %s (%" PRIu64 " bytes) in %s: %s", report->files, report->files == 1 ? "" : "s",
            text_size((double)report->bytes).text, report->bytes, text_time(seconds).text,
            text_rate(report->rate).text);
}
