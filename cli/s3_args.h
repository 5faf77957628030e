/* The options that say where an S3 server is and who we are to it, and objects as paths. */
#ifndef CLI_S3_ARGS_H
#define CLI_S3_ARGS_H

#include <stdbool.h>

#include "options.h"
#include "s3/s3.h"

struct s3_args {
    const char *endpoint, *region, *profile, *addressing, *checksum;
    bool insecure;
    uint64_t attempts; /* 0: 10 */
    double timeout;    /* seconds; 0: 30 */
};

extern const struct option_row s3_rows[];

/* Does it begin with s3://? */
bool s3_is_path(const char *path);
/* EXIT_USAGE where one of the options was given for a path that is no object. */
enum exit_code s3_args_check(const struct s3_args *args, const char *path);

/* A path taken apart. */
struct s3_place {
    char bucket[S3_BUCKET + 1], key[S3_KEY + 1]; /* key: perhaps empty */
};

/* Finds server and credentials for s3://BUCKET/KEY. Says what is wrong; the server is not asked yet. */
enum exit_code s3_args_open(const struct s3_args *args, const char *path, struct s3_place *place, struct s3 **s3);
/* The error of a call, as fail() says it: EXIT_FAILED. */
enum exit_code s3_fail(const char *path, const struct s3_error *error);

#endif
