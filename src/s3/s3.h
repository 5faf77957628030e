/*
 * Objects of an S3 server: put, whole or in parts, get, list. Blind to what is in them.
 *
 * A body is a function, so nothing is kept: what has to be sent again is made again. Any number of threads may use one
 * struct s3; each call has a connection for itself, which is kept for the next one. A call that fails for a reason that
 * may pass (no answer, a connection that breaks or stands still, 429, 5xx, data changed on their way) is repeated,
 * after 0.1 s, then twice that, up to 10 s, each less a random half.
 */
#ifndef S3_S3_H
#define S3_S3_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of the service: parts of an object, bytes of a part (the last may have less), bytes of a key. */
enum { S3_PARTS = 10000, S3_LEAST_PART = 5 << 20, S3_KEY = 1024, S3_BUCKET = 255, S3_TAG = 128 };

/* Why a call failed. */
struct s3_error {
    int number;      /* an errno value: ENOENT, EACCES, EINTR where stop() ended it, EIO, ... */
    int status;      /* of HTTP; 0 where no answer came */
    char code[64];   /* the server's word for it, such as NoSuchBucket; empty where it gave none */
    char text[1024]; /* in words, with the remedy */
};

struct s3_options {
    const char *endpoint; /* the server's URL; NULL: the environment's, the profile's, or AWS's own */
    const char *region;   /* NULL: the environment's, the profile's, or us-east-1 */
    const char *profile;  /* of the files in ~/.aws; NULL: AWS_PROFILE or default */
    enum { S3_AUTO, S3_PATH, S3_VIRTUAL } addressing; /* auto: virtual for AWS, path for any other endpoint */
    bool insecure;                                    /* takes any certificate */
    bool plain;                                       /* without the CRC32C of what is put */
    unsigned attempts;                                /* of each call */
    double timeout;     /* seconds for a connection to begin, and without a byte until it counts as broken */
    bool (*stop)(void); /* asked some times a second, on any thread; ends what is on its way */
};

/* A server, who we are to it, and a bucket. */
struct s3;

/* Reads environment and files, and asks the server nothing yet. */
int s3_new(struct s3 **s3, const struct s3_options *options, const char *bucket, struct s3_error *error);
void s3_free(struct s3 *s3);
/* How many calls were repeated so far. */
uint64_t s3_repeats(const struct s3 *s3);

/* len bytes that are made when they are asked for: more than once, and by any thread. */
struct s3_body {
    uint64_t len;
    const void *user;
    void (*make)(const void *user, uint64_t at, void *to, size_t len);
};

/* A word that an object carries, x-amz-meta-NAME. Lists end with a name that is NULL. */
struct s3_meta {
    const char *name, *value;
};

int s3_put(struct s3 *s3, const char *key, const struct s3_meta *meta, const struct s3_body *body,
           struct s3_error *error);

struct s3_object {
    uint64_t size;
    char tag[S3_TAG]; /* ETag: another one where it was put anew */
};

/* What there is to know of an object. Of each word in meta, whose values are buffers of `room` bytes, the value; empty
 * where it has none. */
struct s3_word {
    const char *name;
    char *value;
    size_t room;
};
int s3_head(struct s3 *s3, const char *key, struct s3_object *object, const struct s3_word *words,
            struct s3_error *error);

/* Takes what came; false ends the call, which then fails with ECANCELED. */
struct s3_taker {
    void *user;
    bool (*take)(void *user, const void *data, size_t len);
};

/* Bytes from `at` on, len at most (fewer where the object ends) to the taker, in order, each once: where a connection
 * breaks, the next one goes on behind what came. Where object->tag says something it must be this object's still
 * (ESTALE); object says afterwards what it is. */
int s3_get(struct s3 *s3, const char *key, uint64_t at, uint64_t len, struct s3_object *object,
           const struct s3_taker *taker, struct s3_error *error);

/* Visits all keys that begin with prefix, in the server's order; false ends it, with ECANCELED. */
int s3_list(struct s3 *s3, const char *prefix, bool (*visit)(void *user, const char *key, uint64_t size), void *user,
            struct s3_error *error);

/* One object, put in parts of one size, the last of which may have less, in any order and by any threads. An object
 * that fits one part is put as it is. */
struct s3_upload;

int s3_upload_new(struct s3_upload **upload, struct s3 *s3, const char *key, const struct s3_meta *meta, uint64_t size,
                  uint64_t part, struct s3_error *error);
/* Part number `index`, from 0 on. */
int s3_upload_part(struct s3_upload *upload, unsigned index, const struct s3_body *body, struct s3_error *error);
/* All parts are there: makes them one object. Before, there is no object, or the old one still. */
int s3_upload_complete(struct s3_upload *upload, struct s3_error *error);
/* Removes the parts of an upload that was not completed, and frees it. Where it fails they may be there still. */
int s3_upload_free(struct s3_upload *upload, struct s3_error *error);
/* Removes the parts of uploads of that key that somebody began and did not end. */
int s3_abort_others(struct s3 *s3, const char *key, const char *mine, struct s3_error *error);

#endif
