#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "json.h"

struct json {
    json_t *root;
    bool failed;
};

/* jansson 2.14 drops a character of a text where memory fails while it reads or writes: every failure is noted here. */
static bool no_memory;

static void *note_malloc(size_t size)
{
    void *const p = malloc(size);

    no_memory = no_memory || !p;
    return p;
}

bool json_built(void)
{
    return true;
}

struct json *json_new(void)
{
    struct json *const object = calloc(1, sizeof *object);

    json_set_alloc_funcs(note_malloc, free);
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

/* A text that is no UTF-8, as a path may be, with ? for all that is not ASCII. */
static json_t *json_ascii(const char *value)
{
    char copy[4096];
    size_t i = 0;

    for (; value[i] != '\0' && i < sizeof copy - 1; i++)
        copy[i] = (char)((unsigned char)value[i] < 0x80 ? value[i] : '?');
    copy[i] = '\0';
    return json_string(copy);
}

void json_text(struct json *object, const char *key, const char *value)
{
    json_t *const text = json_string(value);

    put(object, key, text ? text : json_ascii(value));
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

void json_child(struct json *object, const char *key, struct json *child)
{
    if (object && (!child || child->failed))
        object->failed = true;
    else if (child)
        put(object, key, json_incref(child->root));
    json_free(child);
}

void json_list(struct json *object, const char *key)
{
    put(object, key, json_array());
}

void json_append(struct json *object, const char *key, struct json *child)
{
    json_t *const list = object ? json_object_get(object->root, key) : NULL;

    if (object && (!child || child->failed || json_array_append(list, child->root) != 0))
        object->failed = true;
    json_free(child);
}

void json_append_whole(struct json *object, const char *key, uint64_t value)
{
    json_t *const list = object ? json_object_get(object->root, key) : NULL;

    if (object && json_array_append_new(list, json_integer((json_int_t)value)) != 0)
        object->failed = true;
}

/* What was loaded as an object, or NULL with *why. */
static struct json *wrap(json_t *root, const json_error_t *error, const char **why)
{
    static char text[JSON_ERROR_TEXT_LENGTH];
    struct json *const object = json_is_object(root) && !no_memory ? calloc(1, sizeof *object) : NULL;

    if (object) {
        object->root = root;
        return object;
    }
    snprintf(text, sizeof text, "%s", json_is_object(root) ? "no memory" : root ? "it is no JSON object" : error->text);
    *why = no_memory ? "no memory" : text;
    json_decref(root);
    return NULL;
}

struct json *json_read(const char *path, const char **why)
{
    json_error_t error;

    json_set_alloc_funcs(note_malloc, free);
    return wrap(json_load_file(path, JSON_REJECT_DUPLICATES, &error), &error, why);
}

struct json *json_read_next(FILE *file, const char **why)
{
    json_error_t error;
    int c;

    do
        c = getc(file);
    while (c == ' ' || c == '\t' || c == '\r' || c == '\n');
    *why = NULL;
    if (c == EOF) {
        if (ferror(file))
            *why = strerror(errno);
        return NULL;
    }
    ungetc(c, file);
    json_set_alloc_funcs(note_malloc, free);
    return wrap(json_loadf(file, JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK, &error), &error, why);
}

bool json_get_text(const struct json *object, const char *key, const char **value)
{
    const json_t *const found = json_object_get(object->root, key);

    *value = json_string_value(found);
    return *value != NULL;
}

bool json_get_whole(const struct json *object, const char *key, uint64_t *value)
{
    const json_t *const found = json_object_get(object->root, key);

    if (!json_is_integer(found) || json_integer_value(found) < 0)
        return false;
    *value = (uint64_t)json_integer_value(found);
    return true;
}

bool json_get_number(const struct json *object, const char *key, double *value)
{
    const json_t *const found = json_object_get(object->root, key);

    *value = json_number_value(found);
    return json_is_number(found);
}

bool json_get_bool(const struct json *object, const char *key, bool *value)
{
    const json_t *const found = json_object_get(object->root, key);

    *value = json_is_true(found);
    return json_is_boolean(found);
}

bool json_get_list(const struct json *object, const char *key, size_t *length)
{
    const json_t *const found = json_object_get(object->root, key);

    *length = json_array_size(found);
    return json_is_array(found);
}

struct json *json_get_child(const struct json *object, const char *key, size_t i)
{
    json_t *const found = json_array_get(json_object_get(object->root, key), i);
    struct json *const child = json_is_object(found) ? calloc(1, sizeof *child) : NULL;

    if (child)
        child->root = json_incref(found);
    return child;
}

/* Seconds since 1970 keep their microseconds in 16 digits. A text is written in one piece: where the file has no
 * buffer, as standard error has none, other processes would write between the pieces. */
static bool write_text(const struct json *object, FILE *file, size_t flags)
{
    char *text = NULL;
    size_t length;
    bool written;

    if (object && !object->failed && !no_memory)
        text = json_dumps(object->root, flags | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(16));
    if (!text || no_memory) {
        free(text);
        errno = ENOMEM;
        return false;
    }
    length = strlen(text);
    text[length] = '\n'; /* in place of the terminator */
    written = fwrite(text, 1, length + 1, file) == length + 1 && fflush(file) == 0;
    free(text);
    return written;
}

bool json_write(const struct json *object, FILE *file)
{
    return write_text(object, file, 0);
}

bool json_write_lines(const struct json *object, FILE *file)
{
    return write_text(object, file, JSON_INDENT(2));
}
