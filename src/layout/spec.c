#include "layout/spec.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/bits.h"

const struct spec_row spec_rows[SPEC_FIELDS] = {
    [SPEC_SEED] = { .name = "seed",
                    .offset = offsetof(fodder_spec, seed),
                    .max = UINT64_MAX,
                    .why = "seed is a whole number from 0 to 18446744073709551615, such as 42" },
    [SPEC_SERIES] = { .name = "series",
                      .offset = offsetof(fodder_spec, series),
                      .max = UINT64_MAX,
                      .why = "series is a whole number from 0 to 18446744073709551615, such as a rank" },
    [SPEC_GENERATION] = { .name = "generation",
                          .offset = offsetof(fodder_spec, generation),
                          .max = (1 << 20) - 1,
                          .why = "generation is a whole number from 0 to 1048575" },
    [SPEC_DEDUP] = { .name = "dedup",
                     .kind = SPEC_KIND_RATIO,
                     .offset = offsetof(fodder_spec, dedup),
                     .min = SPEC_MILLION,
                     .max = SPEC_MILLION * SPEC_MILLION,
                     .fallback = SPEC_MILLION,
                     .why = "dedup is a ratio from 1 to 1000000, such as 2 or 1.5" },
    [SPEC_COMPRESS] = { .name = "compress",
                        .kind = SPEC_KIND_RATIO,
                        .offset = offsetof(fodder_spec, compress),
                        .min = SPEC_MILLION,
                        .max = 32 * SPEC_MILLION,
                        .fallback = SPEC_MILLION,
                        .why = "compress is a ratio from 1 to 32, such as 3 or 1.5" },
    [SPEC_UNIT] = { .name = "unit",
                    .kind = SPEC_KIND_SIZE,
                    .pow2 = true,
                    .offset = offsetof(fodder_spec, unit),
                    .min = 4 << 10,
                    .max = 64 << 20,
                    .fallback = 1 << 20,
                    .why = "unit is a power of two from 4KiB to 64MiB, such as 64KiB" },
    [SPEC_WINDOW] = { .name = "window",
                      .pow2 = true,
                      .offset = offsetof(fodder_spec, window),
                      .min = 1,
                      .max = 1 << 20,
                      .fallback = 1024,
                      .why = "window is a power of two from 1 to 1048576, in units, such as 1024" },
    [SPEC_CODEC] = { .name = "codec",
                     .kind = SPEC_KIND_CODEC,
                     .offset = offsetof(fodder_spec, codec),
                     .max = FODDER_CODEC_DEFLATE,
                     .why = "codec is balanced, lz4, zstd or deflate" },
};

int spec_reject(int error, const char *sentence, const char **why)
{
    if (why)
        *why = sentence;
    return error;
}

/* No value is 0 but where 0 means the default. The bounds keep NaN, infinities and what 64 bits cannot hold out. */
static uint64_t to_millionths(double ratio)
{
    return ratio >= 0.5 && ratio < 1e7 ? (uint64_t)round(ratio * 1e6) : 0;
}

static bool read_ratio(const fodder_spec *spec, const struct spec_row *row, uint64_t *value)
{
    double ratio;

    memcpy(&ratio, (const char *)spec + row->offset, sizeof ratio);
    *value = ratio == 0 ? row->fallback : to_millionths(ratio);
    return spec_row_allows(row, *value);
}

static bool read_whole(const fodder_spec *spec, const struct spec_row *row, uint64_t *value)
{
    memcpy(value, (const char *)spec + row->offset, sizeof *value);
    if (*value == 0)
        *value = row->fallback;
    return spec_row_allows(row, *value);
}

static bool read_codec(const fodder_spec *spec, const struct spec_row *row, uint64_t *value)
{
    *value = spec->codec;
    return spec_row_allows(row, *value);
}

static bool read_field(const fodder_spec *spec, const struct spec_row *row, uint64_t *value)
{
    switch (row->kind) {
    case SPEC_KIND_RATIO:
        return read_ratio(spec, row, value);
    case SPEC_KIND_CODEC:
        return read_codec(spec, row, value);
    default:
        return read_whole(spec, row, value);
    }
}

bool spec_row_allows(const struct spec_row *row, uint64_t value)
{
    return value >= row->min && value <= row->max && (!row->pow2 || bits_is_pow2(value));
}

void spec_row_write(const struct spec_row *row, fodder_spec *spec, uint64_t value)
{
    void *const field = (char *)spec + row->offset;
    const double ratio = (double)value / 1e6;
    const uint32_t codec = (uint32_t)value;

    if (row->kind == SPEC_KIND_RATIO)
        memcpy(field, &ratio, sizeof ratio);
    else if (row->kind == SPEC_KIND_CODEC)
        memcpy(field, &codec, sizeof codec);
    else
        memcpy(field, &value, sizeof value);
}

int spec_import(struct spec *spec, const fodder_spec *from, const char **why)
{
    struct spec read;

    if (from->spec_size != sizeof *from)
        return spec_reject(FODDER_ERR_SPEC, "spec_size is not that of this library's spec: start from FODDER_SPEC()",
                           why);
    if (from->format != 0 && from->format != SPEC_FORMAT)
        return spec_reject(FODDER_ERR_FORMAT, "format is 1, or 0 for the newest: this version of fodder makes no other",
                           why);
    for (size_t i = 0; i < SPEC_FIELDS; i++) {
        if (!read_field(from, &spec_rows[i], &read.value[i]))
            return spec_reject(FODDER_ERR_SPEC, spec_rows[i].why, why);
    }
    *spec = read;
    return 0;
}

fodder_spec spec_export(const struct spec *spec)
{
    fodder_spec out = FODDER_SPEC(.format = SPEC_FORMAT);

    for (size_t i = 0; i < SPEC_FIELDS; i++)
        spec_row_write(&spec_rows[i], &out, spec->value[i]);
    return out;
}

int fodder_spec_check(const fodder_spec *spec, const char **why)
{
    struct spec exact;

    return spec_import(&exact, spec, why);
}
