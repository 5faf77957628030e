#include <math.h>

#include "measured.h"

static void append_classes(struct json *object, const char *key, const double *classes, unsigned count)
{
    while (count > 0 && classes[count - 1] < 0.5)
        count--;
    json_list(object, key);
    for (unsigned i = 0; i < count; i++)
        json_append_whole(object, key, (uint64_t)llround(classes[i]));
}

static void append_dedup(struct json *account, const char *kind, uint64_t size, const struct dedup_ratio *d)
{
    struct json *const row = json_new();

    json_text(row, "kind", kind);
    json_whole(row, "size", size);
    json_whole(row, "pieces", d->set.pieces);
    json_whole(row, "bytes", d->set.bytes);
    json_whole(row, "zero_pieces", d->set.zero_pieces);
    json_whole(row, "zero_bytes", d->set.zero_bytes);
    json_whole(row, "distinct", (uint64_t)llround(d->set.distinct));
    json_whole(row, "distinct_bytes", (uint64_t)llround(d->set.distinct_bytes));
    json_number(row, "ratio", d->ratio);
    json_bool(row, "exact", d->set.exact);
    json_number(row, "ratio_low", d->low);
    json_number(row, "ratio_high", d->high);
    append_classes(row, "reuse", d->set.reuse, MEASURE_REUSE_CLASSES);
    append_classes(row, "distances", d->set.distances, MEASURE_DISTANCE_CLASSES);
    json_append(account, "dedup", row);
}

static void append_compress(struct json *account, const struct measured *m, enum measure_codec_id codec, unsigned kind)
{
    const struct measure_squeezed_result *const r = &m->codecs[codec][kind];
    struct json *const row = json_new();

    json_text(row, "codec", measure_codecs[codec].name);
    json_text(row, "version", measure_codecs[codec].version());
    json_whole(row, "chunk", measure_chunk_bytes[kind]);
    json_whole(row, "chunks", r->chunks);
    json_whole(row, "raw_chunks", r->raw_chunks);
    json_whole(row, "bytes", r->bytes);
    json_whole(row, "stored", r->stored);
    json_number(row, "ratio", r->ratio);
    json_number(row, "relative_error", r->relative_error);
    json_number(row, "ratio_low", r->ratio_low);
    json_number(row, "ratio_high", r->ratio_high);
    json_list(row, "histogram");
    for (unsigned i = 0; i < MEASURE_SHARES; i++)
        json_append_whole(row, "histogram", r->histogram[i]);
    json_whole(row, "unique_chunks", r->unique_chunks);
    json_number(row, "unique_ratio", r->unique_ratio);
    json_number(row, "both", measured_both(m, codec, kind));
    json_append(account, "compress", row);
}

struct json *measured_json(const struct measured *m)
{
    struct json *const object = json_new();

    if (m->path)
        json_text(object, "path", m->path);
    json_whole(object, "files", m->files);
    json_whole(object, "bytes", m->account->bytes);
    json_whole(object, "holes", m->holes);
    json_whole(object, "links", m->links);
    json_whole(object, "unreadable", m->unreadable);
    json_whole(object, "changed", m->changed);
    json_text(object, "summary", measured_summary(m).text);
    json_number(object, "entropy", m->entropy);
    json_whole(object, "sampled_bytes", m->sampled);
    json_number(object, "sample", m->account->bytes > 0 ? (double)m->sampled / (double)m->account->bytes : 1);
    json_list(object, "dedup");
    for (unsigned level = 0; level < MEASURE_BLOCK_LEVELS; level++)
        append_dedup(object, "fixed", (uint64_t)MEASURE_BLOCK << level, &m->blocks[level]);
    for (unsigned size = 0; size < MEASURE_CHUNK_SIZES; size++)
        append_dedup(object, "cdc", measure_chunk_averages[size], &m->chunks[size]);
    json_list(object, "compress");
    for (unsigned codec = 0; codec < MEASURE_CODECS; codec++) {
        for (unsigned kind = 0; kind < MEASURE_CHUNK_KINDS && measure_codecs[codec].compressed_size; kind++)
            append_compress(object, m, codec, kind);
    }
    return object;
}
