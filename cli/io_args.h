/* The options that say how blocks are moved. */
#ifndef CLI_IO_ARGS_H
#define CLI_IO_ARGS_H

#include <stdbool.h>
#include <stdint.h>

#include "options.h"
#include "sink/sink.h"

struct io_args {
    const char *name; /* of the kind; NULL: what suits the file */
    uint64_t block, depth;
};

extern const struct option_row io_rows[];

/* What is known of an open file: enough to choose how blocks are moved. */
struct io_file {
    int fd, direct_fd;                    /* the second is -1 until io_open() has opened it */
    const char *name;                     /* for messages */
    bool regular, device, pipe, standard; /* device: a block device */
    struct sink_object *object;           /* instead of a file */
};

struct io_file io_file(int fd, const char *name, bool standard);
/* The sink, of the kind that was named or that suits the file; an option that does not fit is told. Where io_uring is
 * not allowed and was not asked for, threads do the same; with `verbose` that is said. */
enum exit_code io_open(const struct io_args *args, struct io_file *file, bool reading, fodder_pool *pool, bool verbose,
                       struct sink **sink);
void io_close(struct io_file *file, struct sink *sink);

/* Where the time went: seconds in which the output had nothing to do, and in which whoever makes the data waited for
 * it. */
struct io_times {
    const struct sink_kind *kind;
    size_t block;
    unsigned depth;
    double idle, held_up;
    const char *limit; /* in words: what would have to be faster */
    uint64_t repeats;  /* requests to an S3 server that were made again */
};

struct io_times io_times(const struct sink *sink);

#endif
