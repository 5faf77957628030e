#define _GNU_SOURCE
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stop.h"

enum { PAGE = 4096 };

/* Finds out how much lies ahead. A file whose system does not tell its size, as in /proc, is read as a pipe is. */
static void find_size(struct source *source, bool standard)
{
    const off_t begin = standard ? lseek(source->file.fd, 0, SEEK_CUR) : 0;
    const off_t end =
        begin < 0 ? -1 : lseek(source->file.fd, 0, SEEK_END); /* fstat does not tell the size of a device */
    char byte;

    if (end < 0 || lseek(source->file.fd, begin, SEEK_SET) != begin)
        return;
    if (end <= begin && pread(source->file.fd, &byte, 1, begin) > 0)
        return;
    source->seekable = true;
    source->begin = (uint64_t)begin;
    source->size = end > begin ? (uint64_t)(end - begin) : 0;
    posix_fadvise(source->file.fd, 0, 0, POSIX_FADV_SEQUENTIAL);
}

static enum exit_code open_object(struct source *source, const char *path, const struct s3_args *s3)
{
    enum exit_code code = object_open(&source->object, s3, path);

    source->file.name = path;
    source->file.object = &source->object.sink;
    if (code == EXIT_FINE)
        code = object_find(&source->object, &source->label);
    source->seekable = true;
    source->size = source->object.sink.is.size;
    return code;
}

enum exit_code source_open(struct source *source, const char *path, const struct s3_args *s3)
{
    const bool standard = strcmp(path, "-") == 0;
    int fd = STDIN_FILENO;

    *source = (struct source) { .file = { .fd = -1, .direct_fd = -1 } };
    if (s3 && s3_is_path(path))
        return open_object(source, path, s3);
    if (!standard)
        fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail(EXIT_FAILED, "%s: %s", path, strerror(errno));
    source->file = io_file(fd, standard ? "standard input" : path, standard);
    if (source->file.regular || source->file.device)
        find_size(source, standard);
    return EXIT_FINE;
}

const struct label *source_label(struct source *source)
{
    /* That of an object came with its size. */
    if (!source->file.object && !label_read(source->file.fd, &source->label))
        return NULL;
    return source->label.spec[0] != '\0' ? &source->label : NULL;
}

/* Only what is on the disk can be dropped. */
static void drop_cache(const struct source *source)
{
    if (fdatasync(source->file.fd) < 0 || posix_fadvise(source->file.fd, 0, 0, POSIX_FADV_DONTNEED) != 0)
        say("--drop-cache: %s: the page cache cannot be dropped", source->file.name);
}

enum exit_code source_start(struct source *source, const struct io_args *args, bool drop, fodder_pool *pool)
{
    if (!source->seekable)
        source->file.regular = source->file.device = false; /* read on, and from nowhere else */
    if (drop)
        drop_cache(source);
    return io_open(args, &source->file, true, pool, false, &source->sink);
}

bool source_can_salvage(const struct source *source)
{
    return source->seekable && !source->file.object;
}

const char *source_error(const struct source *source, const struct sink_block *block)
{
    return source->file.object ? object_error(&source->object) : strerror(block->error);
}

size_t source_salvage(const struct source *source, struct sink_block *block, size_t from, size_t *bad)
{
    size_t done = from;

    for (*bad = 0; done < block->len && *bad == 0 && source->seekable && !stop_asked();) {
        const size_t len = block->len - done < PAGE ? block->len - done : PAGE;
        const ssize_t n = pread(source->file.fd, block->data + done, len, (off_t)(block->at + done));

        if (n == 0)
            break;
        if (n > 0)
            done += (size_t)n;
        else if (errno != EINTR)
            *bad = len;
    }
    return done - from;
}

void source_leave(const struct source *source, uint64_t done)
{
    if (source->file.standard && source->seekable)
        lseek(source->file.fd, (off_t)(source->begin + done), SEEK_SET);
}

int64_t source_read(const struct source *source, void *data, size_t len)
{
    size_t done = 0;

    while (done < len && !stop_asked()) {
        const ssize_t n = read(source->file.fd, (char *)data + done, len - done);

        if (n < 0 && errno != EINTR)
            return -1;
        if (n == 0)
            break;
        if (n > 0)
            done += (size_t)n;
    }
    return (int64_t)done;
}

void source_close(struct source *source)
{
    const int fd = source->file.fd;

    io_close(&source->file, source->sink);
    source->sink = NULL;
    source->file.fd = -1;
    if (source->file.object)
        object_close(&source->object);
    if (fd > STDIN_FILENO)
        close(fd);
}
