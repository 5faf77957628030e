#define _GNU_SOURCE
#include "address.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

bool address_fits_host(const char *bucket)
{
    const size_t length = strlen(bucket);

    return length >= 3 && length <= 63 && strspn(bucket, "abcdefghijklmnopqrstuvwxyz0123456789-") == length &&
           bucket[0] != '-' && bucket[length - 1] != '-';
}

static bool take(CURLU *url, CURLUPart part, char *to, size_t room, unsigned flags)
{
    char *text = NULL;
    const bool fine = curl_url_get(url, part, &text, flags) == CURLUE_OK && strlen(text) < room;

    if (fine)
        strcpy(to, text);
    curl_free(text);
    return fine;
}

/* The host's name, and what all paths begin with, which has the bucket if it is not in the name. */
static bool join(struct address *address, const char *host, const char *port, const char *path, const char *bucket,
                 bool virtual_host)
{
    char *const encoded = address_encode(bucket, false);
    const bool fits = encoded && (!virtual_host || strcmp(encoded, bucket) == 0);
    const int name = snprintf(address->host, sizeof address->host, "%s%s%s%s%s", virtual_host ? bucket : "",
                              virtual_host ? "." : "", host, *port ? ":" : "", port);
    const int base = fits ? snprintf(address->base, sizeof address->base, "%s%s%s", path, virtual_host ? "" : "/",
                                     virtual_host ? "" : encoded)
                          : -1;

    free(encoded);
    return name >= 0 && (size_t)name < sizeof address->host && base >= 0 && (size_t)base < sizeof address->base;
}

static bool read_url(struct address *address, CURLU *url, const char *bucket, bool virtual_host)
{
    char host[256], port[8] = "", path[256];

    if (!take(url, CURLUPART_SCHEME, address->scheme, sizeof address->scheme, 0) ||
        !take(url, CURLUPART_HOST, host, sizeof host, 0) || !take(url, CURLUPART_PATH, path, sizeof path, 0))
        return false;
    address->secure = strcmp(address->scheme, "https") == 0;
    if (!address->secure && strcmp(address->scheme, "http") != 0)
        return false;
    take(url, CURLUPART_PORT, port, sizeof port, CURLU_NO_DEFAULT_PORT);
    for (size_t end = strlen(path); end > 0 && path[end - 1] == '/'; end--)
        path[end - 1] = '\0';
    return join(address, host, port, path, bucket, virtual_host);
}

bool address_of(struct address *address, const char *endpoint, const char *bucket, bool virtual_host)
{
    CURLU *const url = curl_url();
    const bool fine = url && curl_url_set(url, CURLUPART_URL, endpoint, 0) == CURLUE_OK &&
                      read_url(address, url, bucket, virtual_host);

    curl_url_cleanup(url);
    return fine;
}

char *address_encode(const char *text, bool slashes)
{
    char *const encoded = malloc(3 * strlen(text) + 1), *at = encoded;

    if (!encoded)
        return NULL;
    for (; *text != '\0'; text++) {
        const unsigned char c = (unsigned char)*text;

        if ((c < 0x80 && isalnum(c)) || strchr("-._~", c) || (slashes && c == '/'))
            *at++ = *text;
        else
            at += sprintf(at, "%%%02X", c);
    }
    *at = '\0';
    return encoded;
}

char *address_path(const struct address *address, const char *key)
{
    char *const encoded = address_encode(key, true), *path = NULL;

    if (encoded && asprintf(&path, "%s%s%s", address->base, *key || !*address->base ? "/" : "", encoded) < 0)
        path = NULL;
    free(encoded);
    return path;
}

static int by_text(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* Sorted by name and then by value: \1, which comes before all that a name may go on with, becomes '=' afterwards. */
static char *join_one(const struct pair *pair)
{
    char *const name = address_encode(pair->name, false), *const value = address_encode(pair->value, false);
    char *one = NULL;

    if (name && value && asprintf(&one, "%s\1%s", name, value) < 0)
        one = NULL;
    free(name);
    free(value);
    return one;
}

static char *join_all(char **parts, size_t count)
{
    size_t room = 1;
    char *query, *at;

    for (size_t i = 0; i < count; i++)
        room += strlen(parts[i]) + 1;
    query = at = malloc(room);
    if (!query)
        return NULL;
    *at = '\0';
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            *at++ = '&';
        at = stpcpy(at, parts[i]);
    }
    for (at = query; (at = strchr(at, '\1'));)
        *at = '=';
    return query;
}

char *address_query(const struct pair *pairs, size_t count)
{
    char *parts[16] = { NULL }, *query = NULL;
    bool whole = count <= sizeof parts / sizeof *parts;

    for (size_t i = 0; i < count && whole; i++)
        whole = (parts[i] = join_one(&pairs[i])) != NULL;
    if (whole) {
        qsort(parts, count, sizeof *parts, by_text);
        query = join_all(parts, count);
    }
    for (size_t i = 0; i < count && i < sizeof parts / sizeof *parts; i++)
        free(parts[i]);
    return query;
}
