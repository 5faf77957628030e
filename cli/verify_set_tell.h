/* What verifying a data set has found, in words and as JSON. */
#ifndef CLI_VERIFY_SET_TELL_H
#define CLI_VERIFY_SET_TELL_H

#include "file_set.h"
#include "findings.h"
#include "span.h"
#include "verify_set.h"

/* What is wrong with one file. */
struct bad_file {
    uint64_t k;
    enum { FILE_HAS_RUNS, FILE_IS_MISSING, FILE_IS_OTHER } state; /* other: no regular file */
    uint64_t bad, runs, longer; /* bytes that differ, runs, and bytes behind its end */
    fodder_run first;           /* of the runs; its offsets are those in the file, its source is in the data set */
};

struct set_findings {
    const struct verify_set_args *args;
    const struct set *set;
    uint64_t wanted; /* files */
    uint64_t files, bad_files, unreadable, strays;
    fodder_report report;
    uint64_t wrong[FINDINGS_KINDS]; /* bytes in runs of each kind */
    struct bad_file list[FINDINGS_RUNS];
    uint64_t listed;
};

/* One line on standard output. */
void bad_file_print(const struct set_findings *found, const struct bad_file *bad, const char *name);
void set_findings_print(const struct set_findings *found, double seconds);
enum exit_code set_findings_json(struct set_findings *found, struct span span);

#endif
