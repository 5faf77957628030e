/* Where bytes go: a file, a device, standard output or an object of an S3 server. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "cli.h"
#include "io_args.h"
#include "object.h"

struct output {
    struct io_file file;
    uint64_t bytes; /* that are to come */
    bool created;   /* it did not exist before */
    struct object object;
    struct label label; /* what its data are */
    struct sink *sink;
};

/* Opens path, "-" being standard output, for `bytes` bytes, and changes nothing yet. A block device wants `force`, and
 * must have the room and no other user; a terminal is refused. */
enum exit_code output_open(struct output *out, const char *path, uint64_t bytes, bool force, const struct s3_args *s3);
/* Empties a regular file, which is to be replaced, and makes ready to write. out->label says what is to come. */
enum exit_code output_start(struct output *out, const struct io_args *args, fodder_pool *pool, bool verbose);
/* Waits for what is on its way; says what stopped it and how much was written, where it is not all. */
enum exit_code output_finish(struct output *out);
/* Writes into a file what its data are. False where its file system does not take that. */
bool output_label(const struct output *out);
/* Waits until it is on the disk. */
enum exit_code output_sync(struct output *out);
/* Is that path the same file? */
bool output_is(const struct output *out, const char *path);
/* Closes what was not started, and leaves no empty file behind. */
void output_abandon(struct output *out);
/* EXIT_FAILED where the system reports only now that it lost something. */
enum exit_code output_close(struct output *out);

#endif
