/* The exact form of a fodder_spec: every field a whole number, in range, defaults filled in (docs/format.md, section
 * 2). */
#ifndef LAYOUT_SPEC_H
#define LAYOUT_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <fodder/fodder.h>

enum spec_field {
    SPEC_SEED,
    SPEC_SERIES,
    SPEC_GENERATION,
    SPEC_DEDUP,    /* millionths */
    SPEC_COMPRESS, /* millionths */
    SPEC_UNIT,     /* bytes */
    SPEC_WINDOW,   /* units */
    SPEC_CODEC,
    SPEC_FIELDS
};

/* The one that docs/format.md defines. */
enum { SPEC_FORMAT = FODDER_FORMAT };

/* Ratios are counted in millionths. */
#define SPEC_MILLION UINT64_C(1000000)

struct spec {
    uint64_t value[SPEC_FIELDS];
};

/* 0, FODDER_ERR_SPEC or FODDER_ERR_FORMAT with *why; why may be NULL. */
int spec_import(struct spec *spec, const fodder_spec *from, const char **why);
fodder_spec spec_export(const struct spec *spec);

/* One row a field: what parsing, checking, printing and the messages go by. */
struct spec_row {
    const char *name;
    enum { SPEC_KIND_NUMBER, SPEC_KIND_RATIO, SPEC_KIND_SIZE, SPEC_KIND_CODEC } kind;
    bool pow2;
    size_t offset; /* in fodder_spec */
    uint64_t min, max, fallback;
    const char *why;
};
extern const struct spec_row spec_rows[SPEC_FIELDS];

/* Says why a spec is refused, where somebody asks, and returns the error. */
int spec_reject(int error, const char *sentence, const char **why);

/* Is the value one that the field may have? */
bool spec_row_allows(const struct spec_row *row, uint64_t value);
void spec_row_write(const struct spec_row *row, fodder_spec *spec, uint64_t value);

#endif
