#include "figure.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/* Sets of enum measure_codec_id. */
enum {
    LZ4 = 1 << MEASURE_LZ4,
    ZSTD = 1 << MEASURE_ZSTD_1 | 1 << MEASURE_ZSTD_3,
    GZIP = 1 << MEASURE_GZIP_6,
    ANY = LZ4 | ZSTD | GZIP
};

enum { KIB = 1 << 10, MIB = 1 << 20 };

/* What docs/format.md promises. The first row that fits a figure is its bound, so rows that are alike but for `most`
 * stand in its order. */
static const struct bound {
    enum figure_kind kind;
    uint32_t option; /* of enum fodder_codec, asked */
    unsigned codecs; /* that measure, a set */
    size_t from, to; /* chunk */
    double most;     /* asked */
    double percent;
} bounds[] = {
    { .codecs = ANY, .from = 32 * KIB, .to = MIB, .most = 4, .percent = 3 },
    { .codecs = ANY, .from = 32 * KIB, .to = MIB, .most = 10, .percent = 5 },
    { .codecs = ZSTD, .from = 4 * KIB, .to = 4 * KIB, .most = 10, .percent = 3 },
    { .codecs = LZ4, .from = 4 * KIB, .to = 4 * KIB, .most = 4, .percent = 3.5 },
    { .codecs = LZ4, .from = 4 * KIB, .to = 4 * KIB, .most = 8, .percent = 5 },
    { .codecs = GZIP, .from = 4 * KIB, .to = 4 * KIB, .most = 8, .percent = 8 },
    { .option = FODDER_CODEC_LZ4, .codecs = LZ4, .from = 32 * KIB, .to = MIB, .most = 8, .percent = 1 },
    { .option = FODDER_CODEC_LZ4, .codecs = LZ4, .from = 32 * KIB, .to = MIB, .most = 16, .percent = 2 },
    { .option = FODDER_CODEC_ZSTD, .codecs = ZSTD, .from = 32 * KIB, .to = MIB, .most = 8, .percent = 1 },
    { .option = FODDER_CODEC_ZSTD, .codecs = ZSTD, .from = 32 * KIB, .to = MIB, .most = 16, .percent = 2 },
    { .option = FODDER_CODEC_DEFLATE, .codecs = GZIP, .from = 32 * KIB, .to = MIB, .most = 8, .percent = 1 },
    { .option = FODDER_CODEC_DEFLATE, .codecs = GZIP, .from = 32 * KIB, .to = MIB, .most = 16, .percent = 2 },
    { .kind = FIGURE_DEDUP, .codecs = ANY, .from = 512, .to = 64 * KIB, .most = 10, .percent = 0.2 },
    { .kind = FIGURE_BOTH, .codecs = ANY, .from = 64 * KIB, .to = 64 * KIB, .most = 6, .percent = 3 },
};

/* What the spec asks for; its ratios are not 0. */
static double asked(const struct figure *figure)
{
    switch (figure->kind) {
    case FIGURE_COMPRESS:
        return figure->spec.compress;
    case FIGURE_DEDUP:
        return figure->spec.dedup;
    default:
        return figure->spec.dedup * figure->spec.compress;
    }
}

static bool fits(const struct bound *b, const struct figure *f)
{
    return b->kind == f->kind && b->option == f->spec.codec && (b->codecs >> f->codec & 1) && f->chunk >= b->from &&
           f->chunk <= b->to && asked(f) <= b->most;
}

double figure_error(const struct figure *figure)
{
    return (figure->ratio / asked(figure) - 1) * 100;
}

double figure_bound(const struct figure *figure)
{
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
        if (fits(&bounds[i], figure))
            return bounds[i].percent;
    }
    return INFINITY;
}

bool figure_holds(const struct figure *figure)
{
    return fabs(figure_error(figure)) <= figure_bound(figure);
}

void figure_print(const struct figure *figure, char *text)
{
    const char *const measured_by = figure->kind == FIGURE_DEDUP ? "dedup" : measure_codecs[figure->codec].name;
    char spec[FODDER_SPEC_TEXT] = "a spec that is not valid";

    fodder_spec_print(&figure->spec, spec, sizeof spec);
    snprintf(text, FIGURE_TEXT, "%s at %" PRIu64 ": %s by %zu bytes: %.3f, %+.2f %%, bound %g %%", spec, figure->offset,
             measured_by, figure->chunk, figure->ratio, figure_error(figure), figure_bound(figure));
}
