/* Where bytes come back from: a file, a device or standard input. */
#ifndef CLI_SOURCE_H
#define CLI_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli.h"

struct source {
    int fd;
    const char *name; /* for messages */
    bool seekable;    /* a file that knows its size, or a block device */
    /* Of what is seekable: where reading begins, and how much lies from there to the end. */
    uint64_t begin, size;
};

/* Opens path, "-" being standard input, which is read from where its descriptor stands: who opened it may have read
 * some of it. */
enum exit_code source_open(struct source *source, const char *path);
/* Reads `len` bytes, or fewer only at the end. The number, or -1 with errno. */
int64_t source_read(const struct source *source, void *data, size_t len);
/* Goes on `len` bytes further, in what is seekable. False with errno. */
bool source_skip(const struct source *source, uint64_t len);
void source_close(struct source *source);

#endif
