/*
 * Where blocks go, and where they come back from. A sink owns a ring of blocks: while some are on their way, the next
 * one is made or looked at. Blind to what is in them.
 *
 *     while ((block = sink_take(sink))) {      the next block, once it is free
 *         make(block->data);
 *         sink_put(sink, block, at, len);      starts to write it
 *     }
 *     sink_finish(sink);
 *
 *     while (sink_ask(sink, at, len)) ...      starts to read, as far ahead as there are blocks
 *     block = sink_next(sink);                 the one that was asked for first, once it is there
 */
#ifndef SINK_SINK_H
#define SINK_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <fodder/parallel.h>

struct sink;

struct sink_block {
    uint8_t *data;
    uint64_t at; /* in the file */
    size_t len;
    /* Once it is done: how much was moved, and what stopped it, an errno value. A read may just end early. */
    size_t moved;
    int error;
    bool busy;
};

/* One way to move blocks. sink_kinds.c has the table; to add one, copy sink_stream.c. */
struct sink_kind {
    const char *name;
    unsigned depth; /* blocks of the ring, by default */
    size_t block;   /* bytes of one, by default, */
    size_t shared;  /* and where several threads make one; all of the ring is 64 MiB at most */
    bool waits;     /* does start() itself wait for the file? */
    bool direct;    /* past the page cache: wants a file opened with O_DIRECT */
    bool parts;     /* every block but the last is whole, and begins at a multiple of its size */
    /* Makes ready what it needs: 0, or a negative errno value, with a sentence in *why. */
    int (*open)(struct sink *sink, const char **why);
    /* Begins to move a block; sink_done() says when it is. */
    void (*start)(struct sink *sink, struct sink_block *block);
    /* sink_done() for each block that is; where `wait` says so, waits for one, but not longer than 0.1 s. */
    void (*reap)(struct sink *sink, bool wait);
    /* Is there anything for the file or its reader to do? Where it is NULL, a busy block says so. */
    bool (*occupied)(struct sink *sink);
    /* No block is busy. After an open() that failed, too. */
    void (*close)(struct sink *sink);
};

struct sink_options {
    const struct sink_kind *kind;
    int fd;                     /* borrowed */
    int direct_fd;              /* the same file opened with O_DIRECT, borrowed; for kinds that are not direct -1 */
    struct sink_object *object; /* for s3, which has no files; borrowed */
    bool reading;
    size_t block;       /* bytes; 0: the kind's */
    unsigned depth;     /* 0: the kind's */
    fodder_pool *pool;  /* for its memory */
    bool (*stop)(void); /* asked while waiting; then no more blocks are given */
};

struct sink {
    struct sink_options is;
    size_t align;              /* what the places of blocks, and of all but the last the lengths, are multiples of */
    struct sink_block *blocks; /* the ring, of is.depth */
    uint64_t put, next;        /* how many have been put or asked for, and given by sink_next() */
    unsigned busy;
    bool ending; /* no more blocks will be put */
    fodder_buffer *memory;
    void *state; /* of the kind */
    /* Of what was put: the end, and where the first hole begins, with what made it. */
    uint64_t end, hole;
    int error;
    /* Seconds: when a block was last done; how long the sink had nothing to do, and how long whoever makes the blocks,
     * or looks at them, waited for one. */
    double last, idle, held_up;
};

/* The kind of that name, NULL where there is none; and by number, NULL past the last. */
const struct sink_kind *sink_kind_named(const char *name);
const struct sink_kind *sink_kind_at(size_t index);

/* 0, or a negative errno value with a sentence in *why. */
int sink_new(struct sink **sink, const struct sink_options *options, const char **why);
/* Waits for what is on its way. NULL is fine. */
void sink_free(struct sink *sink);

struct sink_block *sink_take(struct sink *sink);
void sink_put(struct sink *sink, struct sink_block *block, uint64_t at, size_t len);
/* Waits for all. 0, or the negative errno value of what failed first; sink_whole() tells how much is there before it.
 */
int sink_finish(struct sink *sink);
/* Bytes from the start on that are written, without a hole. */
uint64_t sink_whole(const struct sink *sink);

/* False where no block is free: one stays with the caller, that of the last sink_next(). */
bool sink_ask(struct sink *sink, uint64_t at, size_t len);
/* NULL where none was asked for, or stop() says so. */
struct sink_block *sink_next(struct sink *sink);

/* For the kinds: this block is done, since `when`. */
void sink_done(struct sink *sink, struct sink_block *block, size_t moved, int error, double when);
/* For the kinds: pwrite() of what lies between two places of a block; the place where it stopped, with *error. */
size_t sink_write_part(int fd, const struct sink_block *block, size_t done, size_t end, int *error);
/* Seconds of the clock that does not jump. */
double sink_clock(void);
/* For the kinds: how much of a block is moved past the page cache. Of a write the end of the file, which fills no page,
 * goes through the cache; a read has room for the whole last page. */
size_t sink_direct_part(const struct sink *sink, const struct sink_block *block);

#endif
