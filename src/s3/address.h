/* Where an object is: its URL, and the parts of it that are signed. */
#ifndef S3_ADDRESS_H
#define S3_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

/* A name and a value, as they are before they are encoded. */
struct pair {
    const char *name, *value;
};

/* Where a bucket is. */
struct address {
    char scheme[8], host[320]; /* host: with the port, where it is not the scheme's own */
    char base[1040];           /* of all paths, encoded, without a final slash: "/bucket", or nothing */
    bool secure;
};

/* Bucket names that can be part of a host's name. */
bool address_fits_host(const char *bucket);
/* Reads an endpoint such as http://127.0.0.1:9000. False where it is no URL of http or https, or the bucket cannot be
 * part of its host's name. */
bool address_of(struct address *address, const char *endpoint, const char *bucket, bool virtual_host);

/* As a URI has it: all but A-Z a-z 0-9 - . _ ~ in percent, and slashes too where `slashes` does not keep them.
 * malloc'd, or NULL. */
char *address_encode(const char *text, bool slashes);
/* The path of a key, "" being the bucket. malloc'd, or NULL. */
char *address_path(const struct address *address, const char *key);
/* name=value&..., encoded and sorted. malloc'd, or NULL. */
char *address_query(const struct pair *pairs, size_t count);

#endif
