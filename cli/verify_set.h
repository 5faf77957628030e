/* fodder verify of a directory: is every file of a data set what it should be? */
#ifndef CLI_VERIFY_SET_H
#define CLI_VERIFY_SET_H

#include <fodder/fodder.h>

#include "options.h"
#include "ranks.h"
#include "start_at.h"

struct verify_set_args {
    struct ranks ranks;
    bool strict;
    /* Of fodder verify's own options. */
    const struct s3_args *s3;
    const char *dir, *manifest;
    const char *const *foreign_names;
    const fodder_spec *foreign_specs; /* seed and series only */
    size_t foreign_count;
    double sample; /* the share of the files that are read; 0 stands for all */
    unsigned threads;
    struct start_at start;
    bool json, quiet;
};

extern const struct option_row verify_set_rows[];

/* Is that path a directory, or s3://BUCKET/PREFIX, which the manifest has to say? */
bool verify_set_is(const char *path, const char *manifest);
/* Was an option given that only a data set has? */
bool verify_set_given(const struct verify_set_args *args);
/* Settles args->ranks, and compares. */
enum exit_code verify_set(struct verify_set_args *args);

#endif
