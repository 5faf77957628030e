/* What verifying has found: the first runs, sums by kind, and a map. */
#ifndef CLI_FINDINGS_H
#define CLI_FINDINGS_H

#include <stdint.h>

#include <fodder/fodder.h>

#include "json.h"

enum { FINDINGS_RUNS = 1000, FINDINGS_CELLS = 256, FINDINGS_KINDS = FODDER_MISSING + 1 };

struct findings {
    uint64_t offset, bytes;     /* the range; bytes is 0 where its end is not known, and there is no map then */
    const char *const *foreign; /* names for foreign data */

    fodder_report report;
    fodder_run runs[FINDINGS_RUNS];
    uint64_t wrong[FINDINGS_KINDS];               /* bytes in runs of each kind */
    uint64_t map[FINDINGS_CELLS][FINDINGS_KINDS]; /* the same for each part of the range */
};

/* The callback for fodder_verify_options, its user being the findings. */
void findings_add(void *findings, const fodder_run *run);
/* For people, on standard output. */
void findings_print(const struct findings *findings);
/* One run behind the name of its kind: where, how much, and what is particular to it. */
void findings_print_run(const fodder_run *run, const char *const *foreign);
/* A line with the bytes in runs of each kind, after an empty one. */
void findings_print_sums(const uint64_t wrong[FINDINGS_KINDS]);
struct json *findings_run_json(const fodder_run *run, const char *const *foreign);
/* "ok", "bytes", "bad", "runs", "more_runs". */
void findings_json(const struct findings *findings, struct json *object);

/* How the words for a run end that is torn; nothing for others. */
const char *findings_torn(const fodder_run *run);

#endif
