#include "report.h"

/* So many ranks or processes are listed. */
enum { LISTED = 1000 };

static void put_missing(const struct report *report, struct json *object)
{
    uint64_t listed = 0;

    json_list(object, "missing");
    for (size_t i = 0; i < report->missing_count; i++) {
        for (uint64_t rank = report->missing[i].first; rank <= report->missing[i].last && listed < LISTED; rank++) {
            json_append_whole(object, "missing", rank);
            listed++;
        }
    }
    json_whole(object, "more_missing", report->missing_ranks - listed);
}

static void put_twice(const struct report *report, struct json *object)
{
    json_list(object, "twice");
    for (size_t i = 0; i < report->twice_count && i < LISTED; i++) {
        struct json *const one = json_new();

        json_text(one, "name", report_name(report, &report->runs[report->twice[i]]).text);
        json_append(object, "twice", one);
    }
    json_whole(object, "more_twice", report->twice_count > LISTED ? report->twice_count - LISTED : 0);
}

static void put_slowest(const struct report *report, struct json *object)
{
    const struct report_run *slowest[10];
    const size_t count = report_slowest(report, slowest, sizeof slowest / sizeof *slowest);

    json_list(object, "slowest");
    for (size_t i = 0; i < count; i++) {
        struct json *const one = json_new();

        if (report->ranked)
            json_whole(one, "rank", slowest[i]->rank);
        json_text(one, "host", slowest[i]->host);
        json_text(one, "path", slowest[i]->path);
        json_number(one, "began", slowest[i]->began);
        json_number(one, "ended", slowest[i]->ended);
        json_whole(one, "bytes", slowest[i]->bytes);
        json_number(one, "bytes_per_second", slowest[i]->rate);
        json_append(object, "slowest", one);
    }
}

static void put_rates(const struct report *report, struct json *object)
{
    struct json *const each = json_new();

    json_number(each, "min", report->slowest);
    json_number(each, "median", report->median);
    json_number(each, "max", report->fastest);
    json_child(object, "each_bytes_per_second", each);
}

struct json *report_json(const struct report *report)
{
    struct json *const object = json_new();

    json_bool(object, "ok", report_whole(report) && !report_differs(report));
    json_text(object, "command", report->command);
    json_text(object, "spec", report->spec);
    json_whole(object, "processes", report->count);
    if (report->ranked)
        json_whole(object, "world", report->world);
    json_whole(object, "hosts", report->hosts);
    json_whole(object, "files", report->files);
    json_whole(object, "bytes", report->bytes);
    json_number(object, "began", report->began);
    json_number(object, "ended", report->ended);
    json_number(object, "seconds", report->ended - report->began);
    json_number(object, "bytes_per_second", report->rate);
    json_number(object, "starts_within_seconds", report->last_start - report->began);
    put_rates(report, object);
    put_slowest(report, object);
    put_missing(report, object);
    put_twice(report, object);
    json_whole(object, "bad_files", report->bad_files);
    json_whole(object, "bad", report->bad);
    json_whole(object, "strays", report->strays);
    json_whole(object, "unreadable", report->unreadable);
    json_whole(object, "incomplete", report->incomplete);
    return object;
}
