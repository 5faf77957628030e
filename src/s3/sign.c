#define _GNU_SOURCE
#include "sign.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

enum { BYTES = 32 };

static void to_hex(char hex[SIGN_HASH], const uint8_t bytes[BYTES])
{
    for (size_t i = 0; i < BYTES; i++)
        sprintf(hex + 2 * i, "%02x", bytes[i]);
}

struct sign_hash *sign_hash_new(void)
{
    EVP_MD_CTX *const context = EVP_MD_CTX_new();

    if (context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1)
        return (struct sign_hash *)context;
    EVP_MD_CTX_free(context);
    return NULL;
}

void sign_hash_add(struct sign_hash *hash, const void *data, size_t len)
{
    EVP_DigestUpdate((EVP_MD_CTX *)hash, data, len);
}

void sign_hash_end(struct sign_hash *hash, char hex[SIGN_HASH])
{
    uint8_t bytes[BYTES];

    EVP_DigestFinal_ex((EVP_MD_CTX *)hash, bytes, NULL);
    EVP_MD_CTX_free((EVP_MD_CTX *)hash);
    to_hex(hex, bytes);
}

static void print_names(FILE *file, const struct sign_request *request)
{
    for (size_t i = 0; i < request->header_count; i++)
        fprintf(file, "%s%s", i > 0 ? ";" : "", request->headers[i].name);
}

char *sign_canonical(const struct sign_request *request)
{
    char *text = NULL;
    size_t length;
    FILE *const file = open_memstream(&text, &length);

    if (!file)
        return NULL;
    fprintf(file, "%s\n%s\n%s\n", request->method, request->path, request->query);
    for (size_t i = 0; i < request->header_count; i++)
        fprintf(file, "%s:%s\n", request->headers[i].name, request->headers[i].value);
    fputc('\n', file);
    print_names(file, request);
    fprintf(file, "\n%s", request->payload);
    if (fclose(file) == 0)
        return text;
    free(text);
    return NULL;
}

static bool hmac(uint8_t out[BYTES], const void *key, size_t key_length, const char *text)
{
    return HMAC(EVP_sha256(), key, (int)key_length, (const uint8_t *)text, strlen(text), out, NULL) != NULL;
}

/* The key of a day, a region and a service; scope is "DAY/REGION/SERVICE/aws4_request". */
static bool signature(char hex[SIGN_HASH], const struct sign_key *key, const char *day, const char *text)
{
    uint8_t steps[4][BYTES], signed_text[BYTES];
    char *start = NULL;
    const int length = asprintf(&start, "AWS4%s", key->secret);
    const bool fine = length > 0 && hmac(steps[0], start, (size_t)length, day) &&
                      hmac(steps[1], steps[0], BYTES, key->region) && hmac(steps[2], steps[1], BYTES, key->service) &&
                      hmac(steps[3], steps[2], BYTES, "aws4_request") && hmac(signed_text, steps[3], BYTES, text);

    if (length >= 0)
        free(start);
    if (fine)
        to_hex(hex, signed_text);
    return fine;
}

static bool hash_of(char hex[SIGN_HASH], const char *text)
{
    struct sign_hash *const hash = sign_hash_new();

    if (!hash)
        return false;
    sign_hash_add(hash, text, strlen(text));
    sign_hash_end(hash, hex);
    return true;
}

static char *print_authorization(const struct sign_request *request, const struct sign_key *key, const char *scope,
                                 const char *hex)
{
    char *text = NULL;
    size_t length;
    FILE *const file = open_memstream(&text, &length);

    if (!file)
        return NULL;
    fprintf(file, "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=", key->id, scope);
    print_names(file, request);
    fprintf(file, ", Signature=%s", hex);
    if (fclose(file) == 0)
        return text;
    free(text);
    return NULL;
}

char *sign_authorization(const struct sign_request *request, const struct sign_key *key)
{
    char day[9], hash[SIGN_HASH], hex[SIGN_HASH], *scope = NULL, *text = NULL, *authorization = NULL;
    char *const canonical = sign_canonical(request);

    snprintf(day, sizeof day, "%.8s", request->time);
    if (asprintf(&scope, "%s/%s/%s/aws4_request", day, key->region, key->service) < 0)
        scope = NULL;
    if (canonical && scope && hash_of(hash, canonical) &&
        asprintf(&text, "AWS4-HMAC-SHA256\n%s\n%s\n%s", request->time, scope, hash) < 0)
        text = NULL;
    if (text && signature(hex, key, day, text))
        authorization = print_authorization(request, key, scope, hex);
    free(canonical);
    free(scope);
    free(text);
    return authorization;
}
