/* A file or a device past the page cache, by io_uring: one call for many blocks, on registered memory. */
#define _GNU_SOURCE
#include <errno.h>
#include <liburing.h>
#include <stdlib.h>

#include "sink/kinds.h"

struct uring {
    struct io_uring ring;
    bool registered; /* memory and file; where the system refuses it they are named in each call */
};

static bool register_all(struct sink *sink, struct uring *u)
{
    const struct iovec memory = { sink->blocks[0].data, sink->is.block * sink->is.depth };

    return io_uring_register_buffers(&u->ring, &memory, 1) == 0 &&
           io_uring_register_files(&u->ring, &sink->is.direct_fd, 1) == 0;
}

static int open_uring(struct sink *sink, const char **why)
{
    struct uring *const u = calloc(1, sizeof *u);
    int r;

    if (!u)
        return -ENOMEM;
    *why = "the system does not allow io_uring here; --io direct does without";
    r = io_uring_queue_init(sink->is.depth, &u->ring, 0);
    if (r < 0) {
        free(u);
        return r;
    }
    u->registered = register_all(sink, u);
    sink->state = u;
    return 0;
}

/* Asks for what is left of a block; its place in the ring is there, for a block has one call at a time. */
static void submit(struct sink *sink, struct sink_block *block)
{
    struct uring *const u = sink->state;
    struct io_uring_sqe *const call = io_uring_get_sqe(&u->ring);
    uint8_t *const data = block->data + block->moved;
    const unsigned len = (unsigned)(sink_direct_part(sink, block) - block->moved);
    const uint64_t at = block->at + block->moved;
    const int fd = u->registered ? 0 : sink->is.direct_fd;

    if (sink->is.reading && u->registered)
        io_uring_prep_read_fixed(call, fd, data, len, at, 0);
    else if (sink->is.reading)
        io_uring_prep_read(call, fd, data, len, at);
    else if (u->registered)
        io_uring_prep_write_fixed(call, fd, data, len, at, 0);
    else
        io_uring_prep_write(call, fd, data, len, at);
    if (u->registered)
        io_uring_sqe_set_flags(call, IOSQE_FIXED_FILE);
    io_uring_sqe_set_data(call, block);
    io_uring_submit(&u->ring);
}

/* The end of a file that fills no page goes through the page cache. */
static void write_rest(struct sink *sink, struct sink_block *block)
{
    int error = 0;

    block->moved = sink_write_part(sink->is.fd, block, block->moved, block->len, &error);
    sink_done(sink, block, block->moved, error, sink_clock());
}

static void start(struct sink *sink, struct sink_block *block)
{
    block->moved = 0;
    if (sink_direct_part(sink, block) > 0)
        submit(sink, block);
    else
        write_rest(sink, block);
}

static void completed(struct sink *sink, struct sink_block *block, int result)
{
    const size_t whole = sink_direct_part(sink, block);
    bool more;

    if (result == -EINTR || result == -EAGAIN) {
        submit(sink, block);
        return;
    }
    block->moved += result > 0 ? (size_t)result : 0;
    more = result > 0 && block->moved < whole && block->moved % sink->align == 0;
    if (more)
        submit(sink, block);
    else if (result >= 0 && !sink->is.reading && block->moved == whole)
        write_rest(sink, block);
    else
        sink_done(sink, block, block->moved < block->len ? block->moved : block->len,
                  result < 0         ? -result
                  : sink->is.reading ? 0
                                     : EIO,
                  sink_clock());
}

static void reap(struct sink *sink, bool wait)
{
    struct uring *const u = sink->state;
    struct __kernel_timespec patience = { .tv_nsec = 100 * 1000 * 1000 };
    struct io_uring_cqe *answer;

    if (wait && io_uring_wait_cqe_timeout(&u->ring, &answer, &patience) < 0)
        return;
    while (io_uring_peek_cqe(&u->ring, &answer) == 0) {
        struct sink_block *const block = io_uring_cqe_get_data(answer);
        const int result = answer->res;

        io_uring_cqe_seen(&u->ring, answer);
        completed(sink, block, result);
    }
}

static void close_uring(struct sink *sink)
{
    struct uring *const u = sink->state;

    if (!u)
        return;
    io_uring_queue_exit(&u->ring);
    free(u);
}

const struct sink_kind sink_uring = {
    .name = "uring",
    .depth = 16,
    .block = 1 << 20,
    .shared = 4 << 20,
    .direct = true,
    .open = open_uring,
    .start = start,
    .reap = reap,
    .close = close_uring,
};
