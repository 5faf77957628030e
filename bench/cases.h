/* What is timed: kinds of work on a buffer, memset among them. */
#ifndef BENCH_CASES_H
#define BENCH_CASES_H

#include <stddef.h>
#include <stdint.h>

#include <fodder/fodder.h>

struct bench_case {
    const char *name;
    enum work { FILL, VERIFY, VERIFY_WRONG, MEMSET } work;
    fodder_spec spec;
    size_t
        piece;  /* 0: the whole buffer in one call; else calls of that size, each from a random place of the data set */
    size_t off; /* of the buffer's beginning */
};

/* Ends with a case without a name. The first is that with which the other ones are compared. */
extern const struct bench_case bench_cases[];
extern const struct bench_case bench_memset;

/* Puts into the buffer what a case expects there. */
void case_prepare(const struct bench_case *c, const fodder_plan *plan, uint8_t *buffer, size_t size);
/* The work on the whole buffer; the data set's offset moves on from call to call. */
void case_run(const struct bench_case *c, const fodder_plan *plan, uint64_t offset, uint8_t *buffer, size_t size);

#endif
