/* When work was done, and where: what fodder report puts together. */
#ifndef CLI_SPAN_H
#define CLI_SPAN_H

#include "json.h"

struct span {
    double began, seconds; /* since 1970, and from then on */
};

/* "command", "host", "began", "ended" and "seconds". */
void span_json(struct span span, const char *command, struct json *object);

#endif
