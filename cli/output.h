/* Where bytes go: a file, a device or standard output. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli.h"

struct output {
    int fd;
    const char *name; /* for messages */
    uint64_t written;
    bool created; /* it did not exist before */
};

/* Opens path, "-" being standard output, and changes nothing yet. A block device wants `force`; a terminal is refused.
 */
enum exit_code output_open(struct output *out, const char *path, bool force);
/* Empties a regular file, which is to be replaced. */
enum exit_code output_start(struct output *out);
/* Writes all of it, or says what stopped it and how much of `total` was written. */
enum exit_code output_write(struct output *out, const void *data, size_t len, uint64_t total);
/* Is that path the same file? */
bool output_is(const struct output *out, const char *path);
/* Closes what was not started, and leaves no empty file behind. */
void output_abandon(struct output *out);
/* EXIT_FAILED where the system reports only now that it lost something. */
enum exit_code output_close(struct output *out);

#endif
