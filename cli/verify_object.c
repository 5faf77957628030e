#define _GNU_SOURCE
#include "verifying.h"

#include <errno.h>
#include <string.h>

#include "stop.h"

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
    int r = verifying_verifier(job, file, &one, &taking.verifier);

    if (r < 0) {
        snprintf(error->text, sizeof error->text, "%s", fodder_strerror(r));
        return r;
    }
    r = set_objects_read(&job->objects, file, &object, &taker, error);
    if (r == 0) {
        fodder_verifier_end(taking.verifier, &report);
        one.bad.bad = report.bad;
        one.bad.longer = object.size > file->size ? object.size - file->size : 0;
        verifying_count(job, file, &one, &report);
    }
    fodder_verifier_free(taking.verifier);
    return r;
}

bool verify_object_visit(void *user, struct set_hand *hand, const struct set_file *file)
{
    struct verifying *const job = user;
    struct s3_error error = { 0 };
    int r;

    if (stop_asked())
        return false;
    r = compare_object(job, hand, file, &error);
    if (r < 0 && strcmp(error.code, "NoSuchKey") == 0)
        verifying_count_missing(job, file, ENOENT);
    else if (r < 0 && !stop_asked())
        verifying_count_unreadable(job, file->name, error.text);
    return !stop_asked();
}
