#define _GNU_SOURCE
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stop.h"

static enum exit_code open_stdout(struct output *out)
{
    if (isatty(STDOUT_FILENO))
        return fail(EXIT_USAGE, "-o -: standard output is a terminal; name a file with -o PATH, or use a pipe");
    *out = (struct output) { .fd = STDOUT_FILENO, .name = "standard output" };
    return EXIT_FINE;
}

enum exit_code output_open(struct output *out, const char *path, bool force)
{
    struct stat status;
    bool created;
    int fd;

    if (strcmp(path, "-") == 0)
        return open_stdout(out);
    if (stat(path, &status) == 0 && S_ISBLK(status.st_mode) && !force)
        return fail(EXIT_USAGE, "-o %s: this is a block device, all on it would be lost; add --force to write to it",
                    path);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    created = fd >= 0;
    if (fd < 0 && errno == EEXIST)
        fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666); /* O_CREAT: a link may lead to nothing yet */
    if (fd < 0)
        return fail(EXIT_FAILED, "%s: %s; 0 bytes were written", path, strerror(errno));
    *out = (struct output) { .fd = fd, .name = path, .created = created };
    return EXIT_FINE;
}

enum exit_code output_start(struct output *out)
{
    struct stat status;

    /* What the shell opened for us it has emptied, or wants appended to. */
    if (out->fd == STDOUT_FILENO || (fstat(out->fd, &status) == 0 && !S_ISREG(status.st_mode)))
        return EXIT_FINE;
    if (ftruncate(out->fd, 0) == 0)
        return EXIT_FINE;
    return fail(EXIT_FAILED, "%s: %s; 0 bytes were written", out->name, strerror(errno));
}

bool output_is(const struct output *out, const char *path)
{
    struct stat ours, theirs;

    return fstat(out->fd, &ours) == 0 && stat(path, &theirs) == 0 && ours.st_dev == theirs.st_dev &&
           ours.st_ino == theirs.st_ino;
}

void output_abandon(struct output *out)
{
    if (out->created)
        unlink(out->name);
    output_close(out);
}

/* The reader is gone: end as every command in a pipe does. */
static enum exit_code end_with_pipe(void)
{
    signal(SIGPIPE, SIG_DFL);
    raise(SIGPIPE);
    return EXIT_FAILED;
}

static enum exit_code fail_short(const struct output *out, uint64_t total, const char *reason)
{
    return fail(EXIT_FAILED, "%s: %s; %" PRIu64 " of %" PRIu64 " bytes were written", out->name, reason, out->written,
                total);
}

enum exit_code output_write(struct output *out, const void *data, size_t len, uint64_t total)
{
    const char *p = data;

    while (len > 0) {
        const ssize_t n = write(out->fd, p, len);

        if (n < 0 && errno == EPIPE)
            return end_with_pipe();
        if (n < 0 && errno != EINTR)
            return fail_short(out, total, strerror(errno));
        if (n > 0) {
            p += n;
            len -= (size_t)n;
            out->written += (uint64_t)n;
        }
        if (stop_asked() && out->written < total)
            return fail_short(out, total, stop_name());
    }
    return EXIT_FINE;
}

enum exit_code output_close(struct output *out)
{
    const int fd = out->fd;

    out->fd = -1;
    if (fd < 0 || close(fd) == 0)
        return EXIT_FINE;
    return fail(EXIT_FAILED, "%s: %s when it was closed, after %" PRIu64 " bytes", out->name, strerror(errno),
                out->written);
}
