#define _GNU_SOURCE
#include "verifying.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "set_dir.h"
#include "stop.h"

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
    verifying_count(job, file, &one, &report);
    return true;
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
    r = verifying_verifier(job, file, &one, &verifier);
    if (r < 0)
        return -r;
    r = read_all(job, hand, fd, verifier, file->size);
    if (r == 0) {
        fodder_verifier_end(verifier, &report);
        one.bad.bad = report.bad;
        one.bad.longer = (uint64_t)status.st_size > file->size ? (uint64_t)status.st_size - file->size : 0;
        verifying_count(job, file, &one, &report);
    }
    fodder_verifier_free(verifier);
    return r;
}

bool verify_file_visit(void *user, struct set_hand *hand, const struct set_file *file)
{
    struct verifying *const job = user;
    int fd, error;

    if (stop_asked())
        return false;
    fd = set_dir_open(&hand->dir, file->name, O_RDONLY, false);
    error = fd < 0 ? errno : compare(job, hand, fd, file);
    if (fd >= 0)
        close(fd);
    if (error == ENOENT || error == ENOTDIR || error == ELOOP) /* a link has ELOOP, and so has what is no file here */
        verifying_count_missing(job, file, error);
    else if (error != 0 && !stop_asked())
        verifying_count_unreadable(job, file->name, strerror(error));
    return !stop_asked();
}
