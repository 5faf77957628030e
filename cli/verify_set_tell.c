#include "verify_set_tell.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* The file that misplaced data belong to, and where in it; false where none holds them. */
static bool find_source(const struct set *set, const fodder_run *run, struct set_file *file)
{
    return run->kind == FODDER_MISPLACED && set_find(set, run->source, file) && run->source - file->start < file->size;
}

static void print_first(const struct set_findings *found, const fodder_run *run)
{
    struct set_file source;

    printf("%s", fodder_kind_name(run->kind));
    if (!find_source(found->set, run, &source)) {
        findings_print_run(run, found->args->foreign_names);
        return;
    }
    printf(" at %" PRIu64 ", %" PRIu64 " bytes: belongs to %s at %" PRIu64 ", generation %" PRIu64 "%s", run->offset,
           run->len, source.name, run->source - source.start, run->generation, findings_torn(run));
}

void bad_file_print(const struct set_findings *found, const struct bad_file *bad, const char *name)
{
    print_plain(stdout, name);
    printf(": ");
    if (bad->state == FILE_IS_MISSING)
        printf("missing: there is no such file");
    if (bad->state == FILE_IS_OTHER)
        printf("this is no regular file");
    if (bad->runs > 0) {
        print_first(found, &bad->first);
        printf("; %" PRIu64 " run%s", bad->runs, bad->runs == 1 ? "" : "s");
    }
    if (bad->longer > 0)
        printf("%s%" PRIu64 " bytes too long", bad->runs > 0 ? "; " : "", bad->longer);
    printf("\n");
}

void set_findings_print(const struct set_findings *found, double seconds)
{
    const fodder_report *const report = &found->report;
    const double rate = (double)report->bytes / seconds;

    if (report->runs > 0)
        findings_print_sums(found->wrong);
    print_plain(stdout, found->args->dir);
    if (found->bad_files == 0 && found->strays == 0)
        printf(": right, %" PRIu64 " files, %s (%" PRIu64 " bytes) in %s, %.3g files/s, %s", found->files,
               text_size((double)report->bytes).text, report->bytes, text_time(seconds).text,
               (double)found->files / seconds, text_rate(rate).text);
    else
        printf(": WRONG, %" PRIu64 " of %" PRIu64 " files differ; %" PRIu64 " of %" PRIu64 " bytes, in %" PRIu64
               " run%s",
               found->bad_files, found->files, report->bad, report->bytes, report->runs, report->runs == 1 ? "" : "s");
    if (found->unreadable > 0)
        printf("; %" PRIu64 " more could not be read", found->unreadable);
    if (found->strays > 0)
        printf("; %" PRIu64 " file%s not belong to the set", found->strays, found->strays == 1 ? " does" : "s do");
    printf("\n");
}

static struct json *bad_json(const struct set_findings *found, const struct bad_file *bad)
{
    struct json *const object = json_new();
    struct set_file source;
    char name[NAMES_TEXT];

    names_print(name, &found->set->names, bad->k);
    json_text(object, "name", name);
    json_whole(object, "file", bad->k);
    json_bool(object, "missing", bad->state == FILE_IS_MISSING);
    json_bool(object, "regular", bad->state != FILE_IS_OTHER);
    json_whole(object, "bad", bad->bad);
    json_whole(object, "longer", bad->longer);
    json_whole(object, "runs", bad->runs);
    if (bad->runs > 0)
        json_child(object, "first_run", findings_run_json(&bad->first, found->args->foreign_names));
    if (bad->runs > 0 && find_source(found->set, &bad->first, &source)) {
        json_text(object, "source_name", source.name);
        json_whole(object, "source_offset", bad->first.source - source.start);
    }
    return object;
}

static int by_number(const void *left, const void *right)
{
    const struct bad_file *const a = left, *const b = right;

    return a->k < b->k ? -1 : a->k > b->k;
}

enum exit_code set_findings_json(struct set_findings *found, struct span span)
{
    enum exit_code code = EXIT_FINE;
    struct json *const object = json_new();

    qsort(found->list, found->listed, sizeof *found->list, by_number);
    json_bool(object, "ok", found->bad_files == 0 && found->unreadable == 0 && found->strays == 0);
    json_whole(object, "files", found->files);
    json_bool(object, "complete", found->files + found->unreadable == found->wanted);
    json_whole(object, "bad_files", found->bad_files);
    json_whole(object, "unreadable", found->unreadable);
    if (found->args->strict)
        json_whole(object, "strays", found->strays);
    json_whole(object, "bytes", found->report.bytes);
    json_whole(object, "bad", found->report.bad);
    json_whole(object, "runs", found->report.runs);
    json_list(object, "differ");
    for (uint64_t i = 0; i < found->listed; i++)
        json_append(object, "differ", bad_json(found, &found->list[i]));
    json_whole(object, "more_differ", found->bad_files - found->listed);
    json_text(object, "spec", found->set->text);
    json_text(object, "path", found->args->dir);
    ranks_json(&found->args->ranks, object);
    span_json(span, "verify", object);
    if (!json_write(object, stdout))
        code = fail(EXIT_FAILED, "--json: %s", strerror(errno));
    json_free(object);
    return code;
}
