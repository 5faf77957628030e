#define _GNU_SOURCE
#include "dataset.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "progress.h"
#include "set_dir.h"
#include "stop.h"

/* What of a file tells that it is settled. */
enum { END = 4096 };

struct writing {
    const struct dataset *d;
    struct progress_sum sum;
    atomic_uint_fast64_t written, settled;
    atomic_bool failed;
    char why[sizeof(struct s3_error)]; /* of the first failure, and its file */
    char name[NAMES_TEXT];
    bool found; /* it was there already */
};

static bool must_end(struct writing *job)
{
    return stop_asked() || atomic_load_explicit(&job->failed, memory_order_relaxed);
}

/* Notes the first failure only: those of other threads have the same reason mostly. */
static bool note_failure(struct writing *job, const char *name, int error, const char *why)
{
    if (!atomic_exchange(&job->failed, true)) {
        snprintf(job->why, sizeof job->why, "%s", why ? why : strerror(error));
        job->found = error == EEXIST;
        strcpy(job->name, name);
    }
    return false;
}

static bool write_block(int fd, const uint8_t *data, size_t len)
{
    while (len > 0) {
        const ssize_t n = write(fd, data, len);

        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0) {
            data += n;
            len -= (size_t)n;
        }
    }
    return true;
}

/* From the beginning to the end. False with errno, which is 0 where the work has to end. */
static bool write_data(struct writing *job, struct set_hand *hand, int fd, const struct set_file *file)
{
    const fodder_plan *const plan = set_plan_of(&job->d->set, file->k);

    for (uint64_t at = 0; at < file->size; at += SET_BLOCK) {
        const size_t len = file->size - at < SET_BLOCK ? (size_t)(file->size - at) : SET_BLOCK;

        errno = 0;
        if (at > 0 && must_end(job))
            return false;
        fodder_fill(plan, file->start + at, hand->block, len);
        if (!write_block(fd, hand->block, len))
            return false;
        progress_add(&job->sum, hand->index, len);
    }
    return true;
}

static bool is_regular(int fd)
{
    struct stat status;

    if (fstat(fd, &status) < 0)
        return false;
    errno = EEXIST;
    return S_ISREG(status.st_mode);
}

/* A file that is not whole does not stay. */
static bool write_file(struct writing *job, struct set_hand *hand, const struct set_file *file)
{
    const bool fresh = !job->d->resume && !job->d->only;
    const int fd = set_dir_open(&hand->dir, file->name, O_WRONLY | O_CREAT | (fresh ? O_EXCL : O_TRUNC), true);
    bool regular, whole;
    int error;

    if (fd < 0)
        return note_failure(job, file->name, errno, NULL);
    regular = fresh || is_regular(fd);
    whole = regular && write_data(job, hand, fd, file) && (!job->d->sync || fsync(fd) == 0);
    error = errno;
    if (close(fd) < 0 && whole) {
        whole = false;
        error = errno;
    }
    if (whole) {
        atomic_fetch_add_explicit(&job->written, 1, memory_order_relaxed);
        return true;
    }
    if (regular)
        set_dir_remove(&hand->dir, file->name);
    return error == 0 ? false : note_failure(job, file->name, error, NULL);
}

/* Are the bytes from `at` on right, to the end? What cannot be read is written anew. */
static bool is_right(struct writing *job, struct set_hand *hand, int fd, const struct set_file *file, uint64_t at)
{
    const fodder_plan *const plan = set_plan_of(&job->d->set, file->k);

    while (at < file->size && !stop_asked()) {
        const size_t len = file->size - at < SET_BLOCK ? (size_t)(file->size - at) : SET_BLOCK;
        const ssize_t n = pread(fd, hand->block, len, (off_t)at);
        fodder_report report;

        if (n <= 0 && !(n < 0 && errno == EINTR))
            return false;
        if (n > 0 &&
            (fodder_verify(plan, file->start + at, hand->block, (size_t)n, NULL, &report) < 0 || report.bad > 0))
            return false;
        at += n > 0 ? (uint64_t)n : 0;
    }
    return at >= file->size;
}

