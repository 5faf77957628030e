/* The text form of a spec: section 2 of docs/format.md. */
#include "oracle.h"

#include <string.h>

#define MILLION UINT64_C(1000000)

enum { SEED, SERIES, GENERATION, DEDUP, COMPRESS, UNIT, WINDOW, CODEC, FIELDS };

static const char *const field_names[FIELDS] = {
    "seed", "series", "generation", "dedup", "compress", "unit", "window", "codec",
};

static const char *const codec_names[] = { "balanced", "lz4", "zstd", "deflate" };

static int is_digit(const char ch)
{
    return ch >= '0' && ch <= '9';
}

static int take_text(const char **const s, const char *const text)
{
    const size_t len = strlen(text);
    if (strncmp(*s, text, len) != 0) {
        return -1;
    }
    *s += len;
    return 0;
}

static int take_number(const char **const s, uint64_t *const number)
{
    if (!is_digit(**s)) {
        return -1;
    }
    u128 v = 0;
    for (; is_digit(**s); ++*s) {
        v = v * 10 + (unsigned)(**s - '0');
        if (v > UINT64_MAX) {
            return -1;
        }
    }
    *number = (uint64_t)v;
    return 0;
}

/* Seven decimals decide floor(ratio * 10^6 + 1/2): later ones cannot change it. */
static uint64_t take_decimals(const char **const s)
{
    uint64_t ten_millionths = 0;
    for (int place = 0; place < 7; place++) {
        ten_millionths = ten_millionths * 10 + (is_digit(**s) ? (uint64_t)(*(*s)++ - '0') : 0);
    }
    while (is_digit(**s)) {
        ++*s;
    }
    return (ten_millionths + 5) / 10;
}

static int take_ratio(const char **const s, uint64_t *const Q)
{
    uint64_t whole;
    if (take_number(s, &whole) != 0 || whole > MILLION) {
        return -1;
    }
    *Q = whole * MILLION;
    if (take_text(s, ".") == 0) {
        if (!is_digit(**s)) {
            return -1;
        }
        *Q += take_decimals(s);
    }
    return 0;
}

static int take_power_of_two(const char **const s, unsigned *const lg)
{
    uint64_t number;
    if (take_number(s, &number) != 0 || number == 0 || (number & (number - 1)) != 0) {
        return -1;
    }
    for (*lg = 0; number > 1; number /= 2) {
        ++*lg;
    }
    return 0;
}

static int take_unit(const char **const s, unsigned *const lg_unit)
{
    unsigned lg;
    if (take_power_of_two(s, &lg) != 0) {
        return -1;
    }
    if (take_text(s, "KiB") == 0) {
        *lg_unit = lg + 10;
        return 0;
    }
    *lg_unit = lg + 20;
    return take_text(s, "MiB");
}

static int take_codec(const char **const s, unsigned *const codec)
{
    for (*codec = ORACLE_BALANCED; *codec <= ORACLE_DEFLATE; ++*codec) {
        if (take_text(s, codec_names[*codec]) == 0) {
            return 0;
        }
    }
    return -1;
}

static int take_compress(const char **const s, uint32_t *const Qcompress)
{
    uint64_t Q;
    if (take_ratio(s, &Q) != 0 || Q > 32 * MILLION) {
        return -1;
    }
    *Qcompress = (uint32_t)Q;
    return 0;
}

static int take_name(const char **const s)
{
    for (int field = 0; field < FIELDS; field++) {
        const size_t len = strlen(field_names[field]);
        if (strncmp(*s, field_names[field], len) == 0 && (*s)[len] == '=') {
            *s += len + 1;
            return field;
        }
    }
    return -1;
}

static int take_value(const char **const s, const int field, struct oracle_spec *const spec)
{
    switch (field) {
    case SEED:
        return take_number(s, &spec->seed);
    case SERIES:
        return take_number(s, &spec->series);
    case GENERATION:
        return take_number(s, &spec->generation);
    case DEDUP:
        return take_ratio(s, &spec->Qdedup);
    case COMPRESS:
        return take_compress(s, &spec->Qcompress);
    case UNIT:
        return take_unit(s, &spec->lg_unit);
    case WINDOW:
        return take_power_of_two(s, &spec->lg_window);
    case CODEC:
        return take_codec(s, &spec->codec);
    default:
        return -1;
    }
}

static int take_fields(const char **const s, struct oracle_spec *const spec)
{
    unsigned seen = 0;
    do {
        const int field = take_name(s);
        if (field < 0 || (seen >> field & 1) != 0 || take_value(s, field, spec) != 0) {
            return -1;
        }
        seen |= 1u << field;
    } while (take_text(s, ",") == 0);
    return 0;
}

static int in_range(const struct oracle_spec *const spec)
{
    return spec->generation < UINT64_C(1) << 20 && spec->Qdedup >= MILLION && spec->Qdedup <= MILLION * MILLION &&
           spec->Qcompress >= MILLION && spec->Qcompress <= 32 * MILLION && spec->lg_unit >= 12 &&
           spec->lg_unit <= 26 && spec->lg_window <= 20;
}

int oracle_parse(struct oracle_spec *const spec, const char *text)
{
    struct oracle_spec found = { .Qdedup = MILLION, .Qcompress = MILLION, .lg_unit = 20, .lg_window = 10, .format = 1 };
    if (take_text(&text, "fodder1:") != 0) {
        return -1;
    }
    if (*text != '\0' && take_fields(&text, &found) != 0) {
        return -1;
    }
    if (*text != '\0' || !in_range(&found)) {
        return -1;
    }
    *spec = found;
    return 0;
}
