#define _GNU_SOURCE
#include "size_args.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 65536 rows of 16 MiB have 250 bytes each; what is longer is no histogram. */
enum { LONGEST = 16 << 20 };

static enum exit_code read_rows(struct sizes *sizes, const char *path, char *text)
{
    FILE *const file = fopen(path, "re");
    const size_t length = file ? fread(text, 1, LONGEST, file) : 0;
    const int error = errno;
    const bool failed = !file || ferror(file);
    const char *why;
    size_t line;
    int r;

    if (file)
        fclose(file);
    if (failed)
        return fail(EXIT_FAILED, "--size csv:%s: %s", path, strerror(error));
    if (length == LONGEST)
        return fail(EXIT_USAGE, "--size csv:%s: it is longer than 16 MiB, which no histogram of 65536 rows is", path);
    r = sizes_parse_rows(sizes, text, length, &why, &line);
    if (r == 0)
        return EXIT_FINE;
    if (line == 0)
        return fail(r == -ENOMEM ? EXIT_FAILED : EXIT_USAGE, "--size csv:%s: %s", path, why);
    return fail(EXIT_USAGE, "--size csv:%s: line %zu: %s", path, line, why);
}

enum exit_code size_args_read(struct sizes *sizes, const char *text)
{
    static const char csv[] = "csv:";
    enum exit_code code;
    const char *why;
    char *rows;

    if (strncmp(text, csv, strlen(csv)) != 0)
        return sizes_parse(sizes, text, &why) == 0 ? EXIT_FINE : fail(EXIT_USAGE, "--size %s: %s", text, why);
    rows = malloc(LONGEST);
    code = rows ? read_rows(sizes, text + strlen(csv), rows) : fail(EXIT_FAILED, "%s", strerror(ENOMEM));
    free(rows);
    return code;
}
