/* One call after another, by the thread that makes the data: for what is no file, such as a socket or a terminal's
 * device. */
#define _GNU_SOURCE
#include <errno.h>
#include <unistd.h>

#include "sink/kinds.h"

static void start(struct sink *sink, struct sink_block *block)
{
    size_t done = 0;
    int error = 0;

    while (done < block->len && error == 0) {
        uint8_t *const data = block->data + done;
        const size_t left = block->len - done;
        const ssize_t n = sink->is.reading ? read(sink->is.fd, data, left) : write(sink->is.fd, data, left);

        if (n > 0)
            done += (size_t)n;
        else if (n == 0 && sink->is.reading)
            break; /* the end */
        else if (n == 0)
            error = EIO; /* a device that takes nothing and does not say why */
        else if (errno != EINTR || (sink->is.stop && sink->is.stop()))
            error = errno;
    }
    sink_done(sink, block, done, error, sink_clock());
}

const struct sink_kind sink_stream = {
    .name = "stream",
    .depth = 2,
    .block = 256 << 10,
    .shared = 4 << 20,
    .waits = true,
    .start = start,
};