/* Files are written in order, so a right end says that the rest was written too. */
static bool is_settled(struct writing *job, struct set_hand *hand, const struct set_file *file)
{
    const bool whole = job->d->resume == DATASET_WHOLE;
    const int fd = set_dir_open(&hand->dir, file->name, O_RDONLY, false);
    struct stat status;
    bool settled;

    if (fd < 0)
        return false;
    settled = fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && (uint64_t)status.st_size == file->size &&
              is_right(job, hand, fd, file, whole || file->size < END ? 0 : file->size - END);
    close(fd);
    return settled;
}

static bool write_object(struct writing *job, struct set_hand *hand, const struct set_file *file)
{
    struct s3_error error;
    const int r = set_objects_write(&job->d->objects, &job->d->set, file, &job->sum, hand->index, &error);

    if (r == 0)
        atomic_fetch_add_explicit(&job->written, 1, memory_order_relaxed);
    return r == 0 || r == -EINTR ? r == 0 : note_failure(job, file->name, error.number, error.text);
}

/* An object is there when all of it is, so its size and its end are looked at for another reason: it may be an older
 * one. */
static bool visit_object(struct writing *job, struct set_hand *hand, const struct set_file *file)
{
    const uint64_t from = job->d->resume == DATASET_WHOLE || file->size < END ? 0 : file->size - END;
    struct s3_error error;
    bool settled = false;
    const int r =
        job->d->resume ? set_objects_settled(&job->d->objects, &job->d->set, file, from, &settled, &error) : 0;

    if (r < 0)
        return r == -EINTR ? false : note_failure(job, file->name, error.number, error.text);
    if (!settled)
        return !must_end(job) && write_object(job, hand, file);
    atomic_fetch_add_explicit(&job->settled, 1, memory_order_relaxed);
    return true;
}

static bool visit(void *user, struct set_hand *hand, const struct set_file *file)
{
    struct writing *const job = user;

    if (must_end(job))
        return false;
    if (job->d->objects.s3)
        return visit_object(job, hand, file);
    if (!job->d->resume || !is_settled(job, hand, file))
        return !must_end(job) && write_file(job, hand, file);
    atomic_fetch_add_explicit(&job->settled, 1, memory_order_relaxed);
    return true;
}

struct advice {
    char text[160];
};

/* How far it came and how to go on, as the end of a sentence. Files behind the one that ended a resumed run may be
 * whole too. */
static struct advice advise(const struct writing *job, uint64_t files)
{
    const struct dataset *const d = job->d;
    struct advice advice;
    char seed[40] = "";

    if (d->drawn && !d->manifest)
        snprintf(seed, sizeof seed, " --seed %" PRIu64, d->set.spec.seed);
    snprintf(advice.text, sizeof advice.text, "%s%" PRIu64 " of %" PRIu64 " files are whole; add --resume%s to go on",
             d->resume ? "at least " : "", (uint64_t)(job->written + job->settled), files, seed);
    return advice;
}

/* Why it ended early, if it did. */
static enum exit_code judge(const struct writing *job, uint64_t files)
{
    const struct dataset *const d = job->d;
    const struct advice advice = advise(job, files);

    if (job->written + job->settled == files)
        return EXIT_FINE;
    if (!job->failed)
        return fail(EXIT_FAILED, "%s: %s; %s", d->dir, stop_name(), advice.text);
    if (job->found && !d->resume && !d->only)
        return fail(EXIT_FAILED, "%s/%s: it is there already; %s, or choose another DIR", d->dir, job->name,
                    advice.text);
    return fail(EXIT_FAILED, "%s/%s: %s; %s", d->dir, job->name, job->why, advice.text);
}

enum exit_code dataset_write(const struct dataset *d, int root, struct dataset_result *result)
{
    struct set_walk walk = dataset_walk(d);
    const uint64_t files = set_walk_files(&walk);
    struct writing job = { .d = d };
    enum exit_code code;
    int r;

    job.sum.progress = progress_start(set_walk_bytes(&walk), d->quiet);
    walk.root = root;
    walk.user = &job;
    walk.visit = visit;
    r = set_walk_run(&walk);
    *result = (struct dataset_result) { job.written, job.settled, job.sum.bytes, progress_end(&job.sum.progress) };
    if (r == -ENOMEM)
        note_failure(&job, "", ENOMEM, NULL);
    code = judge(&job, files);
    if (code == EXIT_FINE && d->sync && !d->objects.s3 && syncfs(root) < 0)
        code = fail(EXIT_FAILED, "%s: %s when it was synced", d->dir, strerror(errno));
    return code;
}
