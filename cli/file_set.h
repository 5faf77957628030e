/* A data set of many files (docs/dataset.md): what it is, where its files lie, and threads that go over them. */
#ifndef CLI_FILE_SET_H
#define CLI_FILE_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <fodder/fodder.h>

#include "dataset/extent.h"
#include "dataset/names.h"
#include "dataset/sizes.h"

#include "cli.h"
#include "set_dir.h"

#define SET_NAMES "d{dir}/f{k}"
#define SET_FILES UINT64_C(1000000000000)
/* A block stays in the second-level cache from when it is made until the kernel has copied it. */
enum { SET_PER_DIR = 1000, SET_PARTS = 1000, SET_CHUNKS = 65536, SET_BLOCK = 256 << 10 };

/* Files that were written anew with another generation. */
struct set_part {
    uint64_t first, last, generation;
    fodder_plan *plan;
};

struct set {
    fodder_spec spec;
    uint64_t files, per_dir;
    char pattern[NAMES_TEXT];
    struct sizes sizes;
    struct set_part parts[SET_PARTS]; /* of several that hold a file, the last counts */
    size_t part_count;

    /* What set_prepare() makes of it. */
    char text[FODDER_SPEC_TEXT];
    struct names names;
    struct extent all;
    uint64_t distinct; /* units */
    fodder_plan *plan;
    uint64_t chunk_files, chunk_count; /* the files in so many parts, for the threads */
    uint64_t *chunk_units;             /* where each begins; NULL where all sizes are equal */
};

/* Makes the rest, by so many threads: sizes are drawn to learn where files lie. Says what is wrong, as EXIT_USAGE. */
enum exit_code set_prepare(struct set *set, unsigned threads);
void set_free(struct set *set);
/* Notes that files have another generation. False where there is no room for one more part. */
bool set_add_part(struct set *set, uint64_t first, uint64_t last, uint64_t generation);
/* The data of file k. */
const fodder_plan *set_plan_of(const struct set *set, uint64_t k);
/* The dedup ratio that the set can hold, about: a unit that a file's end cuts is a duplicate of one cut at the same
 * place only. Exact where no unit is cut. */
double set_dedup(const struct set *set);

struct set_file {
    uint64_t k, start, size;
    char name[NAMES_TEXT];
};

/* The file whose units an offset lies in. False past the last one. */
bool set_find(const struct set *set, uint64_t offset, struct set_file *file);

/* What each thread of a walk has for itself. */
struct set_hand {
    unsigned index; /* 0 is the calling thread */
    struct set_dir dir;
    uint8_t *block; /* SET_BLOCK bytes, on a page */
};

/* Which files, and what is done with each. */
struct set_walk {
    const struct set *set;
    uint64_t first, last; /* none where last < first */
    uint64_t rank, world; /* file k where k mod world = rank */
    uint64_t sample;      /* so many of SET_ALL of them */
    unsigned threads;
    int root; /* the set's directory */
    void *user;
    /* On one of the threads, in order of k within a chunk. False ends the walk. */
    bool (*visit)(void *user, struct set_hand *hand, const struct set_file *file);
};

#define SET_ALL UINT64_C(100000000)

/* Over all files, by one rank and one thread. */
struct set_walk set_walk_all(const struct set *set);
/* How many files the walk visits. */
uint64_t set_walk_files(const struct set_walk *walk);
/* How many bytes they have, about. */
uint64_t set_walk_bytes(const struct set_walk *walk);
/* Visits them, and returns when all threads have ended: 0, -ECANCELED where a visit ended it, or -ENOMEM. */
int set_walk_run(const struct set_walk *walk);

#endif
