/* A build without libcurl, libcrypto, expat or ISA-L: s3_new() says so, and nothing else is reached. */
#include <errno.h>
#include <stdio.h>

#include "s3/s3.h"

static int refuse(struct s3_error *error)
{
    *error = (struct s3_error) { .number = ENOTSUP };
    snprintf(error->text, sizeof error->text,
             "this build has no S3: it was made without libcurl, OpenSSL, expat and ISA-L");
    return -ENOTSUP;
}

int s3_new(struct s3 **s3, const struct s3_options *options, const char *bucket, struct s3_error *error)
{
    (void)options, (void)bucket;
    *s3 = NULL;
    return refuse(error);
}

void s3_free(struct s3 *s3)
{
    (void)s3;
}

uint64_t s3_repeats(const struct s3 *s3)
{
    (void)s3;
    return 0;
}

int s3_put(struct s3 *s3, const char *key, const struct s3_meta *meta, const struct s3_body *body,
           struct s3_error *error)
{
    (void)s3, (void)key, (void)meta, (void)body;
    return refuse(error);
}

int s3_head(struct s3 *s3, const char *key, struct s3_object *object, const struct s3_word *words,
            struct s3_error *error)
{
    (void)s3, (void)key, (void)object, (void)words;
    return refuse(error);
}

int s3_get(struct s3 *s3, const char *key, uint64_t at, uint64_t len, struct s3_object *object,
           const struct s3_taker *taker, struct s3_error *error)
{
    (void)s3, (void)key, (void)at, (void)len, (void)object, (void)taker;
    return refuse(error);
}

int s3_list(struct s3 *s3, const char *prefix, bool (*visit)(void *user, const char *key, uint64_t size), void *user,
            struct s3_error *error)
{
    (void)s3, (void)prefix, (void)visit, (void)user;
    return refuse(error);
}

int s3_upload_new(struct s3_upload **upload, struct s3 *s3, const char *key, const struct s3_meta *meta, uint64_t size,
                  uint64_t part, struct s3_error *error)
{
    (void)s3, (void)key, (void)meta, (void)size, (void)part;
    *upload = NULL;
    return refuse(error);
}

int s3_upload_part(struct s3_upload *upload, unsigned index, const struct s3_body *body, struct s3_error *error)
{
    (void)upload, (void)index, (void)body;
    return refuse(error);
}

int s3_upload_complete(struct s3_upload *upload, struct s3_error *error)
{
    (void)upload;
    return refuse(error);
}

int s3_upload_free(struct s3_upload *upload, struct s3_error *error)
{
    (void)upload, (void)error;
    return 0;
}

int s3_abort_others(struct s3 *s3, const char *key, const char *mine, struct s3_error *error)
{
    (void)s3, (void)key, (void)mine;
    return refuse(error);
}
