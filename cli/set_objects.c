#define _GNU_SOURCE
#include "set_objects.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "object.h"

enum exit_code set_objects_open(struct set_objects *objects, const struct s3_args *args, const char *path)
{
    const enum exit_code code = s3_args_open(args, path, &objects->place, &objects->s3);
    char *const key = objects->place.key;
    size_t length;

    if (code != EXIT_FINE)
        return code;
    for (length = strlen(key); length > 0 && key[length - 1] == '/'; length--)
        key[length - 1] = '\0';
    if (length > 0 && length < S3_KEY)
        strcat(key, "/");
    return EXIT_FINE;
}

void set_objects_close(struct set_objects *objects)
{
    s3_free(objects->s3);
    objects->s3 = NULL;
}

enum exit_code set_objects_check(const struct set_objects *objects, const char *path, const struct set *set)
{
    char name[NAMES_TEXT];

    if (set->files == 0)
        return EXIT_FINE;
    if (strlen(objects->place.key) + names_print(name, &set->names, set->files - 1) <= S3_KEY)
        return EXIT_FINE;
    return fail(EXIT_USAGE, "%s: with the names of the files a key would have more than %d bytes", path, S3_KEY);
}

/* set_objects_check() has seen that there is room. */
static void key_of(char key[S3_KEY + 1], const struct set_objects *objects, const struct set_file *file)
{
    strcpy(stpcpy(key, objects->place.key), file->name);
}

int set_objects_find(const struct set_objects *objects, const struct set_file *file, struct s3_object *object,
                     struct s3_error *error)
{
    char key[S3_KEY + 1];

    key_of(key, objects, file);
    return s3_head(objects->s3, key, object, NULL, error);
}

static int put_parts(struct s3_upload *upload, const fodder_plan *plan, const struct set_file *file, uint64_t part,
                     struct progress_sum *sum, unsigned thread, struct s3_error *error)
{
    int r = 0;

    for (uint64_t at = 0; at < file->size && r == 0; at += part) {
        const struct object_bytes bytes = { plan, file->start + at };
        const struct s3_body body = { .len = file->size - at < part ? file->size - at : part,
                                      .user = &bytes,
                                      .make = object_make };

        r = s3_upload_part(upload, (unsigned)(at / part), &body, error);
        if (r == 0)
            progress_add(sum, thread, body.len);
    }
    return r == 0 ? s3_upload_complete(upload, error) : r;
}

int set_objects_write(const struct set_objects *objects, const struct set *set, const struct set_file *file,
                      struct progress_sum *sum, unsigned thread, struct s3_error *error)
{
    const fodder_plan *const plan = set_plan_of(set, file->k);
    const fodder_spec spec = fodder_plan_spec(plan);
    const uint64_t part = object_part(file->size);
    struct label label = { .offset = file->start };
    struct object_words words;
    struct s3_upload *upload;
    struct s3_error ignored;
    char key[S3_KEY + 1];
    int r;

    key_of(key, objects, file);
    fodder_spec_print(&spec, label.spec, sizeof label.spec);
    object_words(&words, &label);
    r = s3_upload_new(&upload, objects->s3, key, words.meta, file->size, part, error);
    if (r == 0)
        r = put_parts(upload, plan, file, part, sum, thread, error);
    if (r == 0)
        return s3_upload_free(upload, error);
    s3_upload_free(upload, &ignored);
    return r;
}

/* What comes of a file, from `at` in the data on, compared as long as it is right. */
struct comparing {
    const fodder_plan *plan;
    uint64_t at;
    bool wrong;
};

static bool compare(void *user, const void *data, size_t len)
{
    struct comparing *const c = user;
    fodder_report report;

    c->wrong = fodder_verify(c->plan, c->at, data, len, NULL, &report) < 0 || report.bad > 0;
    c->at += len;
    return !c->wrong;
}

static int look(const struct set_objects *objects, const struct set *set, const struct set_file *file, const char *key,
                uint64_t from, bool *settled, struct s3_error *error)
{
    struct comparing comparing = { .plan = set_plan_of(set, file->k), .at = file->start + from };
    const struct s3_taker taker = { &comparing, compare };
    struct s3_object object = { .size = 0 };
    const int r = file->size == 0 ? s3_head(objects->s3, key, &object, NULL, error)
                                  : s3_get(objects->s3, key, from, file->size - from, &object, &taker, error);

    *settled = r == 0 && object.size == file->size && comparing.at == file->start + file->size;
    return r == -ENOENT || comparing.wrong ? 0 : r;
}

int set_objects_settled(const struct set_objects *objects, const struct set *set, const struct set_file *file,
                        uint64_t from, bool *settled, struct s3_error *error)
{
    char key[S3_KEY + 1];
    int r;

    key_of(key, objects, file);
    r = look(objects, set, file, key, from, settled, error);
    return r < 0 || *settled || file->size <= object_part(file->size) ? r
                                                                      : s3_abort_others(objects->s3, key, NULL, error);
}

int set_objects_read(const struct set_objects *objects, const struct set_file *file, struct s3_object *object,
                     const struct s3_taker *taker, struct s3_error *error)
{
    char key[S3_KEY + 1];

    if (file->size == 0)
        return set_objects_find(objects, file, object, error);
    key_of(key, objects, file);
    *object = (struct s3_object) { .size = 0 };
    return s3_get(objects->s3, key, 0, file->size, object, taker, error);
}

struct listing {
    bool (*visit)(void *user, const char *name);
    void *user;
    size_t prefix;
};

static bool visit_key(void *user, const char *key, uint64_t size)
{
    const struct listing *const listing = user;
    (void)size;

    return listing->visit(listing->user, key + listing->prefix);
}

int set_objects_list(const struct set_objects *objects, bool (*visit)(void *user, const char *name), void *user,
                     struct s3_error *error)
{
    struct listing listing = { visit, user, strlen(objects->place.key) };

    return s3_list(objects->s3, objects->place.key, visit_key, &listing, error);
}
