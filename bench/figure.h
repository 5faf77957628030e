/* A figure: a ratio that was asked for, the one that was measured, and how far they may be apart. */
#ifndef BENCH_FIGURE_H
#define BENCH_FIGURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <fodder/fodder.h>

#include "measure/codec.h"

/* Something is promised of the codecs up to this one. */
enum { FIGURE_CODECS = MEASURE_GZIP_6 + 1 };

enum figure_kind {
    FIGURE_COMPRESS,
    FIGURE_DEDUP,
    FIGURE_BOTH /* dedup, then compress what is left */
};

struct figure {
    enum figure_kind kind;
    fodder_spec spec;
    uint64_t offset;             /* of the data that was measured */
    enum measure_codec_id codec; /* that measured; no matter for dedup */
    size_t chunk;                /* bytes compressed by themselves, or the block size of dedup */
    double ratio;                /* measured */
};

enum { FIGURE_TEXT = FODDER_SPEC_TEXT + 128 };

/* How far the measured ratio is from that, in percent of it. */
double figure_error(const struct figure *figure);

/* How far it may be, in percent; infinity where nothing is promised. */
double figure_bound(const struct figure *figure);

bool figure_holds(const struct figure *figure);

/* Writes one line on it, without its end, into FIGURE_TEXT bytes. */
void figure_print(const struct figure *figure, char *text);

#endif
