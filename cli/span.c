#define _GNU_SOURCE
#include "span.h"

#include <string.h>
#include <unistd.h>

void span_json(struct span span, const char *command, struct json *object)
{
    char host[256] = "";

    if (gethostname(host, sizeof host - 1) < 0 || host[0] == '\0')
        strcpy(host, "unknown");
    json_text(object, "command", command);
    json_text(object, "host", host);
    json_number(object, "began", span.began);
    json_number(object, "ended", span.began + span.seconds);
    json_number(object, "seconds", span.seconds);
}
