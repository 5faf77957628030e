#define _GNU_SOURCE
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "label.h"
#include "stop.h"

static enum exit_code open_stdout(struct output *out)
{
    if (isatty(STDOUT_FILENO))
        return fail(EXIT_USAGE, "-o -: standard output is a terminal; name a file with -o PATH, or use a pipe");
    out->file = io_file(STDOUT_FILENO, "standard output", true);
    return EXIT_FINE;
}

/* With O_EXCL the system refuses a device that it uses itself: one that is mounted, or part of another one. */
static enum exit_code open_device(struct output *out, const char *path, uint64_t bytes, bool force)
{
    const int fd = force ? open(path, O_WRONLY | O_EXCL | O_CLOEXEC) : -1;
    uint64_t size;

    if (!force)
        return fail(EXIT_USAGE, "-o %s: this is a block device, all on it would be lost; add --force to write to it",
                    path);
    if (fd < 0 && errno == EBUSY)
        return fail(EXIT_FAILED,
                    "%s: it is in use: mounted, or part of another device; 0 of %" PRIu64 " bytes were written", path,
                    bytes);
    if (fd < 0)
        return fail(EXIT_FAILED, "%s: %s; 0 of %" PRIu64 " bytes were written", path, strerror(errno), bytes);
    out->file = io_file(fd, path, false);
    if (ioctl(fd, BLKGETSIZE64, &size) == 0 && size < bytes)
        return fail(EXIT_FAILED, "%s: it holds %" PRIu64 " bytes; 0 of %" PRIu64 " bytes were written", path, size,
                    bytes);
    return EXIT_FINE;
}

static enum exit_code open_object(struct output *out, const char *path, const struct s3_args *s3)
{
    out->file.name = path;
    out->file.object = &out->object.sink;
    return object_open(&out->object, s3, path);
}

enum exit_code output_open(struct output *out, const char *path, uint64_t bytes, bool force, const struct s3_args *s3)
{
    struct stat status;
    bool created;
    int fd;

    *out = (struct output) { .file = { .fd = -1, .direct_fd = -1 }, .bytes = bytes };
    if (strcmp(path, "-") == 0)
        return open_stdout(out);
    if (s3_is_path(path))
        return open_object(out, path, s3);
    if (stat(path, &status) == 0 && S_ISBLK(status.st_mode))
        return open_device(out, path, bytes, force);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    created = fd >= 0;
    if (fd < 0 && errno == EEXIST)
        fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666); /* O_CREAT: a link may lead to nothing yet */
    if (fd < 0)
        return fail(EXIT_FAILED, "%s: %s; 0 bytes were written", path, strerror(errno));
    out->file = io_file(fd, path, false);
    out->created = created;
    return EXIT_FINE;
}

/* What the shell opened for us it has emptied, or wants appended to. */
static bool is_ours(const struct output *out)
{
    return out->file.regular && !out->file.standard && out->sink->is.kind != sink_kind_named("null");
}

/* Past the cache, writes that need not make the file longer need not wait for each other. */
static enum exit_code reserve(const struct output *out)
{
    if (!out->sink->is.kind->direct || out->bytes == 0 || fallocate(out->file.fd, 0, 0, (off_t)out->bytes) == 0)
        return EXIT_FINE;
    if (errno != ENOSPC && errno != EFBIG)
        return EXIT_FINE; /* not every file system can */
    return fail(EXIT_FAILED, "%s: %s; 0 of %" PRIu64 " bytes were written", out->file.name, strerror(errno),
                out->bytes);
}

static enum exit_code start_object(struct output *out, const struct io_args *args, fodder_pool *pool)
{
    struct io_args parts = *args;
    const enum exit_code code = object_begin(&out->object, &out->label, out->bytes, &parts);

    return code == EXIT_FINE ? io_open(&parts, &out->file, false, pool, false, &out->sink) : code;
}

