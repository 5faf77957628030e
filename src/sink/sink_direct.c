/* A file or a device past the page cache, by several threads. */
#define _GNU_SOURCE
#include <errno.h>
#include <unistd.h>

#include "sink/kinds.h"
#include "sink/workers.h"

enum { THREADS = 8 };

static size_t write_block(struct sink *sink, const struct sink_block *block, int *error)
{
    const size_t part = sink_direct_part(sink, block);
    const size_t done = sink_write_part(sink->is.direct_fd, block, 0, part, error);

    return sink_write_part(sink->is.fd, block, done, block->len, error);
}

/* A short read that ends on no page is the end of the file. */
static size_t read_block(struct sink *sink, const struct sink_block *block, int *error)
{
    const size_t end = sink_direct_part(sink, block);
    size_t done = 0;

    while (done < end && done % sink->align == 0) {
        const ssize_t n = pread(sink->is.direct_fd, block->data + done, end - done, (off_t)(block->at + done));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            *error = errno;
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    return done < block->len ? done : block->len;
}

static size_t move(struct sink *sink, const struct sink_block *block, int *error)
{
    return sink->is.reading ? read_block(sink, block, error) : write_block(sink, block, error);
}

static int open_direct(struct sink *sink, const char **why)
{
    return workers_open(sink, THREADS, move, why);
}

const struct sink_kind sink_direct = {
    .name = "direct",
    .depth = 16,
    .block = 1 << 20,
    .shared = 4 << 20,
    .direct = true,
    .open = open_direct,
    .start = workers_start,
    .reap = workers_reap,
    .close = workers_close,
};
