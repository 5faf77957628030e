#include <errno.h>
#include <stdlib.h>

#include <jansson.h>

#include "json.h"

struct json {
    json_t *root;
    bool failed;
};

bool json_built(void)
{
    return true;
}

struct json *json_new(void)
{
    struct json *const object = calloc(1, sizeof *object);

    if (object)
        object->root = json_object();
    return object;
}

void json_free(struct json *object)
{
    if (object)
        json_decref(object->root);
    free(object);
}

static void put(struct json *object, const char *key, json_t *value)
{
    if (!object)
        json_decref(value);
    else if (json_object_set_new(object->root, key, value) != 0)
        object->failed = true;
}

void json_text(struct json *object, const char *key, const char *value)
{
    put(object, key, json_string(value));
}

void json_whole(struct json *object, const char *key, uint64_t value)
{
    put(object, key, json_integer((json_int_t)value));
}

void json_number(struct json *object, const char *key, double value)
{
    put(object, key, json_real(value));
}

void json_bool(struct json *object, const char *key, bool value)
{
    put(object, key, json_boolean(value));
}

void json_append(struct json *object, const char *key, struct json *child)
{
    json_t *list = object ? json_object_get(object->root, key) : NULL;

    if (object && !list) {
        put(object, key, json_array());
        list = json_object_get(object->root, key);
    }
    if (object && (!child || child->failed || json_array_append(list, child->root) != 0))
        object->failed = true;
    json_free(child);
}

bool json_write(const struct json *object, FILE *file)
{
    if (!object || object->failed) {
        errno = ENOMEM;
        return false;
    }
    return json_dumpf(object->root, file, JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(9)) == 0 &&
           fputc('\n', file) != EOF && fflush(file) == 0;
}
