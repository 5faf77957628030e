/* fodder report: results of many processes, as --json tells them, put together. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "cli.h"
#include "json.h"

/* One process, which was a rank or not. */
struct report_run {
    char *host, *path;
    uint64_t rank;
    double began, ended; /* seconds since 1970 */
    uint64_t files, bytes;
    uint64_t bad, bad_files; /* of a verify */
    double rate;             /* bytes a second */
};

struct report_gap {
    uint64_t first, last; /* ranks */
};

struct report {
    /* What was read. */
    struct json *first; /* object, with which the others must agree */
    const char *command, *spec;
    bool ranked;
    uint64_t world; /* ranks there should be */
    struct report_run *runs;
    size_t count, room;
    uint64_t unreadable, strays, incomplete; /* of verifies: files or bytes, files, processes */

    /* What it comes to; runs are in order of their ranks then. */
    uint64_t files, bytes, bad, bad_files;
    double began, ended, last_start;
    double rate, slowest, median, fastest;
    size_t hosts;
    struct report_gap *missing;
    size_t missing_count;
    uint64_t missing_ranks;
    size_t *twice; /* runs that are there again right behind */
    size_t twice_count;
};

/* Adds what a file holds; "-" is standard input. Says what is wrong with it. */
enum exit_code report_read(struct report *report, const char *path);
/* Once all is read. False without memory. */
bool report_sum(struct report *report);
void report_free(struct report *report);

/* Is every rank there, once, and has it read all that it was to read? */
bool report_whole(const struct report *report);
/* Is something not what it should be? */
bool report_differs(const struct report *report);

/* What a process is called: "rank 3", or its host and path. */
struct report_name {
    char text[80];
};
struct report_name report_name(const struct report *report, const struct report_run *run);
/* The head line: what, by how many, how much, how fast. */
void report_headline(const struct report *report, FILE *file);
/* The slowest ones, at most `most` of them, the slowest first; how many they are. */
size_t report_slowest(const struct report *report, const struct report_run **slowest, size_t most);

void report_print(const struct report *report);
struct json *report_json(const struct report *report);
/* A chart as SVG, for replace_file(). */
bool report_svg(const void *report, FILE *file);

#endif
