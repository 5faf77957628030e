/* Who we are to the server, and where it is: by options, environment and the files of AWS's tools. */
#ifndef S3_PROFILE_H
#define S3_PROFILE_H

#include "s3/s3.h"

struct profile {
    char id[256], secret[256], token[16384]; /* token: empty where there is none */
    char region[64], endpoint[512];          /* endpoint: empty where it is AWS's own */
    char bundle[4096];                       /* the file of certificates to trust; empty: the system's */
};

/* 0, or -EACCES with what is missing and where it was looked for, or what is too long. */
int profile_read(struct profile *profile, const struct s3_options *options, struct s3_error *error);

#endif
