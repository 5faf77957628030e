/* A build without jansson: the commands refuse --json and --manifest before they come here. */
#include <errno.h>
#include <stddef.h>

#include "json.h"

bool json_built(void)
{
    return false;
}

struct json *json_new(void)
{
    return NULL;
}

void json_free(struct json *object)
{
    (void)object;
}

void json_text(struct json *object, const char *key, const char *value)
{
    (void)object, (void)key, (void)value;
}

void json_whole(struct json *object, const char *key, uint64_t value)
{
    (void)object, (void)key, (void)value;
}

void json_number(struct json *object, const char *key, double value)
{
    (void)object, (void)key, (void)value;
}

void json_bool(struct json *object, const char *key, bool value)
{
    (void)object, (void)key, (void)value;
}

void json_child(struct json *object, const char *key, struct json *child)
{
    (void)object, (void)key, (void)child;
}

void json_list(struct json *object, const char *key)
{
    (void)object, (void)key;
}

void json_append(struct json *object, const char *key, struct json *child)
{
    (void)object, (void)key, (void)child;
}

void json_append_whole(struct json *object, const char *key, uint64_t value)
{
    (void)object, (void)key, (void)value;
}

struct json *json_read(const char *path, const char **why)
{
    (void)path;
    *why = "this fodder was built without JSON";
    return NULL;
}

struct json *json_read_next(FILE *file, const char **why)
{
    return (void)file, json_read("", why);
}

bool json_get_text(const struct json *object, const char *key, const char **value)
{
    (void)object, (void)key, (void)value;
    return false;
}

bool json_get_whole(const struct json *object, const char *key, uint64_t *value)
{
    (void)object, (void)key, (void)value;
    return false;
}

bool json_get_number(const struct json *object, const char *key, double *value)
{
    (void)object, (void)key, (void)value;
    return false;
}

bool json_get_bool(const struct json *object, const char *key, bool *value)
{
    (void)object, (void)key, (void)value;
    return false;
}

bool json_get_list(const struct json *object, const char *key, size_t *length)
{
    (void)object, (void)key, (void)length;
    return false;
}

struct json *json_get_child(const struct json *object, const char *key, size_t i)
{
    (void)object, (void)key, (void)i;
    return NULL;
}

bool json_write(const struct json *object, FILE *file)
{
    (void)object, (void)file;
    errno = ENOTSUP;
    return false;
}

bool json_write_lines(const struct json *object, FILE *file)
{
    return json_write(object, file);
}
