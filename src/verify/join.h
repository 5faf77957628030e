/* Joins the verdicts on sectors into runs, in O(1) memory. */
#ifndef VERIFY_JOIN_H
#define VERIFY_JOIN_H

#include "verify/judge.h"

struct join {
    const fodder_verify_options *options;
    unsigned log2_unit;
    uint64_t start; /* where what is known begins */

    fodder_report report;
    bool open; /* there is a run that may grow */
    fodder_run run;
    struct verdict verdict;

    bool tearing;    /* the unit where the run began was right up to it, and nothing else has come in that unit since */
    bool bad;        /* there was a wrong sector */
    uint64_t bad_at; /* its last byte */
};

/* What is wrong in sectors that lie together in one unit, or in all of what is missing. */
struct wrong {
    struct verdict verdict;
    uint64_t offset, len, first, last, bytes, bits;
};

/* The next `len` bytes, from `offset` on, are right. */
void join_right(struct join *join, uint64_t offset, uint64_t len);
/* The next ones are wrong. */
void join_wrong(struct join *join, const struct wrong *wrong);
/* Nothing is known of the next `len` bytes, from `offset` on. */
void join_unknown(struct join *join, uint64_t offset, uint64_t len);
/* Nothing comes any more. */
void join_end(struct join *join);

#endif
