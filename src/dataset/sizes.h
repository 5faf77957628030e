/* How long each file of a data set is (docs/dataset.md, sections 1 to 3): pure arithmetic on a rule and a number. */
#ifndef DATASET_SIZES_H
#define DATASET_SIZES_H

#include <stddef.h>
#include <stdint.h>

/* 4 EiB. */
#define SIZES_MOST (UINT64_C(1) << 62)

enum { SIZES_ROWS = 65536 };

struct sizes_row {
    uint64_t min, max;
    uint64_t upto; /* the weights of this row and of those before it, in millionths */
};

struct sizes {
    enum sizes_rule { SIZES_FIXED, SIZES_UNIFORM, SIZES_LOGNORMAL, SIZES_HISTOGRAM } rule;
    uint64_t min, max;
    uint64_t median, sigma; /* lognormal; sigma in millionths */
    struct sizes_row *rows; /* histogram; sizes_free() frees them */
    size_t row_count;
    uint64_t draws; /* where SplitMix64 begins: sizes_begin() sets it */
};

/* Takes the draws of these fields of a spec. */
void sizes_begin(struct sizes *sizes, uint64_t seed, uint64_t series);
/* The size of file k. */
uint64_t sizes_of(const struct sizes *sizes, uint64_t k);

/* Reads SIZE, uniform:MIN-MAX or lognormal:MEDIAN,SIGMA[,MIN-MAX]. 0, or -1 with *why, a static sentence. */
int sizes_parse(struct sizes *sizes, const char *text, const char **why);
/* Reads the rows of a histogram. 0, or -ENOMEM or -1 with *why, and *line, the number of the line that is wrong, 0
 * where it is all of them. */
int sizes_parse_rows(struct sizes *sizes, const char *text, size_t length, const char **why, size_t *line);
void sizes_free(struct sizes *sizes);

enum { SIZES_TEXT = 160 };
/* Writes what sizes_parse() reads, or "csv". */
void sizes_print(char text[SIZES_TEXT], const struct sizes *sizes);
/* Writes row number i as sizes_parse_rows() reads it. */
void sizes_print_row(char text[SIZES_TEXT], const struct sizes *sizes, size_t i);

#endif
