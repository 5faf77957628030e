/* A file, through the page cache: one thread writes, or reads ahead, in order. A second one would wait for the first: a
 * file has one lock. */
#define _GNU_SOURCE
#include <errno.h>
#include <unistd.h>

#include "sink/kinds.h"
#include "sink/workers.h"

static size_t move(struct sink *sink, const struct sink_block *block, int *error)
{
    size_t done = 0;

    while (done < block->len) {
        uint8_t *const data = block->data + done;
        const size_t left = block->len - done;
        const ssize_t n = sink->is.reading ? pread(sink->is.fd, data, left, (off_t)(block->at + done))
                                           : write(sink->is.fd, data, left);

        if (n > 0)
            done += (size_t)n;
        else if (n == 0 && sink->is.reading)
            break; /* the end */
        else if (n == 0 || errno != EINTR) {
            *error = n == 0 ? EIO : errno;
            break;
        }
    }
    return done;
}

static int open_file(struct sink *sink, const char **why)
{
    return workers_open(sink, 1, move, why);
}

const struct sink_kind sink_file = {
    .name = "file",
    .depth = 16,
    .block = 256 << 10,
    .shared = 4 << 20,
    .open = open_file,
    .start = workers_start,
    .reap = workers_reap,
    .close = workers_close,
};
