#include <errno.h>
#include <stdlib.h>

#include <fodder/parallel.h>

struct fodder_stream {
    const fodder_plan *plan;
    fodder_pool *pool;
    uint64_t size, at;
};

int fodder_stream_new(fodder_stream **stream, const fodder_plan *plan, fodder_pool *pool, uint64_t size)
{
    fodder_stream *s;

    if (size > fodder_plan_limit(plan))
        return FODDER_ERR_RANGE;
    s = malloc(sizeof *s);
    if (!s)
        return -ENOMEM;
    *s = (fodder_stream) { .plan = plan, .pool = pool, .size = size };
    *stream = s;
    return 0;
}

void fodder_stream_free(fodder_stream *stream)
{
    free(stream);
}

int64_t fodder_stream_read(fodder_stream *stream, void *dst, size_t len)
{
    const uint64_t left = stream->size - stream->at;
    const size_t n = left < len ? (size_t)left : len;

    fodder_pool_fill(stream->pool, stream->plan, stream->at, dst, n);
    stream->at += n;
    return (int64_t)n;
}

int fodder_stream_seek(fodder_stream *stream, uint64_t offset)
{
    if (offset > stream->size)
        return FODDER_ERR_RANGE;
    stream->at = offset;
    return 0;
}

void fodder_stream_rewind(fodder_stream *stream)
{
    stream->at = 0;
}

uint64_t fodder_stream_tell(const fodder_stream *stream)
{
    return stream->at;
}

uint64_t fodder_stream_size(const fodder_stream *stream)
{
    return stream->size;
}

int fodder_stream_done(const fodder_stream *stream)
{
    return stream->at == stream->size;
}
