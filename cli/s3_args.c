#define _GNU_SOURCE
#include "s3_args.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stop.h"

static const char scheme[] = "s3://";

static int check_addressing(const char *value, const char **why)
{
    *why = "auto, path (https://host/bucket) or virtual (https://bucket.host)";
    return strcmp(value, "auto") == 0 || strcmp(value, "path") == 0 || strcmp(value, "virtual") == 0 ? 0 : -1;
}

static int check_checksum(const char *value, const char **why)
{
    *why = "crc32c or none";
    return strcmp(value, "crc32c") == 0 || strcmp(value, "none") == 0 ? 0 : -1;
}

static int set_attempts(void *place, const char *name, const char *value, const char **why)
{
    (void)name;
    *why = "a request is tried 1 to 100 times";
    return options_count(place, value, 100) && *(uint64_t *)place > 0 ? 0 : -1;
}

static int set_timeout(void *place, const char *name, const char *value, const char **why)
{
    double *const seconds = place;
    char *end;
    (void)name;

    *why = "seconds, from 0.1 to 3600";
    *seconds = strtod(value, &end);
    return end != value && *end == '\0' && *seconds >= 0.1 && *seconds <= 3600 ? 0 : -1;
}

/* clang-format off */
const struct option_row s3_rows[] = {
    { .name = "endpoint", .value = "URL", .kind = OPTION_TEXT, .place = offsetof(struct s3_args, endpoint),
      .help = "the server, default AWS_ENDPOINT_URL, the profile's, or AWS's own" },
    { .name = "region", .value = "NAME", .kind = OPTION_TEXT, .place = offsetof(struct s3_args, region),
      .help = "default AWS_REGION, the profile's, or us-east-1" },
    { .name = "profile", .value = "NAME", .kind = OPTION_TEXT, .place = offsetof(struct s3_args, profile),
      .help = "of ~/.aws/credentials and config, default AWS_PROFILE" },
    { .name = "addressing", .value = "STYLE", .words = "auto path virtual", .kind = OPTION_TEXT, .place = offsetof(struct s3_args, addressing),
      .check = check_addressing, .help = "path or virtual, where the bucket is in the host's name; default auto" },
    { .name = "checksum", .value = "KIND", .words = "crc32c none", .kind = OPTION_TEXT, .place = offsetof(struct s3_args, checksum),
      .check = check_checksum, .help = "crc32c (default), which the server checks where it knows it, or none" },
    { .name = "attempts", .value = "N", .kind = OPTION_OTHER, .set = set_attempts, .place = offsetof(struct s3_args, attempts),
      .help = "try each request so many times, default 10" },
    { .name = "timeout", .value = "SECONDS", .kind = OPTION_OTHER, .set = set_timeout, .place = offsetof(struct s3_args, timeout),
      .help = "give up a connection after that time without a byte, default 30" },
    { .name = "insecure", .place = offsetof(struct s3_args, insecure), .help = "trust any certificate" },
    { 0 },
};
/* clang-format on */

bool s3_is_path(const char *path)
{
    return strncmp(path, scheme, strlen(scheme)) == 0;
}

enum exit_code s3_args_check(const struct s3_args *args, const char *path)
{
    const char *const given = args->endpoint       ? "endpoint"
                              : args->region       ? "region"
                              : args->profile      ? "profile"
                              : args->addressing   ? "addressing"
                              : args->checksum     ? "checksum"
                              : args->insecure     ? "insecure"
                              : args->attempts > 0 ? "attempts"
                              : args->timeout > 0  ? "timeout"
                                                   : NULL;

    if (!given || s3_is_path(path))
        return EXIT_FINE;
    return fail(EXIT_USAGE, "--%s is for an S3 server, and %s is no s3://BUCKET/KEY", given, path);
}

static enum exit_code take_apart(const char *path, struct s3_place *place)
{
    const char *const bucket = path + strlen(scheme);
    const size_t length = strcspn(bucket, "/");
    const char *const key = bucket[length] == '/' ? bucket + length + 1 : "";

    if (length == 0 || length > S3_BUCKET)
        return fail(EXIT_USAGE, "%s: name a bucket, as in s3://bucket/key", path);
    if (strlen(key) > S3_KEY)
        return fail(EXIT_USAGE, "%s: a key has at most %d bytes", path, S3_KEY);
    memcpy(place->bucket, bucket, length);
    place->bucket[length] = '\0';
    strcpy(place->key, key);
    return EXIT_FINE;
}

enum exit_code s3_args_open(const struct s3_args *args, const char *path, struct s3_place *place, struct s3 **s3)
{
    const char *const style = args->addressing ? args->addressing : "auto";
    const struct s3_options options = { .endpoint = args->endpoint,
                                        .region = args->region,
                                        .profile = args->profile,
                                        .addressing = strcmp(style, "path") == 0      ? S3_PATH
                                                      : strcmp(style, "virtual") == 0 ? S3_VIRTUAL
                                                                                      : S3_AUTO,
                                        .insecure = args->insecure,
                                        .plain = args->checksum && strcmp(args->checksum, "none") == 0,
                                        .attempts = args->attempts > 0 ? (unsigned)args->attempts : 10,
                                        .timeout = args->timeout > 0 ? args->timeout : 30,
                                        .stop = stop_asked };
    struct s3_error error = { 0 };

    *s3 = NULL;
    if (take_apart(path, place) != EXIT_FINE)
        return EXIT_USAGE;
    return s3_new(s3, &options, place->bucket, &error) == 0 ? EXIT_FINE : s3_fail(path, &error);
}

enum exit_code s3_fail(const char *path, const struct s3_error *error)
{
    return fail(EXIT_FAILED, "%s: %s", path, error->number == EINTR ? stop_name() : error->text);
}
