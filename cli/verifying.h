/* A data set that is being verified: what its threads share, and what they count. */
#ifndef CLI_VERIFYING_H
#define CLI_VERIFYING_H

#include <pthread.h>

#include "progress.h"
#include "set_objects.h"
#include "verify_set_tell.h"

enum { VERIFYING_FOREIGN = 16 };

struct verifying {
    const struct set *set;
    struct set_objects objects; /* where DIR is s3://BUCKET/PREFIX */
    fodder_plan *foreign[VERIFYING_FOREIGN];
    struct progress_sum sum;
    pthread_mutex_t lock; /* of what follows, and of lines on standard output */
    struct set_findings found;
};

/* What is found of one file. */
struct one {
    uint64_t start;
    struct bad_file bad;
    uint64_t wrong[FINDINGS_KINDS];
};

/* A verifier of a file's data, which notes in *one what it finds. 0, or a negative error. */
int verifying_verifier(struct verifying *job, const struct set_file *file, struct one *one, fodder_verifier **verifier);
/* Adds one file to what was found, and names it where it is bad. */
void verifying_count(struct verifying *job, const struct set_file *file, const struct one *one,
                     const fodder_report *report);
/* All of a file that is not there is missing. `error` says why: ELOOP where something else is there. */
void verifying_count_missing(struct verifying *job, const struct set_file *file, int error);
void verifying_count_unreadable(struct verifying *job, const char *name, const char *why);

/* Visits of a walk, one for sets in a directory and one for objects; job is a struct verifying. */
bool verify_file_visit(void *job, struct set_hand *hand, const struct set_file *file);
bool verify_object_visit(void *job, struct set_hand *hand, const struct set_file *file);
/* --strict: counts what is there and does not belong to the set. */
void verify_strays(struct verifying *job);

#endif
