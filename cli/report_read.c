#define _GNU_SOURCE
#include "report.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <fodder/fodder.h>

/* What must be the same in all objects; "files" is the whole set's in a dataset's, the rank's in a verify's. */
static const struct {
    const char *key;
    const char *command; /* NULL: of each */
} shared[] = {
    { "command", NULL },   { "spec", NULL },       { "world", NULL },        { "files", "dataset" },
    { "size", "dataset" }, { "names", "dataset" }, { "per_dir", "dataset" }, { "histogram", "dataset" },
};

struct value {
    char text[FODDER_SPEC_TEXT + 32];
};

/* A spec without its series, which is another for each process that has data of its own. */
static bool without_series(struct value *value, const char *spec)
{
    const char *why;
    fodder_spec parsed;

    if (fodder_spec_parse(&parsed, spec, &why) < 0)
        return false;
    parsed.series = 0;
    return fodder_spec_print(&parsed, value->text, sizeof value->text) == 0;
}

/* The value of a key, to be shown or compared; a long text is told by its beginning, its length and a sum. */
static struct value value_of(const struct json *object, const char *key, bool ranked)
{
    struct value value = { "nothing" };
    const char *text;
    uint64_t number, sum = 0;

    if (json_get_whole(object, key, &number))
        snprintf(value.text, sizeof value.text, "%" PRIu64, number);
    if (!json_get_text(object, key, &text) || (!ranked && strcmp(key, "spec") == 0 && without_series(&value, text)))
        return value;
    for (const char *c = text; *c != '\0'; c++)
        sum = (sum ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
    if (strlen(text) < FODDER_SPEC_TEXT)
        snprintf(value.text, sizeof value.text, "%s", text);
    else
        snprintf(value.text, sizeof value.text, "%.20s... (%zu bytes, %" PRIx64 ")", text, strlen(text), sum);
    return value;
}

/* The place of an object, for messages. */
struct place {
    const char *path;
    size_t number;
};

static enum exit_code check_same(const struct report *report, const struct json *object, struct place place)
{
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++) {
        const struct value ours = value_of(report->first, shared[i].key, report->ranked);
        const struct value its = value_of(object, shared[i].key, report->ranked);

        if (shared[i].command && strcmp(shared[i].command, report->command) != 0)
            continue;
        if (strcmp(ours.text, its.text) != 0)
            return fail(EXIT_FAILED,
                        "%s, object %zu: its %s is %s, that of the first is %s: they do not belong together",
                        place.path, place.number, shared[i].key, its.text, ours.text);
    }
    return EXIT_FINE;
}

/* What of a result counts as done: all that a verify has read, what a dataset has written. */
static bool read_amounts(struct report *report, struct report_run *run, const struct json *object)
{
    uint64_t unreadable = 0, strays = 0;
    bool complete = true;

    run->files = 1;
    if (strcmp(report->command, "dataset") == 0)
        return json_get_whole(object, "written", &run->files) && json_get_whole(object, "written_bytes", &run->bytes);
    if (!json_get_whole(object, "bytes", &run->bytes))
        return false;
    if (strcmp(report->command, "generate") == 0)
        return true;
    json_get_whole(object, "files", &run->files);
    json_get_whole(object, "strays", &strays);
    report->unreadable += json_get_whole(object, "unreadable", &unreadable) ? unreadable : 0;
    report->strays += strays;
    report->incomplete += json_get_bool(object, "complete", &complete) && !complete;
    if (!json_get_whole(object, "bad_files", &run->bad_files))
        run->bad_files = json_get_whole(object, "bad", &run->bad) && run->bad > 0;
    return json_get_whole(object, "bad", &run->bad);
}

static bool read_place_and_time(struct report_run *run, const struct json *object)
{
    const char *host, *path;

    if (!json_get_text(object, "host", &host) || !json_get_text(object, "path", &path) ||
        !json_get_number(object, "began", &run->began) || !json_get_number(object, "ended", &run->ended))
        return false;
    run->host = strdup(host);
    run->path = strdup(path);
    return run->host && run->path && run->ended >= run->began && run->began >= 0 && isfinite(run->ended);
}

static bool read_run(struct report *report, struct report_run *run, const struct json *object)
{
    uint64_t world;

    *run = (struct report_run) { 0 };
    if (!read_place_and_time(run, object) || !read_amounts(report, run, object))
        return false;
    return !report->ranked ||
           (json_get_whole(object, "world", &world) && json_get_whole(object, "rank", &run->rank) && run->rank < world);
}

static bool know_command(struct report *report)
{
    static const char *const commands[] = { "generate", "dataset", "verify" };

    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(report->command, commands[i]) == 0)
            return true;
    }
    return false;
}

/* The first object says what the others must be. */
static bool take_first(struct report *report, struct json *object)
{
    report->first = object;
    report->ranked = json_get_whole(object, "world", &report->world);
    return json_get_text(object, "command", &report->command) && json_get_text(object, "spec", &report->spec) &&
           know_command(report);
}

static bool make_room(struct report *report)
{
    const size_t room = report->room > 0 ? 2 * report->room : 64;
    struct report_run *runs;

    if (report->count < report->room)
        return true;
    runs = realloc(report->runs, room * sizeof *runs);
    if (!runs)
        return false;
    report->runs = runs;
    report->room = room;
    return true;
}

/* Takes the object. */
static enum exit_code add(struct report *report, struct json *object, struct place place)
{
    static const char what[] = "this is no result of fodder dataset, generate or verify, as --json tells it";
    const bool leads = !report->first;
    enum exit_code code = EXIT_FINE;

    if (!make_room(report))
        code = fail(EXIT_FAILED, "%s", strerror(ENOMEM));
    else if (leads && !take_first(report, object))
        code = fail(EXIT_FAILED, "%s, object %zu: %s", place.path, place.number, what);
    else if (!leads)
        code = check_same(report, object, place);
    errno = 0;
    if (code == EXIT_FINE && !read_run(report, &report->runs[report->count++], object))
        code = fail(EXIT_FAILED, "%s, object %zu: %s", place.path, place.number,
                    errno == ENOMEM ? strerror(ENOMEM) : what);
    if (object != report->first)
        json_free(object);
    return code;
}

enum exit_code report_read(struct report *report, const char *path)
{
    const bool standard = strcmp(path, "-") == 0;
    struct place place = { standard ? "standard input" : path, 0 };
    FILE *const file = standard ? stdin : fopen(path, "re");
    enum exit_code code = EXIT_FINE;
    const char *why = NULL;
    struct json *object;

    if (!file)
        return fail(EXIT_FAILED, "%s: %s", path, strerror(errno));
    while (code == EXIT_FINE && (object = json_read_next(file, &why))) {
        place.number++;
        code = add(report, object, place);
    }
    if (code == EXIT_FINE && why)
        code = fail(EXIT_FAILED, "%s, after %zu objects: %s; it takes what --json prints, and nothing between",
                    place.path, place.number, why);
    else if (code == EXIT_FINE && place.number == 0)
        code = fail(EXIT_FAILED, "%s: it is empty; it takes what --json prints", place.path);
    if (!standard)
        fclose(file);
    return code;
}

void report_free(struct report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        free(report->runs[i].host);
        free(report->runs[i].path);
    }
    free(report->runs);
    free(report->missing);
    free(report->twice);
    json_free(report->first);
}
