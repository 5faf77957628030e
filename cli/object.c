#define _GNU_SOURCE
#include "object.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stop.h"
#include "text.h"

/* Parts, unless there would be too many of them. */
enum { PART = 16 << 20, STEP = 1 << 20 };

static const char spec_name[] = "fodder-spec", offset_name[] = "fodder-offset";

enum exit_code object_open(struct object *object, const struct s3_args *args, const char *path)
{
    enum exit_code code;

    *object = (struct object) { .path = path };
    pthread_mutex_init(&object->sink.lock, NULL);
    code = s3_args_open(args, path, &object->place, &object->sink.s3);
    object->sink.key = object->place.key;
    if (code == EXIT_FINE && (object->place.key[0] == '\0' || path[strlen(path) - 1] == '/'))
        code = fail(EXIT_USAGE, "%s: name an object, as in s3://bucket/key", path);
    return code;
}

enum exit_code object_find(struct object *object, struct label *label)
{
    char offset[24];
    const struct s3_word words[] = { { spec_name, label->spec, sizeof label->spec },
                                     { offset_name, offset, sizeof offset },
                                     { NULL, NULL, 0 } };
    struct s3_error error;

    if (s3_head(object->sink.s3, object->place.key, &object->sink.is, words, &error) < 0)
        return s3_fail(object->path, &error);
    if (fodder_size_parse(&label->offset, offset) < 0)
        label->spec[0] = '\0';
    return EXIT_FINE;
}

void object_words(struct object_words *words, const struct label *label)
{
    snprintf(words->offset, sizeof words->offset, "%" PRIu64, label->offset);
    words->meta[0] = (struct s3_meta) { spec_name, label->spec };
    words->meta[1] = (struct s3_meta) { offset_name, words->offset };
    words->meta[2] = (struct s3_meta) { NULL, NULL };
}

uint64_t object_part(uint64_t bytes)
{
    const uint64_t least = bytes / S3_PARTS + 1, rounded = (least + STEP - 1) / STEP * STEP;

    return rounded > PART ? rounded : PART;
}

void object_make(const void *user, uint64_t at, void *to, size_t len)
{
    const struct object_bytes *const bytes = user;

    fodder_fill(bytes->plan, bytes->start + at, to, len);
}

static enum exit_code check_part(const struct object *object, uint64_t bytes, uint64_t part)
{
    if (bytes <= part)
        return EXIT_FINE;
    if (part < S3_LEAST_PART)
        return fail(EXIT_USAGE, "--block %s: the parts of an object have at least 5MiB", text_size((double)part).text);
    if ((bytes - 1) / part >= S3_PARTS)
        return fail(EXIT_USAGE, "--block %s: %s: an object has at most %d parts; ask for larger ones",
                    text_size((double)part).text, object->path, S3_PARTS);
    return EXIT_FINE;
}

enum exit_code object_begin(struct object *object, const struct label *label, uint64_t bytes, struct io_args *io)
{
    struct s3_error error;

    io->block = io->block > 0 ? io->block : object_part(bytes);
    if (check_part(object, bytes, io->block) != EXIT_FINE)
        return EXIT_USAGE;
    object_words(&object->words, label);
    object->sink.make = object_make;
    object->sink.user = &object->bytes;
    stop_listen(); /* from here on there may be something to remove */
    if (s3_upload_new(&object->sink.upload, object->sink.s3, object->place.key, object->words.meta, bytes, io->block,
                      &error) == 0)
        return EXIT_FINE;
    return fail(EXIT_FAILED, "%s: %s; 0 of %" PRIu64 " bytes were written", object->path,
                error.number == EINTR ? stop_name() : error.text, bytes);
}

enum exit_code object_complete(struct object *object)
{
    return s3_upload_complete(object->sink.upload, &object->sink.error) == 0 ? EXIT_FINE : EXIT_FAILED;
}

const char *object_error(const struct object *object)
{
    const struct s3_error *const error = &object->sink.error;

    return error->number == EINTR ? stop_name() : error->text;
}

enum exit_code object_close(struct object *object)
{
    struct s3_error error;
    const bool clean = s3_upload_free(object->sink.upload, &error) == 0;

    object->sink.upload = NULL;
    s3_free(object->sink.s3);
    object->sink.s3 = NULL;
    if (clean)
        return EXIT_FINE;
    return fail(EXIT_FAILED,
                "%s: parts of it are left at the server: %s; a rule of the bucket (AbortIncompleteMultipartUpload) "
                "removes them",
                object->path, error.text);
}