static enum exit_code start_file(struct output *out, const struct io_args *args, fodder_pool *pool, bool verbose)
{
    enum exit_code code = io_open(args, &out->file, false, pool, verbose, &out->sink);

    if (code != EXIT_FINE || !is_ours(out))
        return code;
    label_remove(out->file.fd);
    if (ftruncate(out->file.fd, 0) < 0)
        return fail(EXIT_FAILED, "%s: %s; 0 bytes were written", out->file.name, strerror(errno));
    return reserve(out);
}

enum exit_code output_start(struct output *out, const struct io_args *args, fodder_pool *pool, bool verbose)
{
    if (out->file.object)
        return start_object(out, args, pool);
    return start_file(out, args, pool, verbose);
}

bool output_is(const struct output *out, const char *path)
{
    struct stat ours, theirs;

    return fstat(out->file.fd, &ours) == 0 && stat(path, &theirs) == 0 && ours.st_dev == theirs.st_dev &&
           ours.st_ino == theirs.st_ino;
}

void output_abandon(struct output *out)
{
    if (out->created)
        unlink(out->file.name);
    output_close(out);
}

/* The reader is gone: end as every command in a pipe does. */
static enum exit_code end_with_pipe(void)
{
    signal(SIGPIPE, SIG_DFL);
    raise(SIGPIPE);
    return EXIT_FAILED;
}

/* Parts are no object before all of them are there. */
static enum exit_code finish_object(struct output *out, int r, uint64_t whole)
{
    char sent[80] = "";

    if (r == 0 && whole == out->bytes && object_complete(&out->object) == EXIT_FINE)
        return EXIT_FINE;
    if (whole > 0)
        snprintf(sent, sizeof sent, ", for the %" PRIu64 " that were sent are no object without the rest", whole);
    return fail(EXIT_FAILED, "%s: %s; 0 of %" PRIu64 " bytes were written%s", out->file.name,
                out->object.sink.error.number == 0 ? stop_name() : object_error(&out->object), out->bytes, sent);
}

enum exit_code output_finish(struct output *out)
{
    const int r = sink_finish(out->sink);
    const uint64_t whole = sink_whole(out->sink);

    if (out->file.object)
        return finish_object(out, r, whole);
    if (r == 0 && whole == out->bytes)
        return EXIT_FINE;
    if (r == -EPIPE)
        return end_with_pipe();
    if (is_ours(out) && out->sink->is.kind->direct && ftruncate(out->file.fd, (off_t)whole) < 0)
        say("%s: %s: what lies behind what was written is not fodder's", out->file.name, strerror(errno));
    return fail(EXIT_FAILED, "%s: %s; %" PRIu64 " of %" PRIu64 " bytes were written", out->file.name,
                r == 0 || r == -EINTR ? stop_name() : strerror(-r), whole, out->bytes);
}

bool output_label(const struct output *out)
{
    return !is_ours(out) || label_write(out->file.fd, &out->label);
}

enum exit_code output_sync(struct output *out)
{
    if (out->file.object || fsync(out->file.fd) == 0 || errno == EINVAL ||
        errno == EROFS) /* what cannot be synchronized holds nothing */
        return EXIT_FINE;
    return fail(EXIT_FAILED, "%s: %s when it was synchronized, after %" PRIu64 " bytes", out->file.name,
                strerror(errno), out->bytes);
}

enum exit_code output_close(struct output *out)
{
    const uint64_t whole = out->sink ? sink_whole(out->sink) : 0;
    const int fd = out->file.fd;

    io_close(&out->file, out->sink);
    out->sink = NULL;
    out->file.fd = -1;
    if (out->file.object)
        return object_close(&out->object);
    if (fd < 0 || close(fd) == 0)
        return EXIT_FINE;
    return fail(EXIT_FAILED, "%s: %s when it was closed, after %" PRIu64 " bytes", out->file.name, strerror(errno),
                whole);
}
