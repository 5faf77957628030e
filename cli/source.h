/* Where bytes come back from: a file, a device, standard input or an object of an S3 server, read ahead. */
#ifndef CLI_SOURCE_H
#define CLI_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli.h"
#include "io_args.h"
#include "object.h"

struct source {
    struct io_file file;
    bool seekable; /* a file that knows its size, a block device, or an object */
    struct object object;
    struct label label; /* for source_label() */
    /* Of what is seekable: where reading begins, and how much lies from there to the end. */
    uint64_t begin, size;
    struct sink *sink;
};

/* Opens path, "-" being standard input, which is read from where its descriptor stands: who opened it may have read
 * some of it. Without s3 a path is never an object. */
enum exit_code source_open(struct source *source, const char *path, const struct s3_args *s3);
/* What the source says itself that its data are; NULL where it does not. */
const struct label *source_label(struct source *source);
/* Makes ready to read ahead. `drop`: what the page cache holds of the file is dropped before. */
enum exit_code source_start(struct source *source, const struct io_args *args, bool drop, fodder_pool *pool);
/* Tries again what could not be read of a block, page by page, where the source is seekable: reads from `from` on as
 * far as it goes, then *bad bytes cannot be read. Returns how much was read. */
size_t source_salvage(const struct source *source, struct sink_block *block, size_t from, size_t *bad);
/* Can it be tried? What the server of an object did not give was asked for often enough. */
bool source_can_salvage(const struct source *source);
/* Why a block was not read, in words. */
const char *source_error(const struct source *source, const struct sink_block *block);
/* Who reads on from a standard input that is a file begins behind the `done` bytes that were read. */
void source_leave(const struct source *source, uint64_t done);
/* Reads `len` bytes, or fewer only at the end, where nothing is read ahead. The number, or -1 with errno. */
int64_t source_read(const struct source *source, void *data, size_t len);
void source_close(struct source *source);

#endif
