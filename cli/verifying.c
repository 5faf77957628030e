#define _GNU_SOURCE
#include "verifying.h"

#include <errno.h>

static void on_run(void *user, const fodder_run *run)
{
    struct one *const one = user;

    one->wrong[run->kind] += run->len;
    if (one->bad.runs++ > 0)
        return;
    one->bad.first = *run;
    one->bad.first.offset -= one->start;
    one->bad.first.first -= one->start;
    one->bad.first.last -= one->start;
}

void verifying_count(struct verifying *job, const struct set_file *file, const struct one *one,
                     const fodder_report *report)
{
    struct set_findings *const found = &job->found;
    const struct bad_file *const bad = &one->bad;

    pthread_mutex_lock(&job->lock);
    found->files++;
    found->report.bytes += report->bytes;
    found->report.bad += report->bad;
    found->report.runs += report->runs;
    for (size_t kind = 0; kind < FINDINGS_KINDS; kind++)
        found->wrong[kind] += one->wrong[kind];
    if (bad->runs > 0 || bad->longer > 0 || bad->state != FILE_HAS_RUNS) {
        found->bad_files++;
        if (found->listed < FINDINGS_RUNS)
            found->list[found->listed++] = *bad;
        if (!found->args->json && !found->args->quiet)
            bad_file_print(found, bad, file->name);
    }
    pthread_mutex_unlock(&job->lock);
}

void verifying_count_unreadable(struct verifying *job, const char *name, const char *why)
{
    pthread_mutex_lock(&job->lock);
    job->found.unreadable++;
    say("%s/%s: %s", job->found.args->dir, name, why);
    pthread_mutex_unlock(&job->lock);
}

int verifying_verifier(struct verifying *job, const struct set_file *file, struct one *one, fodder_verifier **verifier)
{
    return fodder_verifier_new(verifier, set_plan_of(job->set, file->k), file->start, file->size,
                               &FODDER_VERIFY(.foreign = (const fodder_plan *const *)job->foreign,
                                              .foreign_count = job->found.args->foreign_count, .run = on_run,
                                              .user = one));
}

void verifying_count_missing(struct verifying *job, const struct set_file *file, int error)
{
    const fodder_report report = { .bytes = file->size, .bad = file->size };
    struct one one = { .bad = { .k = file->k, .bad = file->size } };

    one.bad.state = error == ELOOP ? FILE_IS_OTHER : FILE_IS_MISSING;
    one.wrong[FODDER_MISSING] = file->size;
    verifying_count(job, file, &one, &report);
}
