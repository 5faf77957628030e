/*
 * A pipe, without a copy: vmsplice() gives the pipe the pages themselves. So no block may be made anew while its pages
 * are in the pipe, or wherever the reader has passed them on to without a copy, as pv does with splice().
 *
 * What has left our pipe is told by its counter. For what lies behind we wait until most of the ring has left after it:
 * 8 MiB, where a pipe holds 1 MiB at most (unless root allows more) and a socket some 4 MiB. Who keeps more than that
 * without a copy, and reads it later, would find newer data there; --io stream copies.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <time.h>

#include "sink/kinds.h"

enum { PIPE = 1 << 20 };

struct pipe_state {
    uint64_t given, told; /* bytes that went into the pipe; blocks that are done */
    uint64_t lag;
};

static int open_pipe(struct sink *sink, const char **why)
{
    struct pipe_state *const state = calloc(1, sizeof *state);
    int size;

    if (!state)
        return -ENOMEM;
    sink->state = state;
    if (sink->is.reading)
        return 0;
    size = fcntl(sink->is.fd, F_SETPIPE_SZ, PIPE);
    if (size < 0)
        size = fcntl(sink->is.fd, F_GETPIPE_SZ);
    *why = "it is no pipe; leave out --io";
    if (size < 0)
        return -EINVAL;
    *why = "the ring of blocks must be at least 4 times as large as the pipe: more --depth, or --io stream";
    if (sink->is.block * (sink->is.depth - 2) < 3 * (size_t)size)
        return -EINVAL;
    state->lag = sink->is.block * (sink->is.depth - 1) - (size_t)size;
    return 0;
}

/* Bytes that have not been read yet. */
static uint64_t in_pipe(const struct sink *sink)
{
    int bytes = 0;

    return ioctl(sink->is.fd, FIONREAD, &bytes) == 0 ? (uint64_t)bytes : 0;
}

static void give(struct sink *sink, struct sink_block *block)
{
    struct pipe_state *const state = sink->state;
    size_t done = 0;

    while (done < block->len) {
        const struct iovec part = { block->data + done, block->len - done };
        const ssize_t n = vmsplice(sink->is.fd, &part, 1, 0);

        if (n > 0) {
            done += (size_t)n;
        } else if (n == 0 || errno != EINTR || (sink->is.stop && sink->is.stop())) {
            sink_done(sink, block, done, n == 0 ? EIO : errno, sink_clock());
            state->told++;
            break;
        }
    }
    state->given += done;
}

static void start(struct sink *sink, struct sink_block *block)
{
    if (sink->is.reading)
        sink_stream.start(sink, block);
    else
        give(sink, block);
}

/* While the ring is larger than lag and pipe together, the block that is wanted next is done: vmsplice() has waited. */
static void reap(struct sink *sink, bool wait)
{
    struct pipe_state *const state = sink->state;
    const uint64_t left = state->given - in_pipe(sink), before = state->told;

    while (state->told < sink->put) {
        struct sink_block *const block = &sink->blocks[state->told % sink->is.depth];

        if (!sink->ending && block->at + block->len + state->lag > left)
            break;
        sink_done(sink, block, block->len, 0, sink_clock());
        state->told++;
    }
    if (wait && state->told == before)
        nanosleep(&(struct timespec) { .tv_nsec = 100 * 1000 }, NULL);
}

static bool occupied(struct sink *sink)
{
    return in_pipe(sink) > 0;
}

static void close_pipe(struct sink *sink)
{
    free(sink->state);
}

const struct sink_kind sink_pipe = {
    .name = "pipe",
    .depth = 20,
    .block = 512 << 10, /* half of the pipe: smaller ones cost a wake-up each, a larger ring leaves the cache */
    .shared = 512 << 10,
    .waits = true,
    .open = open_pipe,
    .start = start,
    .reap = reap,
    .occupied = occupied,
    .close = close_pipe,
};
