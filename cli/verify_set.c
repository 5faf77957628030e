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

#include "progress.h"
#include "set_dir.h"
#include "set_manifest.h"
#include "set_objects.h"
#include "stop.h"
#include "verify_set_tell.h"
#include "walk.h"

enum { MOST_FOREIGN = 16 };

struct verifying {
    const struct set *set;
    struct set_objects objects; /* where DIR is s3://BUCKET/PREFIX */
    fodder_plan *foreign[MOST_FOREIGN];
    struct progress_sum sum;
    pthread_mutex_t lock; /* of what follows, and of lines on standard output */
    struct set_findings found;
};

/* What is found of one file. */
struct one {
    uint64_t start;
    struct bad_file bad;
    uint64_t wrong[FINDINGS_KINDS];
};

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

/* Adds one file to what was found, and names it where it is bad. */
static void count_file(struct verifying *job, const struct set_file *file, const struct one *one,
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

static void count_unreadable(struct verifying *job, const char *name, const char *why)
{
    pthread_mutex_lock(&job->lock);
    job->found.unreadable++;
    say("%s/%s: %s", job->found.args->dir, name, why);
    pthread_mutex_unlock(&job->lock);
}

/* Gives all of the file to the verifier; it may end early. 0, or an errno value. */
static int read_all(struct verifying *job, struct set_hand *hand, int fd, fodder_verifier *verifier, uint64_t size)
{
    uint64_t done = 0;

    while (done < size && !stop_asked()) {
        const ssize_t n = read(fd, hand->block, size - done < SET_BLOCK ? (size_t)(size - done) : SET_BLOCK);

        if (n < 0 && errno != EINTR)
            return errno;
        if (n == 0)
            break;
        if (n < 0)
            continue;
        if (fodder_verifier_add(verifier, hand->block, (size_t)n) < 0)
            return ERANGE;
        done += (uint64_t)n;
        progress_add(&job->sum, hand->index, (size_t)n);
    }
    return stop_asked() ? EINTR : 0;
}

/* Most files are small and right, which one read tells: it would take a byte more than there should be. A million of
 * them are compared as fast as they are read then; asking for each one's status as well takes a quarter longer. */
static bool is_right_at_once(struct verifying *job, struct set_hand *hand, int fd, const struct set_file *file)
{
    const struct one one = { .bad = { .k = file->k } };
    fodder_report report;

    if (file->size == 0 || file->size >= SET_BLOCK || read(fd, hand->block, file->size + 1) != (ssize_t)file->size ||
        fodder_verify(set_plan_of(job->set, file->k), file->start, hand->block, file->size, NULL, &report) < 0 ||
        report.bad > 0)
        return false;
    progress_add(&job->sum, hand->index, file->size);
    count_file(job, file, &one, &report);
    return true;
}

static int new_verifier(struct verifying *job, const struct set_file *file, struct one *one, fodder_verifier **verifier)
{
    return fodder_verifier_new(verifier, set_plan_of(job->set, file->k), file->start, file->size,
                               &FODDER_VERIFY(.foreign = (const fodder_plan *const *)job->foreign,
                                              .foreign_count = job->found.args->foreign_count, .run = on_run,
                                              .user = one));
}

/* 0, or an errno value: EINTR where a stop was asked for. */
static int compare(struct verifying *job, struct set_hand *hand, int fd, const struct set_file *file)
{
    struct one one = { .start = file->start, .bad = { .k = file->k } };
    fodder_verifier *verifier = NULL;
    fodder_report report = { 0 };
    struct stat status;
    int r;

    if (is_right_at_once(job, hand, fd, file))
        return 0;
    if (fstat(fd, &status) < 0)
        return errno;
    if (!S_ISREG(status.st_mode))
        return ELOOP;
    if (lseek(fd, 0, SEEK_SET) < 0)
        return errno;
    r = new_verifier(job, file, &one, &verifier);
    if (r < 0)
        return -r;
    r = read_all(job, hand, fd, verifier, file->size);
    if (r == 0) {
        fodder_verifier_end(verifier, &report);
        one.bad.bad = report.bad;
        one.bad.longer = (uint64_t)status.st_size > file->size ? (uint64_t)status.st_size - file->size : 0;
        count_file(job, file, &one, &report);
    }
    fodder_verifier_free(verifier);
    return r;
}

/* All of a file that is not there is missing. */
static void count_missing(struct verifying *job, const struct set_file *file, int error)
{
    const fodder_report report = { .bytes = file->size, .bad = file->size };
    struct one one = { .bad = { .k = file->k, .bad = file->size } };

    one.bad.state = error == ELOOP ? FILE_IS_OTHER : FILE_IS_MISSING;
    one.wrong[FODDER_MISSING] = file->size;
    count_file(job, file, &one, &report);
}

/* What comes of an object goes to the verifier. */
struct taking {
    struct verifying *job;
    fodder_verifier *verifier;
    unsigned thread;
};

static bool take(void *user, const void *data, size_t len)
{
    const struct taking *const taking = user;

    if (fodder_verifier_add(taking->verifier, data, len) < 0)
        return false;
    progress_add(&taking->job->sum, taking->thread, len);
    return true;
}

static int compare_object(struct verifying *job, struct set_hand *hand, const struct set_file *file,
                          struct s3_error *error)
{
    struct one one = { .start = file->start, .bad = { .k = file->k } };
    struct taking taking = { .job = job, .thread = hand->index };
    const struct s3_taker taker = { &taking, take };
    struct s3_object object;
    fodder_report report;
    int r = new_verifier(job, file, &one, &taking.verifier);

    if (r < 0) {
        snprintf(error->text, sizeof error->text, "%s", fodder_strerror(r));
        return r;
    }
    r = set_objects_read(&job->objects, file, &object, &taker, error);
    if (r == 0) {
        fodder_verifier_end(taking.verifier, &report);
        one.bad.bad = report.bad;
        one.bad.longer = object.size > file->size ? object.size - file->size : 0;
        count_file(job, file, &one, &report);
    }
    fodder_verifier_free(taking.verifier);
    return r;
}

static bool visit_object(struct verifying *job, struct set_hand *hand, const struct set_file *file)
{
    struct s3_error error = { 0 };
    const int r = compare_object(job, hand, file, &error);

    if (r < 0 && strcmp(error.code, "NoSuchKey") == 0)
        count_missing(job, file, ENOENT);
    else if (r < 0 && !stop_asked())
        count_unreadable(job, file->name, error.text);
    return !stop_asked();
}

static bool visit(void *user, struct set_hand *hand, const struct set_file *file)
{
    struct verifying *const job = user;
    int fd, error;

    if (stop_asked())
        return false;
    if (job->objects.s3)
        return visit_object(job, hand, file);
    fd = set_dir_open(&hand->dir, file->name, O_RDONLY, false);
    error = fd < 0 ? errno : compare(job, hand, fd, file);
    if (fd >= 0)
        close(fd);
    if (error == ENOENT || error == ENOTDIR || error == ELOOP) /* a link has ELOOP, and so has what is no file here */
        count_missing(job, file, error);
    else if (error != 0 && !stop_asked())
        count_unreadable(job, file->name, strerror(error));
    return !stop_asked();
}

/* --strict: files that are not of the set. */
static bool visit_name(void *user, const char *name)
{
    struct verifying *const job = user;
    uint64_t k;

    if (names_find(&k, &job->set->names, name) && k < job->set->files)
        return !stop_asked();
    job->found.strays++;
    if (!job->found.args->json && !job->found.args->quiet) {
        print_plain(stdout, name);
        printf(": this does not belong to the set\n");
    }
    return !stop_asked();
}

static bool visit_any(void *user, const char *path, const struct stat *status)
{
    const struct verifying *const job = user;
    const char *const name = path + strlen(job->found.args->dir);
    (void)status;

    return visit_name(user, name + strspn(name, "/"));
}

static void visit_unreadable(void *user, const char *path, int error)
{
    struct verifying *const job = user;

    job->found.unreadable++;
    say("%s: %s", path, strerror(error));
}

static void list_strays(struct verifying *job)
{
    struct s3_error error;

    if (set_objects_list(&job->objects, visit_name, job, &error) == 0 || stop_asked())
        return;
    job->found.unreadable++;
    say("%s: %s", job->found.args->dir, error.text);
}

static bool look_for_strays(struct verifying *job)
{
    const struct walk_visitor visitor = { .user = job, .file = visit_any, .unreadable = visit_unreadable };
    struct walk_links links = { 0 };
    bool whole;

    if (job->objects.s3) {
        list_strays(job);
        return true;
    }
    whole = walk(job->found.args->dir, &visitor, &links);
    walk_links_free(&links);
    return whole;
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
    if (job->found.args->strict && !look_for_strays(job) && !stop_asked())
        visit_unreadable(job, job->found.args->dir, ENOMEM); /* what else ends a walk */
    code = tell(job, progress_end(&job->sum.progress));
finish:
    for (size_t i = 0; i < MOST_FOREIGN; i++)
        fodder_plan_free(job->foreign[i]);
    return code;
}

/* At least one file in SET_ALL. */
static uint64_t sample_of(const struct verify_set_args *args)
{
    const uint64_t sample = (uint64_t)(args->sample * (double)SET_ALL + 0.5);

    return args->sample == 0 ? SET_ALL : sample > 0 ? sample : 1;
}

static enum exit_code verify_files(const struct verify_set_args *args, const struct set *set, unsigned threads)
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
    walk.threads = threads;
    walk.root = root;
    walk.user = job;
    walk.visit = visit;
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
    const bool more = s3_is_path(args->dir) && fodder_total_cpus() < SET_OBJECTS_THREADS;
    const unsigned threads = args->threads > 0 ? args->threads : more ? SET_OBJECTS_THREADS : fodder_total_cpus();
    struct set set = { 0 };
    enum exit_code code = ranks_settle(&args->ranks);

    if (code != EXIT_FINE)
        return code;
    if (!args->quiet)
        ranks_tell(&args->ranks);
    code = set_manifest_read(&set, args->manifest);
    if (code == EXIT_FINE)
        code = set_prepare(&set, threads);
    if (code == EXIT_FINE)
        code = start_at_check(&args->start);
    if (code == EXIT_FINE)
        code = verify_files(args, &set, threads);
    set_free(&set);
    return code;
}
