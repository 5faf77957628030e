#include "measured.h"

#include <stdio.h>

#include "text.h"

/* distinct_bytes are at least 1 where there are bytes: a piece that came is known, or its sample stands for it. */
static struct dedup_ratio ratio_of(const struct measure_set_result *set)
{
    const double bytes = (double)set->bytes;
    struct dedup_ratio d = { .ratio = 1, .low = 1, .high = 1, .set = *set };

    if (set->distinct_bytes > 0)
        d.ratio = bytes / set->distinct_bytes;
    if (set->distinct_bytes_high > 0)
        d.low = bytes / set->distinct_bytes_high;
    if (set->distinct_bytes_low > 0)
        d.high = bytes / set->distinct_bytes_low;
    return d;
}

struct dedup_ratio measured_blocks(const struct measured *m, unsigned level)
{
    struct measure_set_result set;

    measure_blocks_result(m->account->blocks, level, &set);
    return ratio_of(&set);
}

struct dedup_ratio measured_chunks(const struct measured *m, unsigned size)
{
    struct measure_set_result set;

    measure_chunks_result(m->account->chunks, size, &set);
    return ratio_of(&set);
}

struct measure_squeezed_result measured_codec(const struct measured *m, enum measure_codec_id codec, unsigned kind)
{
    struct measure_squeezed_result result;

    measure_squeezed_result(m->account->squeezed, m->halvings, codec, kind, &result);
    return result;
}

unsigned measured_level(unsigned kind)
{
    return (unsigned)__builtin_ctz(measure_chunk_bytes[kind] / MEASURE_BLOCK);
}

double measured_both(const struct measured *m, enum measure_codec_id codec, unsigned kind)
{
    return measured_blocks(m, measured_level(kind)).ratio * measured_codec(m, codec, kind).unique_ratio;
}

struct sentence measured_summary(const struct measured *m)
{
    const struct headline *const h = &m->headline;
    struct sentence s;

    snprintf(s.text, sizeof s.text, "%s records with %s: dedup %.2f:1, compress %.2f:1, both %.2f:1",
             text_size(measure_chunk_bytes[h->kind]).text, measure_codecs[h->codec].name,
             measured_blocks(m, h->level).ratio, measured_codec(m, h->codec, h->kind).ratio,
             measured_both(m, h->codec, h->kind));
    return s;
}
