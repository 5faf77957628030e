/* A spec as one line of text (docs/format.md, section 2). */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "layout/spec.h"

static const char prefix[] = "fodder1:";

static const char *const codec_names[] = {
    [FODDER_CODEC_BALANCED] = "balanced",
    [FODDER_CODEC_LZ4] = "lz4",
    [FODDER_CODEC_ZSTD] = "zstd",
    [FODDER_CODEC_DEFLATE] = "deflate",
};

const char *fodder_codec_name(uint32_t codec)
{
    return codec < sizeof codec_names / sizeof *codec_names ? codec_names[codec] : NULL;
}

static bool parse_codec(uint64_t *value, const char *text)
{
    for (size_t i = 0; i < sizeof codec_names / sizeof *codec_names; i++) {
        if (strcmp(codec_names[i], text) == 0) {
            *value = i;
            return true;
        }
    }
    return false;
}

static bool parse_value(const struct spec_row *row, uint64_t *value, const char *text)
{
    switch (row->kind) {
    case SPEC_KIND_RATIO:
        return number_parse_millionths(value, text);
    case SPEC_KIND_SIZE:
        return number_parse_size(value, text);
    case SPEC_KIND_CODEC:
        return parse_codec(value, text);
    default:
        return number_parse_whole(value, text);
    }
}

static void print_value(const struct spec_row *row, char text[NUMBER_TEXT], uint64_t value)
{
    switch (row->kind) {
    case SPEC_KIND_RATIO:
        number_print_millionths(text, value);
        break;
    case SPEC_KIND_SIZE:
        number_print_size(text, value);
        break;
    case SPEC_KIND_CODEC:
        snprintf(text, NUMBER_TEXT, "%s", codec_names[value]);
        break;
    default:
        number_print_whole(text, value);
    }
}

static const struct spec_row *find_row(const char *name)
{
    for (size_t i = 0; i < SPEC_FIELDS; i++) {
        if (strcmp(spec_rows[i].name, name) == 0)
            return &spec_rows[i];
    }
    return NULL;
}

int fodder_spec_set(fodder_spec *spec, const char *name, const char *value, const char **why)
{
    const struct spec_row *const row = find_row(name);
    uint64_t number;

    if (!row)
        return spec_reject(FODDER_ERR_SPEC,
                           "unknown field: there are seed, series, generation, dedup, compress, unit, window and codec",
                           why);
    if (!parse_value(row, &number, value) || !spec_row_allows(row, number))
        return spec_reject(FODDER_ERR_SPEC, row->why, why);
    spec_row_write(row, spec, number);
    return 0;
}

/* Splits "name=value" off *rest, in place. */
static bool take_field(char **rest, char **name, char **value)
{
    char *const field = *rest;
    char *const comma = strchr(field, ',');
    char *const equals = strchr(field, '=');

    if (!equals || (comma && comma < equals) || (comma && comma[1] == '\0'))
        return false;
    *equals = '\0';
    if (comma)
        *comma = '\0';
    *rest = comma ? comma + 1 : equals + 1 + strlen(equals + 1);
    *name = field;
    *value = equals + 1;
    return true;
}

static int parse_fields(fodder_spec *spec, char *rest, const char **why)
{
    unsigned seen = 0;

    while (*rest != '\0') {
        char *name, *value;
        const struct spec_row *row;
        int r;

        if (!take_field(&rest, &name, &value))
            return spec_reject(FODDER_ERR_SPEC, "a spec's fields are name=value, separated by commas", why);
        r = fodder_spec_set(spec, name, value, why);
        if (r < 0)
            return r;
        row = find_row(name);
        if (seen & 1u << (row - spec_rows))
            return spec_reject(FODDER_ERR_SPEC, "a field is given twice", why);
        seen |= 1u << (row - spec_rows);
    }
    return 0;
}

int fodder_spec_parse(fodder_spec *spec, const char *text, const char **why)
{
    fodder_spec read = FODDER_SPEC(.format = SPEC_FORMAT);
    char copy[FODDER_SPEC_TEXT];
    int r;

    if (strncmp(text, "fodder", 6) != 0)
        return spec_reject(FODDER_ERR_SPEC, "a spec starts with its format, as in fodder1:seed=42,dedup=2,compress=3",
                           why);
    if (strncmp(text, prefix, strlen(prefix)) != 0)
        return spec_reject(FODDER_ERR_FORMAT,
                           "this version of fodder makes format 1, specs that start with fodder1:", why);
    if (strlen(text) >= sizeof copy)
        return spec_reject(FODDER_ERR_SPEC, "a spec is shorter than 256 characters", why);
    strcpy(copy, text + strlen(prefix));
    r = parse_fields(&read, copy, why);
    if (r == 0)
        *spec = read;
    return r;
}

int fodder_spec_print(const fodder_spec *spec, char *text, size_t size)
{
    char line[FODDER_SPEC_TEXT];
    struct spec exact;
    size_t length;
    const int r = spec_import(&exact, spec, NULL);

    if (r < 0)
        return r;
    length = (size_t)snprintf(line, sizeof line, "%s", prefix);
    for (size_t i = 0; i < SPEC_FIELDS; i++) {
        const struct spec_row *const row = &spec_rows[i];
        char value[NUMBER_TEXT];

        if (i != SPEC_SEED && exact.value[i] == row->fallback)
            continue;
        print_value(row, value, exact.value[i]);
        length += (size_t)snprintf(line + length, sizeof line - length, "%s%s=%s", i == SPEC_SEED ? "" : ",", row->name,
                                   value);
    }
    if (length >= size)
        return -ENOBUFS;
    memcpy(text, line, length + 1);
    return 0;
}
