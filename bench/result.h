/* What came of a case, as a line of the table and as JSON. */
#ifndef BENCH_RESULT_H
#define BENCH_RESULT_H

#include "json.h"
#include "quartiles.h"

struct result {
    const char *kernel, *size, *name;
    struct spread rate, cycles;       /* bytes a second; cycles a byte */
    struct spread to_memset, to_fill; /* ratios between neighbours in time */
};

void result_head(void);
void result_print(const struct result *r);
/* Adds it to the list "results" of `all`, which may be NULL. */
void result_put(struct json *all, const struct result *r);
/* The machine, and an empty list "results"; NULL in a build without JSON. */
struct json *results_new(void);

#endif
