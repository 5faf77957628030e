#define _GNU_SOURCE
#include "compare.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "stop.h"

/* Is block number i of the source one of the sample? */
static bool is_sampled(const struct compare *c, uint64_t i)
{
    const double share = c->sample;

    return share == 0 || (uint64_t)((double)(i + 1) * share) > (uint64_t)((double)i * share);
}

/* Asks for the next block that is wanted. False where there is none, or no room. */
static bool ask(struct compare *c)
{
    struct sink *const sink = c->source->sink;
    const size_t size = sink->is.block;

    while (c->asked < c->bytes) {
        const size_t len = c->bytes - c->asked < size ? (size_t)(c->bytes - c->asked) : size;
        const bool wanted = is_sampled(c, c->blocks);

        if (wanted && !sink_ask(sink, c->source->begin + c->asked, len))
            return false;
        c->asked += len;
        c->blocks++;
        if (wanted)
            return true;
    }
    return false;
}

static void tell_hole(const struct compare *c)
{
    if (c->hole.len > 0)
        say("%s: %" PRIu64 " bytes at %" PRIu64 " cannot be read: %s", c->source->file.name, c->hole.len, c->hole.at,
            strerror(c->hole.error));
}

static void pass_over(struct compare *c, uint64_t at, size_t len, int error)
{
    if (c->hole.len == 0 || c->hole.at + c->hole.len != at || c->hole.error != error) {
        tell_hole(c);
        c->hole.at = at;
        c->hole.len = 0;
        c->hole.error = error;
    }
    c->hole.len += len;
    c->unreadable += len;
    fodder_verifier_skip(c->verifier, len);
    c->done += len;
}

static enum exit_code add(struct compare *c, const uint8_t *data, size_t len)
{
    if (fodder_pool_verifier_add(c->pool, c->verifier, data, len) < 0)
        return fail(EXIT_FAILED, "%s: it goes on past the end of the data set", c->source->file.name);
    c->done += len;
    return EXIT_FINE;
}

/* What of a block came after an error, in pages. */
static enum exit_code add_rest(struct compare *c, struct sink_block *block, size_t *moved)
{
    enum exit_code code = EXIT_FINE;
    size_t bad = 1;

    while (bad > 0 && *moved < block->len && code == EXIT_FINE && !stop_asked()) {
        const size_t n = source_salvage(c->source, block, *moved, &bad);

        code = add(c, block->data + *moved, n);
        *moved += n;
        if (bad > 0)
            pass_over(c, block->at + *moved, bad, block->error);
        *moved += bad;
    }
    return code;
}

/* Sets *ended where the source ends in this block. */
static enum exit_code add_block(struct compare *c, struct sink_block *block, bool *ended)
{
    const uint64_t at = block->at - c->source->begin;
    size_t moved = block->moved;
    enum exit_code code;

    if (at > c->done)
        fodder_verifier_skip(c->verifier, at - c->done);
    c->done = at > c->done ? at : c->done;
    code = add(c, block->data, moved);
    if (code == EXIT_FINE && block->error != 0 && source_can_salvage(c->source))
        code = add_rest(c, block, &moved);
    else if (code == EXIT_FINE && block->error != 0 && !stop_asked())
        code = fail(EXIT_FAILED, "%s: %s after %" PRIu64 " bytes", c->source->file.name, source_error(c->source, block),
                    c->done);
    *ended = moved < block->len;
    return code;
}

enum exit_code compare_run(struct compare *c)
{
    enum exit_code code = EXIT_FINE;
    struct sink_block *block;
    bool ended = false;

    while (code == EXIT_FINE && !ended && !stop_asked()) {
        while (ask(c))
            continue;
        block = sink_next(c->source->sink);
        if (!block)
            break;
        code = add_block(c, block, &ended);
        progress_step(&c->progress, c->done);
    }
    tell_hole(c);
    if (code == EXIT_FINE && stop_asked())
        return fail(EXIT_FAILED, "%s: %s after %" PRIu64 " bytes", c->source->file.name, stop_name(), c->done);
    /* Blocks behind the last one of a sample are passed over too. */
    if (code == EXIT_FINE && !ended && c->bytes != UINT64_MAX && c->bytes > c->done)
        fodder_verifier_skip(c->verifier, c->bytes - c->done);
    return code;
}
