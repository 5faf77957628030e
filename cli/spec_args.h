/* The options that make up a spec, the same for every command that takes one. */
#ifndef CLI_SPEC_ARGS_H
#define CLI_SPEC_ARGS_H

#include <stdbool.h>

#include <fodder/fodder.h>

#include "options.h"

struct spec_args {
    fodder_spec spec;
    const struct preset *preset;
    bool whole;                                          /* --spec was given */
    bool any, seed, dedup, compress, generation, others; /* one of the fields was given; these fields were;
                                                             others: one but generation */
};

extern const struct option_row spec_rows_cli[];

/* Was anything given? */
bool spec_args_given(const struct spec_args *args);
/* Completes the spec from all that was given: a preset where it was named; where no seed was, a fresh one if that is
 * wanted, or EXIT_USAGE. */
enum exit_code spec_args_finish(struct spec_args *args, bool fresh_seed);

#endif
