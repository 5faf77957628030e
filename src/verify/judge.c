#include "verify/judge.h"

#include <string.h>

#include "fill/part.h"
#include "layout/place.h"

/* What holds a sector's part: where it is in the sector, and how long. */
struct part {
    uint64_t offset; /* in the data set */
    const uint8_t *got;
    size_t len;
};

/* Where a plan has what the part holds. */
struct source {
    struct place place;
    uint64_t from;   /* in the unit */
    uint64_t offset; /* the lowest in the data set */
};

bool verdict_same(const struct verdict *a, const struct verdict *b)
{
    return a->kind == b->kind && a->value == b->value && a->displacement == b->displacement &&
           a->generation == b->generation && a->foreign == b->foreign;
}

static bool is_constant(const uint8_t *bytes, size_t len)
{
    return bytes[0] == bytes[len - 1] && memcmp(bytes, bytes + 1, len - 1) == 0;
}

/* Makes the sector again, of whatever generation, and compares. */
static bool holds(const fodder_plan *plan, const struct part *part, const struct source *source)
{
    const struct keystream stream = layout_keystream_of(&plan->layout, source->place.id, source->place.generation);
    uint8_t made[KEYSTREAM_SECTOR];

    if (part->len == KEYSTREAM_SECTOR)
        fill_sectors(plan, &stream, source->from / KEYSTREAM_SECTOR, made, 1);
    else
        fill_part(plan, &stream, source->from, source->from + part->len, made);
    return memcmp(made, part->got, part->len) == 0;
}

/* Undoes the part's first whole block, which names its place. */
static bool find_source(const fodder_plan *plan, const struct part *part, struct source *source)
{
    enum { SECTOR_BLOCKS = KEYSTREAM_SECTOR / KEYSTREAM_BLOCK };
    const uint64_t at = part->offset % KEYSTREAM_SECTOR, skip = -at % KEYSTREAM_BLOCK;
    uint64_t words[2];

    if (skip + KEYSTREAM_BLOCK > part->len)
        return false;
    plan->kernel->undo(plan->layout.round_keys, part->got + skip, words);
    if (!place_find(&plan->layout, words, &source->place))
        return false;
    if (source->place.block % SECTOR_BLOCKS != (at + skip) / KEYSTREAM_BLOCK)
        return false; /* moved by something else than whole sectors */
    if (!place_offset(&plan->layout, source->place.id, &source->offset))
        return false;
    source->from = source->place.block / SECTOR_BLOCKS * KEYSTREAM_SECTOR + at;
    source->offset += source->from;
    return holds(plan, part, source);
}

static bool is_own_place(const fodder_plan *plan, uint64_t offset, const struct source *source)
{
    const struct layout *const l = &plan->layout;

    return source->place.id == layout_unit_id(l, offset >> l->log2_unit) &&
           source->from == (offset & ((UINT64_C(1) << l->log2_unit) - 1));
}

static bool judge_own(const fodder_plan *plan, const struct part *part, struct verdict *verdict)
{
    struct source source;

    if (!find_source(plan, part, &source))
        return false;
    *verdict = (struct verdict) { .kind = FODDER_STALE, .generation = source.place.generation };
    if (!is_own_place(plan, part->offset, &source)) {
        verdict->kind = FODDER_MISPLACED;
        verdict->displacement = source.offset - part->offset;
    }
    return true;
}

static bool judge_foreign(const fodder_verify_options *options, const struct part *part, struct verdict *verdict)
{
    for (size_t i = 0; i < options->foreign_count; i++) {
        struct source source;

        if (!find_source(options->foreign[i], part, &source))
            continue;
        *verdict = (struct verdict) { .kind = FODDER_FOREIGN,
                                      .foreign = i,
                                      .generation = source.place.generation,
                                      .displacement = source.offset - part->offset };
        return true;
    }
    return false;
}

void judge(const fodder_plan *plan, const fodder_verify_options *options, uint64_t offset, const uint8_t *got,
           size_t len, struct verdict *verdict)
{
    const struct part part = { .offset = offset, .got = got, .len = len };

    if (is_constant(got, len) && len >= KEYSTREAM_BLOCK)
        *verdict = (struct verdict) { .kind = got[0] ? FODDER_CONSTANT : FODDER_ZEROED, .value = got[0] };
    else if (!judge_own(plan, &part, verdict) && !judge_foreign(options, &part, verdict))
        *verdict = (struct verdict) { .kind = FODDER_CORRUPT };
}
