/* The parts of fodder dataset: options settled to a set, its files written, and what is told. */
#ifndef CLI_DATASET_H
#define CLI_DATASET_H

#include "file_set.h"
#include "pool_args.h"
#include "set_manifest.h"
#include "set_objects.h"
#include "span.h"
#include "spec_args.h"
#include "start_at.h"

struct dataset {
    /* What the options say. */
    struct spec_args data;
    struct pool_args threads;
    struct s3_args s3;
    struct start_at start;
    const char *dir, *size, *names, *manifest;
    uint64_t files;   /* UINT64_MAX where it was not said */
    uint64_t per_dir; /* 0 where it was not said */
    uint64_t first, last;
    bool only; /* files first to last, whether they are there or not */
    enum { DATASET_NEW, DATASET_ENDS, DATASET_WHOLE } resume;
    bool sync, json, quiet, verbose;

    struct set_objects objects; /* where DIR is s3://BUCKET/PREFIX */
    struct set set;
    struct set_maker maker;
    bool drawn;    /* the seed was: nobody knows it yet */
    bool recorded; /* the manifest was there and said what the set is */
};

/* What the set is, by options and manifest, and which of its files are to be written. Nothing is opened for writing. */
enum exit_code dataset_settle(struct dataset *d);
/* The files of this rank, or those of them that are wanted. */
struct set_walk dataset_walk(const struct dataset *d);

struct dataset_result {
    uint64_t written, settled, bytes;
    struct span span;
};
/* Writes them below the directory open at `root`, or as objects. Where it has to stop it says why, how many files are
 * whole, and how to go on. */
enum exit_code dataset_write(const struct dataset *d, int root, struct dataset_result *result);

void dataset_tell(const struct dataset *d, const struct dataset_result *result);
enum exit_code dataset_tell_json(const struct dataset *d, const struct dataset_result *result);

#endif
