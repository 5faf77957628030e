/* What a data set is, as JSON: all that it takes to verify it or to go on with it. */
#ifndef CLI_SET_MANIFEST_H
#define CLI_SET_MANIFEST_H

#include "file_set.h"
#include "json.h"
#include "ranks.h"

/* Who makes it. */
struct set_maker {
    const char *dir;
    struct ranks ranks;
    unsigned threads, cpus, nodes;
};

/* A new object with what a manifest says; --json says more. */
struct json *set_json(const struct set *set, const struct set_maker *maker);
/* Writes it to a file, whole or not at all. */
enum exit_code set_manifest_write(const struct set *set, const struct set_maker *maker, const char *path);
/* Does that file describe a data set? */
bool set_manifest_is(const char *path);
/* Reads what the set is; set_prepare() makes the rest. */
enum exit_code set_manifest_read(struct set *set, const char *path);

#endif
