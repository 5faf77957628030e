/* What the kind s3 moves blocks to or from. */
#ifndef SINK_SINK_OBJECT_H
#define SINK_SINK_OBJECT_H

#include <pthread.h>

#include "s3/s3.h"

struct sink_object {
    struct s3 *s3;
    const char *key;
    struct s3_upload *upload; /* to be written: each block is a part, */
    /* whose bytes are made when they go out, as those from `at` on of the object; the blocks' memory is not touched. */
    void (*make)(const void *user, uint64_t at, void *to, size_t len);
    const void *user;
    struct s3_object is;   /* to be read: all blocks are of this one, or the read fails */
    pthread_mutex_t lock;  /* of the error */
    struct s3_error error; /* what failed first */
};

#endif
