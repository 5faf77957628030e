#define _GNU_SOURCE
#include "set_manifest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replace.h"

/* The number of docs/dataset.md's rules. */
enum { SET_FORMAT = 1 };

/* The rows as one text: 65536 objects of JSON would take more memory than all the rest. */
static void put_rows(struct json *object, const struct sizes *sizes)
{
    char *text = NULL, row[SIZES_TEXT];
    size_t length;
    FILE *const file = open_memstream(&text, &length);
    bool written = file != NULL;

    for (size_t i = 0; i < sizes->row_count && written; i++) {
        sizes_print_row(row, sizes, i);
        written = fprintf(file, "%s\n", row) > 0;
    }
    if (file && fclose(file) == 0 && written && text)
        json_text(object, "histogram", text);
    else
        json_child(object, "histogram", NULL); /* the object has failed */
    free(text);
}

static void put_parts(struct json *object, const struct set *set)
{
    json_list(object, "generations");
    for (size_t i = 0; i < set->part_count; i++) {
        struct json *const part = json_new();

        json_whole(part, "first", set->parts[i].first);
        json_whole(part, "last", set->parts[i].last);
        json_whole(part, "generation", set->parts[i].generation);
        json_append(object, "generations", part);
    }
}

struct json *set_json(const struct set *set, const struct set_maker *maker)
{
    struct json *const object = json_new();
    char size[SIZES_TEXT];

    sizes_print(size, &set->sizes);
    json_text(object, "fodder", fodder_version());
    json_whole(object, "set", SET_FORMAT);
    json_text(object, "spec", set->text);
    json_text(object, "path", maker->dir);
    json_whole(object, "files", set->files);
    json_text(object, "size", size);
    if (set->sizes.rule == SIZES_HISTOGRAM)
        put_rows(object, &set->sizes);
    json_text(object, "names", set->pattern);
    json_whole(object, "per_dir", set->per_dir);
    put_parts(object, set);
    json_whole(object, "unit", set->spec.unit);
    json_whole(object, "bytes", set->all.bytes);
    json_whole(object, "units", set->all.units);
    json_whole(object, "distinct_units", set->distinct);
    json_number(object, "dedup", set_dedup(set));
    ranks_json(&maker->ranks, object);
    json_text(object, "kernel", fodder_plan_kernel(set->plan));
    json_whole(object, "threads", maker->threads);
    json_whole(object, "cpus", maker->cpus);
    json_whole(object, "nodes", maker->nodes);
    return object;
}

static bool write_json(const void *content, FILE *file)
{
    return json_write_lines(content, file);
}

enum exit_code set_manifest_write(const struct set *set, const struct set_maker *maker, const char *path)
{
    struct json *const object = set_json(set, maker);
    const bool written = replace_file(path, write_json, object);
    const int error = errno;

    json_free(object);
    return written ? EXIT_FINE : fail(EXIT_FAILED, "--manifest %s: %s; no files were written", path, strerror(error));
}

static bool read_sizes(struct set *set, const struct json *object, const char **why)
{
    const char *rule, *rows;
    size_t line;

    if (!json_get_text(object, "size", &rule))
        return false;
    if (strcmp(rule, "csv") != 0)
        return sizes_parse(&set->sizes, rule, why) == 0;
    return json_get_text(object, "histogram", &rows) &&
           sizes_parse_rows(&set->sizes, rows, strlen(rows), why, &line) == 0;
}

static bool read_part(struct set *set, const struct json *part)
{
    uint64_t first, last, generation;

    return part && json_get_whole(part, "first", &first) && json_get_whole(part, "last", &last) &&
           json_get_whole(part, "generation", &generation) && first <= last && last < set->files &&
           generation < 1 << 20 && set_add_part(set, first, last, generation);
}

static bool read_parts(struct set *set, const struct json *object)
{
    size_t count;
    bool fine = json_get_list(object, "generations", &count);

    for (size_t i = 0; i < count && fine; i++) {
        struct json *const part = json_get_child(object, "generations", i);

        fine = read_part(set, part);
        json_free(part);
    }
    return fine;
}

/* The names are checked by set_prepare(). */
static bool read_names(struct set *set, const struct json *object)
{
    const char *pattern;

    if (!json_get_text(object, "names", &pattern) || strlen(pattern) >= sizeof set->pattern)
        return false;
    strcpy(set->pattern, pattern);
    return json_get_whole(object, "per_dir", &set->per_dir) && set->per_dir > 0;
}

static bool read_spec(struct set *set, const struct json *object, const char **why)
{
    const char *text;

    return json_get_text(object, "spec", &text) && fodder_spec_parse(&set->spec, text, why) == 0;
}

bool set_manifest_is(const char *path)
{
    const char *why;
    struct json *const object = json_read(path, &why);
    uint64_t format;
    const bool is = object && json_get_whole(object, "set", &format);

    json_free(object);
    return is;
}

enum exit_code set_manifest_read(struct set *set, const char *path)
{
    static const char other[] = "this is not what fodder dataset wrote";
    const char *why;
    struct json *const object = json_read(path, &why);
    uint64_t format = 0;
    bool fine;

    if (!object)
        return fail(EXIT_FAILED, "--manifest %s: %s", path, why);
    why = other;
    fine = json_get_whole(object, "set", &format) && format == SET_FORMAT &&
           json_get_whole(object, "files", &set->files) && set->files <= SET_FILES && read_spec(set, object, &why) &&
           read_sizes(set, object, &why) && read_names(set, object) && read_parts(set, object);
    json_free(object);
    if (format > SET_FORMAT)
        why = "a later fodder wrote it, with other rules; use that one";
    return fine ? EXIT_FINE : fail(EXIT_FAILED, "--manifest %s: %s", path, why);
}
