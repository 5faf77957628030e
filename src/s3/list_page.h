/* A page of a list of objects, as the server answers. */
#ifndef S3_LIST_PAGE_H
#define S3_LIST_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "s3/s3.h"

struct list_page {
    const char *prefix; /* of all keys */
    bool (*visit)(void *user, const char *key, uint64_t size);
    void *user;
    /* What was read of it. */
    char token[2048]; /* for the next page; empty where there is none */
    bool truncated;   /* there is a next page */
    bool ended;       /* the visitor wants no more */
    bool whole;       /* it is a list, to its end */
    /* While it is read. */
    char key[3 * S3_KEY + 1];
    uint64_t size;
    bool encoded;
};

/* Visits the keys of a page; false where it cannot be read, or the visitor has ended it. */
bool list_page_read(struct list_page *page, const char *answer, size_t length);

#endif
