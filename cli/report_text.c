#define _GNU_SOURCE
#include "report.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <time.h>

#include "text.h"

/* The chart: at most so many rows, each of so many columns. */
enum { ROWS = 20, COLUMNS = 48, SLOWEST = 3 };

static void print_time(double seconds)
{
    const time_t whole = (time_t)seconds;
    struct tm parts;
    char text[64];

    gmtime_r(&whole, &parts);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    printf("%s.%03dZ", text, (int)(1000 * (seconds - floor(seconds))));
}

static void print_times(const struct report *report)
{
    printf("from ");
    print_time(report->began);
    printf(" to ");
    print_time(report->ended);
    printf("; the starts lie within %s\n", text_time(report->last_start - report->began).text);
}

static void print_rates(const struct report *report)
{
    const struct report_run *slowest[SLOWEST];
    const size_t count = report_slowest(report, slowest, SLOWEST);

    if (report->count == 1)
        return;
    printf("each: %s to %s, median %s\nslowest: ", text_rate(report->slowest).text, text_rate(report->fastest).text,
           text_rate(report->median).text);
    for (size_t i = 0; i < count; i++) {
        printf("%s", i > 0 ? ", " : "");
        print_plain(stdout, report_name(report, slowest[i]).text);
        if (report->ranked) {
            printf(" on ");
            print_plain(stdout, slowest[i]->host);
        }
        printf(" %s", text_rate(slowest[i]->rate).text);
    }
    printf("\n");
}

/* How many of the runs of a row were at work in the middle of a column. */
static char mark(const struct report *report, size_t first, size_t end, int column)
{
    const double at = report->began + (report->ended - report->began) * (column + 0.5) / COLUMNS;
    size_t busy = 0;

    for (size_t i = first; i < end; i++)
        busy += report->runs[i].began <= at && at <= report->runs[i].ended;
    return busy == end - first ? '#' : busy * 2 >= end - first ? '+' : busy > 0 ? '-' : ' ';
}

static void print_row(const struct report *report, size_t first, size_t end)
{
    const struct report_name from = report_name(report, &report->runs[first]);
    char name[2 * sizeof from.text], bar[COLUMNS + 1] = "";
    double rate = 0;

    for (int column = 0; column < COLUMNS; column++)
        bar[column] = mark(report, first, end, column);
    for (size_t i = first; i < end; i++)
        rate += report->runs[i].rate;
    if (end - first == 1)
        snprintf(name, sizeof name, "%s", from.text);
    else if (report->ranked)
        snprintf(name, sizeof name, "ranks %" PRIu64 "-%" PRIu64, report->runs[first].rank, report->runs[end - 1].rank);
    else
        snprintf(name, sizeof name, "%zu of them", end - first);
    print_plain(stdout, name);
    printf("%*s|%s| %s\n", (int)(strlen(name) < 18 ? 18 - strlen(name) : 1), "", bar,
           text_rate(rate / (double)(end - first)).text);
}

/* Rows of one run each, or of as many as it takes. */
static void print_chart(const struct report *report)
{
    const size_t each = (report->count + ROWS - 1) / ROWS;
    const struct text end = text_time(report->ended - report->began);

    printf("\n");
    for (size_t i = 0; i < report->count; i += each)
        print_row(report, i, i + each < report->count ? i + each : report->count);
    printf("%*s0%*s\n", 19, "", COLUMNS, end.text);
    if (each > 1)
        printf("(# all of a row's at work, + half of them, - fewer; the rate is that of each)\n");
}

static void print_verdict(const struct report *report)
{
    if (strcmp(report->command, "verify") != 0)
        return;
    if (report->bad_files == 0 && report->strays == 0)
        printf("all that was compared is right\n");
    else
        printf("WRONG: %" PRIu64 " files differ, in %" PRIu64 " bytes; %" PRIu64 " files do not belong to the set\n",
               report->bad_files, report->bad, report->strays);
}

void report_print(const struct report *report)
{
    report_headline(report, stdout);
    printf("\n");
    print_times(report);
    print_rates(report);
    print_verdict(report);
    print_chart(report);
}
