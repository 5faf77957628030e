/* What was made, as JSON: enough to make it again or to verify it. */
#ifndef CLI_MANIFEST_H
#define CLI_MANIFEST_H

#include <stdint.h>

#include <fodder/fodder.h>

#include "cli.h"
#include "json.h"

/* One range of a plan's data, and what it holds. */
struct made {
    const fodder_plan *plan;
    fodder_pool *pool;
    unsigned threads, cpus, nodes;
    const char *path; /* "-" is standard output */
    uint64_t offset, bytes, units, distinct;
    char spec[FODDER_SPEC_TEXT];
};

/* The CPUs and the NUMA nodes of the machine, which every manifest notes. */
enum exit_code manifest_machine(unsigned *cpus, unsigned *nodes);
/* Notes the threads that make it, and the machine. */
enum exit_code made_by(struct made *made, fodder_pool *pool);
/* units / distinct, 1 where there is none. */
double made_dedup(const struct made *made);
/* A new object with what a manifest says; --json says more. */
struct json *made_json(const struct made *made);
/* What a manifest says of its data. */
struct manifest {
    fodder_spec spec;
    uint64_t offset, bytes;
};

enum exit_code manifest_read(struct manifest *manifest, const char *path);
/* Writes the manifest to a file of its own. */
enum exit_code manifest_write(const struct made *made, const char *path);

#endif
