/* JSON objects, written with jansson where the build has it. */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct json;

/* Does this build have JSON? */
bool json_built(void);

/* NULL without memory; every other function takes that NULL and json_write then fails. */
struct json *json_new(void);
void json_free(struct json *object);
void json_text(struct json *object, const char *key, const char *value);
void json_whole(struct json *object, const char *key, uint64_t value); /* below 2^63 */
void json_number(struct json *object, const char *key, double value);
void json_bool(struct json *object, const char *key, bool value);
/* `child`, which then belongs to the object. */
void json_child(struct json *object, const char *key, struct json *child);
/* An empty array. */
void json_list(struct json *object, const char *key);
/* Adds `child`, which then belongs to the object, to that array. */
void json_append(struct json *object, const char *key, struct json *child);
void json_append_whole(struct json *object, const char *key, uint64_t value);
/* Reads a file that holds one object; NULL, with *why, where it does not. Free it with json_free(). */
struct json *json_read(const char *path, const char **why);
/* Reads the next of the objects that a file holds one after another, on lines of their own or not. NULL at its end,
 * with *why NULL, or where there is no object. */
struct json *json_read_next(FILE *file, const char **why);
/* What a key holds; false where it is absent or something else. The text is the object's. */
bool json_get_text(const struct json *object, const char *key, const char **value);
bool json_get_whole(const struct json *object, const char *key, uint64_t *value);
bool json_get_number(const struct json *object, const char *key, double *value);
bool json_get_bool(const struct json *object, const char *key, bool *value);
/* How many children the array of a key has; false where it is absent or something else. */
bool json_get_list(const struct json *object, const char *key, size_t *length);
/* Child number i of that array, an object, to be freed with json_free(); NULL where it is none. */
struct json *json_get_child(const struct json *object, const char *key, size_t i);
/* The object as one line, in one piece, so that processes can share an output. False where memory or the file failed;
 * errno says which. */
bool json_write(const struct json *object, FILE *file);
/* The same in lines, for people. */
bool json_write_lines(const struct json *object, FILE *file);

#endif
