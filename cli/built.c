#include "built.h"

#include <stddef.h>

#include "built_with.h"

const struct built_part built_parts[] = {
    { "json", BUILT_JSON }, { "measure", BUILT_MEASURE }, { "uring", BUILT_URING },   { "s3", BUILT_S3 },
    { "numa", BUILT_NUMA }, { "pinning", BUILT_PINNING }, { "static", BUILT_STATIC }, { NULL, false },
};
