/* What a body is checked by. */
#ifndef S3_CHECKSUM_H
#define S3_CHECKSUM_H

#include "s3/s3.h"
#include "sign.h"

enum { CHECKSUM_TEXT = 12 };

/* Makes the body once, and of it its SHA-256 in hexadecimal and its CRC32C in base64, big-endian, as S3 wants it;
 * either may be NULL. False without memory. */
bool checksum_body(const struct s3_body *body, char *sha256, char *crc32c);

#endif
