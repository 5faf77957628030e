/* How much room files take in the space of offsets (docs/dataset.md, section 4). */
#ifndef DATASET_EXTENT_H
#define DATASET_EXTENT_H

#include <stdint.h>

#include "dataset/sizes.h"

/* Sums over some files; UINT64_MAX stands for all that is more. */
struct extent {
    uint64_t bytes, units;
    uint64_t whole; /* bytes in units that no file's end has cut */
};

/* The units that a file takes. */
uint64_t extent_units(uint64_t size, uint64_t unit);
/* Of the files from `first` to before `end`. */
struct extent extent_of(const struct sizes *sizes, uint64_t unit, uint64_t first, uint64_t end);
struct extent extent_join(struct extent a, struct extent b);

#endif
