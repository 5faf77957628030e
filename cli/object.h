/* One object of an S3 server, as the place where bytes go or come back from. */
#ifndef CLI_OBJECT_H
#define CLI_OBJECT_H

#include "io_args.h"
#include "label.h"
#include "s3_args.h"
#include "sink/sink_object.h"

/* What an object says of its data, as s3_put() takes it. */
struct object_words {
    struct s3_meta meta[3];
    char offset[24];
};
/* The label must live as long as they do. */
void object_words(struct object_words *words, const struct label *label);
/* Bytes of a part of an object of so many. */
uint64_t object_part(uint64_t bytes);

/* The bytes of an object or of a part of one, as those of a plan from `start` on; of an s3_body or a sink_object. */
struct object_bytes {
    const fodder_plan *plan;
    uint64_t start;
};
void object_make(const void *bytes, uint64_t at, void *to, size_t len);

struct object {
    const char *path; /* s3://BUCKET/KEY; borrowed */
    struct s3_place place;
    struct sink_object sink;
    struct object_bytes bytes; /* to be written */
    struct object_words words;
};

/* Finds the server; it is not asked yet. */
enum exit_code object_open(struct object *object, const struct s3_args *args, const char *path);
/* Finds the object and what it says of its data; label->spec is empty where it does not. */
enum exit_code object_find(struct object *object, struct label *label);
/* Begins to put object->bytes, in parts of the size that is noted in *io where none was asked for. */
enum exit_code object_begin(struct object *object, const struct label *label, uint64_t bytes, struct io_args *io);
/* Makes what was put one object. */
enum exit_code object_complete(struct object *object);
/* Why a block was not moved, in words. */
const char *object_error(const struct object *object);
/* Removes what was put and not completed, and says so where it cannot. */
enum exit_code object_close(struct object *object);

#endif
