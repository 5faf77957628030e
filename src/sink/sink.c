#define _GNU_SOURCE
#include "sink/sink.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* What is written past the cache and what goes through it must not share a page: the cache would write back what it
 * read before. */
enum { PAGE = 4096 };

double sink_clock(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* glibc's statx has no room for the alignment; the kernel has told it since 6.1. */
static size_t alignment(int fd)
{
    struct statx status;

    memset(&status, 0, sizeof status);
    if (syscall(SYS_statx, fd, "", AT_EMPTY_PATH, STATX_DIOALIGN, &status) == 0 && status.stx_mask & STATX_DIOALIGN &&
        status.stx_dio_offset_align > PAGE)
        return status.stx_dio_offset_align;
    return PAGE;
}

static int make_ring(struct sink *s, const char **why)
{
    const size_t size = s->is.block * s->is.depth;
    int r;

    *why = "no memory for the blocks";
    s->blocks = calloc(s->is.depth, sizeof *s->blocks);
    if (!s->blocks)
        return -ENOMEM;
    r = fodder_buffer_new(&s->memory, s->is.pool, size);
    for (unsigned i = 0; r == 0 && i < s->is.depth; i++)
        s->blocks[i].data = (uint8_t *)fodder_buffer_data(s->memory) + i * s->is.block;
    return r;
}

int sink_new(struct sink **sink, const struct sink_options *options, const char **why)
{
    struct sink *const s = calloc(1, sizeof *s);
    int r;

    *why = "no memory for the blocks";
    if (!s)
        return -ENOMEM;
    s->is = *options;
    s->is.block = options->block > 0 ? options->block : options->kind->block;
    s->is.depth = options->depth > 0 ? options->depth : options->kind->depth;
    if (options->reading && options->kind->waits)
        s->is.depth = 2; /* nothing is read ahead */
    s->align = options->kind->direct ? alignment(options->direct_fd) : options->kind->parts ? s->is.block : 1;
    s->hole = UINT64_MAX;
    if (s->is.block % s->align != 0) {
        *why = "the block must be a multiple of 4096 bytes, or of what the file system wants";
        free(s);
        return -EINVAL;
    }
    r = make_ring(s, why);
    if (r == 0 && options->kind->open)
        r = options->kind->open(s, why);
    *sink = s;
    if (r < 0) {
        sink_free(s);
        *sink = NULL;
    }
    return r;
}

void sink_free(struct sink *s)
{
    if (!s)
        return;
    sink_finish(s);
    if (s->is.kind->close)
        s->is.kind->close(s);
    fodder_buffer_free(s->memory);
    free(s->blocks);
    free(s);
}

void sink_done(struct sink *s, struct sink_block *block, size_t moved, int error, double when)
{
    block->moved = moved;
    block->error = error;
    block->busy = false;
    s->busy--;
    if (when > s->last)
        s->last = when;
    if (!s->is.reading && moved < block->len && block->at + moved < s->hole) {
        s->hole = block->at + moved;
        s->error = error;
    }
}

size_t sink_direct_part(const struct sink *s, const struct sink_block *block)
{
    const size_t end = s->is.reading ? block->len + s->align - 1 : block->len;

    return end - end % s->align;
}

/* The time begins with the first block. */
static void begin(struct sink *s)
{
    if (s->put == 0)
        s->last = sink_clock();
}

size_t sink_write_part(int fd, const struct sink_block *block, size_t done, size_t end, int *error)
{
    while (done < end && *error == 0) {
        const ssize_t n = pwrite(fd, block->data + done, end - done, (off_t)(block->at + done));

        if (n > 0)
            done += (size_t)n;
        else if (n == 0 || errno != EINTR)
            *error = n == 0 ? EIO : errno;
    }
    return done;
}

static bool stopped(const struct sink *s)
{
    return s->is.stop && s->is.stop();
}

static void reap(struct sink *s, bool wait)
{
    if (s->busy > 0 && s->is.kind->reap)
        s->is.kind->reap(s, wait);
}

/* False where the caller wants to stop before the block is done. */
static bool wait_for(struct sink *s, const struct sink_block *block)
{
    const double from = sink_clock();

    while (block->busy && !stopped(s))
        reap(s, true);
    s->held_up += sink_clock() - from;
    return !block->busy;
}

/* Where the call itself waits, that is what holds up its caller. */
static void start_now(struct sink *s, struct sink_block *block)
{
    const double from = sink_clock();

    s->is.kind->start(s, block);
    s->held_up += sink_clock() - from;
    s->last = sink_clock();
}

static void start(struct sink *s, struct sink_block *block, uint64_t at, size_t len)
{
    const struct sink_kind *const kind = s->is.kind;

    reap(s, false);
    if (kind->occupied ? !kind->occupied(s) : s->busy == 0)
        s->idle += sink_clock() - s->last;
    assert(len <= s->is.block);
    block->at = at;
    block->len = len;
    block->busy = true;
    s->busy++;
    s->put++;
    if (kind->waits)
        start_now(s, block);
    else
        kind->start(s, block);
}

struct sink_block *sink_take(struct sink *s)
{
    struct sink_block *const block = &s->blocks[s->put % s->is.depth];

    begin(s);
    reap(s, false);
    if (block->busy && !wait_for(s, block))
        return NULL;
    return s->error != 0 || stopped(s) ? NULL : block;
}

void sink_put(struct sink *s, struct sink_block *block, uint64_t at, size_t len)
{
    s->end = at + len;
    start(s, block, at, len);
}

int sink_finish(struct sink *s)
{
    s->ending = true;
    while (s->busy > 0)
        reap(s, true);
    return -s->error;
}

uint64_t sink_whole(const struct sink *s)
{
    return s->hole < s->end ? s->hole : s->end;
}

bool sink_ask(struct sink *s, uint64_t at, size_t len)
{
    const uint64_t held = s->next > 0 ? s->next - 1 : 0; /* the oldest that is still looked at */

    begin(s);
    if (s->put - held >= s->is.depth)
        return false;
    start(s, &s->blocks[s->put % s->is.depth], at, len);
    return true;
}

struct sink_block *sink_next(struct sink *s)
{
    struct sink_block *const block = &s->blocks[s->next % s->is.depth];

    if (s->next == s->put || !wait_for(s, block) || stopped(s))
        return NULL;
    s->next++;
    return block;
}
