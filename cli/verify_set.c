#define _GNU_SOURCE
#include "verify_set.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "set_manifest.h"
#include "stop.h"
#include "verifying.h"

/* clang-format off */
const struct option_row verify_set_rows[] = {
    { .name = "strict", .place = offsetof(struct verify_set_args, strict),
      .help = "a file that does not belong to the set is a difference" },
    { 0 },
};
/* clang-format on */

bool verify_set_is(const char *path, const char *manifest)
{
    struct stat status;

    if (s3_is_path(path))
        return path[strlen(path) - 1] == '/' || (manifest && set_manifest_is(manifest));
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

bool verify_set_given(const struct verify_set_args *args)
{
    return args->ranks.rank_given || args->ranks.world_given || args->strict;
}

static bool make_foreign(struct verifying *job, const struct verify_set_args *args)
{
    int r = 0;

    for (size_t i = 0; i < args->foreign_count && r == 0; i++) {
        fodder_spec spec = job->set->spec;

        spec.seed = args->foreign_specs[i].seed;
        spec.series = args->foreign_specs[i].series;
        r = fodder_plan_new(&job->foreign[i], &spec);
    }
    return r == 0;
}

/* Tells all, also where it had to end early. */
static enum exit_code tell(struct verifying *job, struct span span)
{
    struct set_findings *const found = &job->found;
    enum exit_code code = EXIT_FINE;

    if (found->args->json)
        code = set_findings_json(found, span);
    else if (!found->args->quiet)
        set_findings_print(found, span.seconds);
    if (stop_asked())
        return fail(EXIT_FAILED, "%s: %s after %" PRIu64 " of %" PRIu64 " files", found->args->dir, stop_name(),
                    found->files, found->wanted);
    if (code != EXIT_FINE || found->unreadable > 0)
        return EXIT_FAILED;
    return found->bad_files > 0 || found->strays > 0 ? EXIT_DIFFERS : EXIT_FINE;
}

static enum exit_code run_all(struct verifying *job, const struct set_walk *walk)
{
    enum exit_code code = EXIT_FAILED;

    stop_listen();
    if (start_at_wait(&job->found.args->start, job->found.args->quiet, "no files were compared") != EXIT_FINE)
        return code;
    job->sum.progress = progress_start(set_walk_bytes(walk), job->found.args->quiet);
    if (!make_foreign(job, job->found.args) || set_walk_run(walk) == -ENOMEM) {
        fail(code, "%s", strerror(ENOMEM));
        goto finish;
    }
    if (job->found.args->strict)
        verify_strays(job);
    code = tell(job, progress_end(&job->sum.progress));
finish:
    for (size_t i = 0; i < VERIFYING_FOREIGN; i++)
        fodder_plan_free(job->foreign[i]);
    return code;
}

/* At least one file in SET_ALL. */
static uint64_t sample_of(const struct verify_set_args *args)
{
    const uint64_t sample = (uint64_t)(args->sample * (double)SET_ALL + 0.5);

    return args->sample == 0 ? SET_ALL : sample > 0 ? sample : 1;
}

static enum exit_code verify_files(const struct verify_set_args *args, const struct set *set)
{
    struct set_walk walk = set_walk_all(set);
    struct verifying *const job = calloc(1, sizeof *job);
    const bool objects = s3_is_path(args->dir);
    const int root = objects ? -1 : open(args->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum exit_code code = EXIT_FINE;

    if (!job || (root < 0 && !objects)) {
        code = fail(EXIT_FAILED, "%s: %s", args->dir, strerror(job ? errno : ENOMEM));
        goto finish;
    }
    if (objects)
        code = set_objects_open(&job->objects, args->s3, args->dir);
    if (objects && code == EXIT_FINE)
        code = set_objects_check(&job->objects, args->dir, set);
    if (code != EXIT_FINE)
        goto finish;
    job->set = set;
    pthread_mutex_init(&job->lock, NULL);
    job->found.args = args;
    job->found.set = set;
    walk.rank = args->ranks.rank;
    walk.world = args->ranks.world;
    walk.sample = sample_of(args);
    job->found.wanted = set_walk_files(&walk);
    walk.threads = args->threads;
    walk.root = root;
    walk.user = job;
    walk.visit = objects ? verify_object_visit : verify_file_visit;
    code = run_all(job, &walk);
finish:
    if (root >= 0)
        close(root);
    if (job)
        set_objects_close(&job->objects);
    free(job);
    return code;
}

enum exit_code verify_set(struct verify_set_args *args)
{
    struct set set = { 0 };
    enum exit_code code = ranks_settle(&args->ranks);

    if (code != EXIT_FINE)
        return code;
    if (!args->quiet)
        ranks_tell(&args->ranks);
    code = set_manifest_read(&set, args->manifest);
    if (code == EXIT_FINE)
        code = set_prepare(&set, args->threads);
    if (code == EXIT_FINE)
        code = start_at_check(&args->start);
    if (code == EXIT_FINE)
        code = verify_files(args, &set);
    set_free(&set);
    return code;
}
