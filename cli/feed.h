/* Files on their way into the measuring engine. */
#ifndef CLI_FEED_H
#define CLI_FEED_H

#include "cli.h"
#include "measure/engine.h"
#include "measured.h"
#include "progress.h"
#include "walk.h"

struct feed {
    struct measure_engine *engine;
    bool one_file_system;
    struct walk_links *links; /* files that were met: none is read twice */
    struct progress *progress;
    uint64_t done;       /* bytes of all paths */
    enum exit_code code; /* why it ended early; EXIT_FINE where it did not, or where a stop was asked for */
};

/* Adds up the bytes below the paths, "-" aside; 0 where one of them does not tell. */
uint64_t feed_expected(const char *const *paths, int count, bool one_file_system);

/* Reads all below a path into the engine, and counts files in `measured`. What cannot be read is said and counted. */
void feed_path(struct feed *feed, const char *path, struct measured *measured);

#endif
