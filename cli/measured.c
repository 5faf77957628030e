#include "measured.h"

#include <stdio.h>

#include "text.h"

/* distinct_bytes are at least 1 where there are bytes: a piece that came is known, or its sample stands for it. */
static void set_ratio(struct dedup_ratio *d)
{
    const double bytes = (double)d->set.bytes;

    d->ratio = d->set.distinct_bytes > 0 ? bytes / d->set.distinct_bytes : 1;
    d->low = d->set.distinct_bytes_high > 0 ? bytes / d->set.distinct_bytes_high : 1;
    d->high = d->set.distinct_bytes_low > 0 ? bytes / d->set.distinct_bytes_low : 1;
}

void measured_settle(struct measured *m)
{
    const struct measure_account *const account = m->account;

    for (unsigned level = 0; level < MEASURE_BLOCK_LEVELS; level++) {
        measure_blocks_result(account->blocks, level, &m->blocks[level].set);
        set_ratio(&m->blocks[level]);
    }
    for (unsigned size = 0; size < MEASURE_CHUNK_SIZES; size++) {
        measure_chunks_result(account->chunks, size, &m->chunks[size].set);
        set_ratio(&m->chunks[size]);
    }
    for (unsigned codec = 0; codec < MEASURE_CODECS; codec++) {
        for (unsigned kind = 0; kind < MEASURE_CHUNK_KINDS && measure_codecs[codec].compressed_size; kind++)
            measure_squeezed_result(account->squeezed, account->bytes > 0 ? m->halvings : 0, codec, kind,
                                    &m->codecs[codec][kind]); /* of nothing all has been read */
    }
    m->sampled = measure_squeezed_bytes(account->squeezed, m->halvings);
    m->entropy = measure_squeezed_entropy(account->squeezed, m->halvings);
}

double measured_both(const struct measured *m, enum measure_codec_id codec, unsigned kind)
{
    return m->blocks[measure_chunk_level(kind)].ratio * m->codecs[codec][kind].unique_ratio;
}

struct sentence measured_summary(const struct measured *m)
{
    const struct headline *const h = &m->headline;
    struct sentence s;

    snprintf(s.text, sizeof s.text, "%s records with %s: dedup %.2f:1, compress %.2f:1, both %.2f:1",
             text_size(measure_chunk_bytes[h->kind]).text, measure_codecs[h->codec].name,
             m->blocks[measure_chunk_level(h->kind)].ratio, m->codecs[h->codec][h->kind].ratio,
             measured_both(m, h->codec, h->kind));
    return s;
}
