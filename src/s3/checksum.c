#include "checksum.h"

#include <stdlib.h>

#include <isa-l/crc.h>

/* Hashed while it is in the cache. */
enum { PIECE = 64 << 10 };

/* 4 bytes are 6 characters and two that fill up. */
static void to_base64(char text[CHECKSUM_TEXT], uint32_t sum)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint64_t bits = (uint64_t)sum << 4;

    for (int i = 0; i < 6; i++)
        text[i] = digits[bits >> (30 - 6 * i) & 63];
    text[6] = text[7] = '=';
    text[8] = '\0';
}

bool checksum_body(const struct s3_body *body, char *sha256, char *crc32c)
{
    struct sign_hash *const hash = sha256 ? sign_hash_new() : NULL;
    uint8_t *const piece = malloc(PIECE);
    uint32_t sum = ~UINT32_C(0);
    bool fine = piece && (hash || !sha256);

    for (uint64_t at = 0; fine && at < body->len; at += PIECE) {
        const size_t len = body->len - at < PIECE ? (size_t)(body->len - at) : PIECE;

        body->make(body->user, at, piece, len);
        if (hash)
            sign_hash_add(hash, piece, len);
        if (crc32c)
            sum = crc32_iscsi(piece, (int)len, sum);
    }
    if (hash)
        sign_hash_end(hash, sha256);
    if (crc32c)
        to_base64(crc32c, ~sum);
    free(piece);
    return fine;
}
