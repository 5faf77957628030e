#define _GNU_SOURCE
#include "io_args.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sink/sink_object.h"
#include "stop.h"

enum { MOST = 1 << 30, MOST_DEPTH = 1024 };

static int check_kind(const char *value, const char **why)
{
    *why = "null, stream, file, pipe, direct or uring; a build without liburing lacks the last";
    return sink_kind_named(value) ? 0 : -1;
}

static int check_block(const char *value, const char **why)
{
    uint64_t block;

    *why = "a block is a multiple of 4KiB, up to 1GiB, such as 1MiB";
    return fodder_size_parse(&block, value) == 0 && block > 0 && block % 4096 == 0 && block <= MOST ? 0 : -1;
}

static int check_depth(const char *value, const char **why)
{
    uint64_t depth;

    *why = "the number of blocks is 2 to 1024";
    return fodder_size_parse(&depth, value) == 0 && depth >= 2 && depth <= MOST_DEPTH ? 0 : -1;
}

/* clang-format off */
const struct option_row io_rows[] = {
    { .name = "io", .value = "KIND", .words = "null stream file pipe direct uring", .kind = OPTION_TEXT,
      .place = offsetof(struct io_args, name), .check = check_kind,
      .help = "null, stream, file, pipe, direct (O_DIRECT), uring (io_uring); default: what suits" },
    { .name = "block", .value = "SIZE", .kind = OPTION_SIZE, .place = offsetof(struct io_args, block),
      .check = check_block, .help = "move blocks of this size" },
    { .name = "depth", .value = "N", .kind = OPTION_SIZE, .place = offsetof(struct io_args, depth),
      .check = check_depth, .help = "have so many blocks: with their size this bounds the memory" },
    { 0 },
};
/* clang-format on */

struct io_file io_file(int fd, const char *name, bool standard)
{
    struct io_file file = { .fd = fd, .direct_fd = -1, .name = name, .standard = standard };
    struct stat status;

    if (fstat(fd, &status) == 0) {
        file.regular = S_ISREG(status.st_mode);
        file.device = S_ISBLK(status.st_mode);
        file.pipe = S_ISFIFO(status.st_mode);
    }
    return file;
}

static const struct sink_kind *kind_for(const struct io_file *file)
{
    const struct sink_kind *const uring = sink_kind_named("uring");

    if (file->object)
        return sink_kind_named("s3");
    if (file->device && !file->standard)
        return uring ? uring : sink_kind_named("direct");
    return sink_kind_named(file->pipe ? "pipe" : file->regular || file->device ? "file" : "stream");
}

/* The same file again, which a path might not lead to any more. */
static enum exit_code open_direct(struct io_file *file, bool reading)
{
    char path[32];

    if (file->direct_fd >= 0)
        return EXIT_FINE;
    snprintf(path, sizeof path, "/proc/self/fd/%d", file->fd);
    file->direct_fd = open(path, (reading ? O_RDONLY : O_WRONLY) | O_DIRECT | O_CLOEXEC);
    if (file->direct_fd >= 0)
        return EXIT_FINE;
    return fail(EXIT_FAILED, "%s: past the page cache: %s; --io file goes through it", file->name, strerror(errno));
}

static enum exit_code check_fit(const struct sink_kind *kind, const struct io_file *file)
{
    const bool seekable = file->regular || file->device, s3 = strcmp(kind->name, "s3") == 0;

    if (s3 != (file->object != NULL))
        return fail(EXIT_USAGE, "--io %s: %s is %s object of an S3 server; leave --io out", kind->name, file->name,
                    s3 ? "no" : "an");
    if (kind->direct && (!seekable || file->standard))
        return fail(EXIT_USAGE, "--io %s: it takes a file or a device that is named, not %s", kind->name, file->name);
    if (strcmp(kind->name, "pipe") == 0 && !file->pipe)
        return fail(EXIT_USAGE, "--io pipe: %s is no pipe", file->name);
    if (strcmp(kind->name, "file") == 0 && !seekable)
        return fail(EXIT_USAGE, "--io file: %s is no file; --io stream takes anything", file->name);
    return EXIT_FINE;
}

enum exit_code io_open(const struct io_args *args, struct io_file *file, bool reading, fodder_pool *pool, bool verbose,
                       struct sink **sink)
{
    const struct sink_kind *const kind = args->name ? sink_kind_named(args->name) : kind_for(file);
    const bool shared = fodder_pool_threads(pool) > 1;
    struct sink_options options = { .kind = kind,
                                    .fd = file->fd,
                                    .object = file->object,
                                    .reading = reading,
                                    .pool = pool,
                                    .stop = stop_asked,
                                    .block = args->block > 0 ? args->block
                                             : shared        ? kind->shared
                                                             : kind->block,
                                    .depth = (unsigned)args->depth };
    enum exit_code code = check_fit(kind, file);
    const char *why;
    int r;

    if (code == EXIT_FINE && kind->direct)
        code = open_direct(file, reading);
    if (code != EXIT_FINE)
        return code;
    options.direct_fd = file->direct_fd;
    r = sink_new(sink, &options, &why);
    if (r < 0 && !args->name && kind->direct) {
        if (verbose)
            say("%s: io_uring: %s; threads write instead (--io direct)", file->name, strerror(-r));
        options.kind = sink_kind_named("direct");
        r = sink_new(sink, &options, &why);
    }
    return r == 0 ? EXIT_FINE : fail(EXIT_FAILED, "%s: %s (%s); 0 bytes were moved", file->name, why, strerror(-r));
}

void io_close(struct io_file *file, struct sink *sink)
{
    sink_free(sink);
    if (file->direct_fd >= 0)
        close(file->direct_fd);
    file->direct_fd = -1;
}

struct io_times io_times(const struct sink *sink)
{
    const bool nowhere = strcmp(sink->is.kind->name, "null") == 0;

    return (struct io_times) { .kind = sink->is.kind,
                               .block = sink->is.block,
                               .depth = sink->is.depth,
                               .idle = sink->idle,
                               .held_up = sink->held_up,
                               .repeats = sink->is.object ? s3_repeats(sink->is.object->s3) : 0,
                               .limit = nowhere || sink->idle > sink->held_up ? "making the data" : "the output" };
}
