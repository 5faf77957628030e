/* One flat JSON object, written with jansson where the build has it. */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <stdbool.h>
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
/* Adds `child`, which then belongs to the object, to the array of that name. */
void json_append(struct json *object, const char *key, struct json *child);
/* The object and a line feed. False where memory or the file failed; errno says which. */
bool json_write(const struct json *object, FILE *file);

#endif
