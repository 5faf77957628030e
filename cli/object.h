/* One object of an S3 server, as the place where bytes go or come back from. */
#ifndef CLI_OBJECT_H
#define CLI_OBJECT_H

#include "io_args.h"
#include "label.h"
#include "s3_args.h"
#include "sink/object.h"

struct object {
    const char *path; /* s3://BUCKET/KEY; borrowed */
    struct s3_place place;
    struct sink_object sink;
    struct s3_meta words[3]; /* what the object says of its data */
    char offset[24];
};

/* Finds the server; it is not asked yet. */
enum exit_code object_open(struct object *object, const struct s3_args *args, const char *path);
/* Finds the object and what it says of its data; label->spec is empty where it does not. */
enum exit_code object_find(struct object *object, struct label *label);
/* Begins to put it, in parts of the size that is noted in *io where none was asked for. */
enum exit_code object_begin(struct object *object, const struct label *label, uint64_t bytes, struct io_args *io);
/* Makes what was put one object. */
enum exit_code object_complete(struct object *object);
/* Why a block was not moved, in words. */
const char *object_error(const struct object *object);
/* Removes what was put and not completed, and says so where it cannot. */
enum exit_code object_close(struct object *object);

#endif
