#define _GNU_SOURCE
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stop.h"

/* Finds out how much lies ahead. A file whose system does not tell its size, as in /proc, is read as a pipe is. */
static void find_size(struct source *source, bool standard)
{
    const off_t begin = standard ? lseek(source->fd, 0, SEEK_CUR) : 0;
    const off_t end = begin < 0 ? -1 : lseek(source->fd, 0, SEEK_END); /* fstat does not tell the size of a device */
    char byte;

    if (end < 0 || lseek(source->fd, begin, SEEK_SET) != begin)
        return;
    if (end <= begin && pread(source->fd, &byte, 1, begin) > 0)
        return;
    source->seekable = true;
    source->begin = (uint64_t)begin;
    source->size = end > begin ? (uint64_t)(end - begin) : 0;
    posix_fadvise(source->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
}

enum exit_code source_open(struct source *source, const char *path)
{
    const bool standard = strcmp(path, "-") == 0;
    const int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;

    if (fd < 0 || fstat(fd, &status) < 0)
        return fail(EXIT_FAILED, "%s: %s", path, strerror(errno));
    *source = (struct source) { .fd = fd, .name = standard ? "standard input" : path };
    if (S_ISREG(status.st_mode) || S_ISBLK(status.st_mode))
        find_size(source, standard);
    return EXIT_FINE;
}

int64_t source_read(const struct source *source, void *data, size_t len)
{
    size_t done = 0;

    while (done < len && !stop_asked()) {
        const ssize_t n = read(source->fd, (char *)data + done, len - done);

        if (n < 0 && errno != EINTR)
            return -1;
        if (n == 0)
            break;
        if (n > 0)
            done += (size_t)n;
    }
    return (int64_t)done;
}

bool source_skip(const struct source *source, uint64_t len)
{
    return lseek(source->fd, (off_t)len, SEEK_CUR) >= 0;
}

void source_close(struct source *source)
{
    if (source->fd > STDIN_FILENO)
        close(source->fd);
    source->fd = -1;
}
