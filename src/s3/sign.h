/* AWS Signature Version 4, with the signature in a header ("Authenticating Requests", Amazon S3 API Reference). */
#ifndef S3_SIGN_H
#define S3_SIGN_H

#include <stddef.h>

#include "address.h"

enum { SIGN_HASH = 65, SIGN_TIME = 17 };

struct sign_key {
    const char *id, *secret, *region, *service;
};

struct sign_request {
    const char *method, *path, *query; /* encoded, the query sorted */
    const struct pair *headers;        /* names in lower case, sorted; host is among them */
    size_t header_count;
    const char *payload; /* its hash in hexadecimal, or UNSIGNED-PAYLOAD */
    const char *time;    /* such as 20130524T000000Z */
};

/* What is signed: the canonical request. malloc'd, or NULL. */
char *sign_canonical(const struct sign_request *request);
/* The value of the header Authorization. malloc'd, or NULL. */
char *sign_authorization(const struct sign_request *request, const struct sign_key *key);

/* Of bytes that come in pieces: the hash in hexadecimal. */
struct sign_hash;
struct sign_hash *sign_hash_new(void);
void sign_hash_add(struct sign_hash *hash, const void *data, size_t len);
/* Frees it. */
void sign_hash_end(struct sign_hash *hash, char hex[SIGN_HASH]);

#endif
