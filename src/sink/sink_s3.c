/* An object of an S3 server: each block is a part, or a range, and has a connection for itself. */
#include <string.h>

#include "sink/kinds.h"
#include "sink/sink_object.h"
#include "sink/workers.h"

static void note(struct sink_object *object, const struct s3_error *error)
{
    pthread_mutex_lock(&object->lock);
    if (object->error.number == 0)
        object->error = *error;
    pthread_mutex_unlock(&object->lock);
}

struct part {
    const struct sink_object *object;
    uint64_t at;
};

static void make_part(const void *user, uint64_t at, void *to, size_t len)
{
    const struct part *const part = user;

    part->object->make(part->object->user, part->at + at, to, len);
}

static size_t write_part(struct sink *sink, const struct sink_block *block, int *error)
{
    struct sink_object *const object = sink->is.object;
    const struct part part = { object, block->at };
    const struct s3_body body = { .len = block->len, .user = &part, .make = make_part };
    struct s3_error why;

    if (s3_upload_part(object->upload, (unsigned)(block->at / sink->is.block), &body, &why) == 0)
        return block->len;
    note(object, &why);
    *error = why.number;
    return 0;
}

struct range {
    const struct sink_block *block;
    size_t done;
};

static bool take_range(void *user, const void *data, size_t len)
{
    struct range *const range = user;

    if (len > range->block->len - range->done)
        return false; /* more than was asked for */
    memcpy(range->block->data + range->done, data, len);
    range->done += len;
    return true;
}

static size_t read_range(struct sink *sink, const struct sink_block *block, int *error)
{
    struct sink_object *const object = sink->is.object;
    struct s3_object is = object->is;
    struct range range = { block, 0 };
    const struct s3_taker taker = { &range, take_range };
    struct s3_error why;

    if (s3_get(object->s3, object->key, block->at, block->len, &is, &taker, &why) < 0) {
        note(object, &why);
        *error = why.number;
    }
    return range.done;
}

static size_t move(struct sink *sink, const struct sink_block *block, int *error)
{
    return sink->is.reading ? read_range(sink, block, error) : write_part(sink, block, error);
}

/* While all but one block are on their way, that one is made, or looked at. */
static int open_s3(struct sink *sink, const char **why)
{
    return workers_open(sink, sink->is.depth > 1 ? sink->is.depth - 1 : 1, move, why);
}

const struct sink_kind sink_s3 = {
    .name = "s3",
    .depth = 4,
    .block = 16 << 20,
    .shared = 16 << 20,
    .parts = true,
    .open = open_s3,
    .start = workers_start,
    .reap = workers_reap,
    .close = workers_close,
};
