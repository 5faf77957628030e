#ifndef FILL_PART_H
#define FILL_PART_H

#include <stdbool.h>

#include "fill/plan.h"

/* Writes bytes [from, to) of the unit whose keystream that is, all in one sector. */
void fill_part(const fodder_plan *plan, const struct keystream *stream, uint64_t from, uint64_t to, uint8_t *dst);

/* Writes `count` whole sectors of it, from sector `first` on. */
void fill_sectors(const fodder_plan *plan, const struct keystream *stream, uint64_t first, uint8_t *dst, size_t count);

/* fodder_fill(), where the caller says whether lines are written past the cache. */
void fill_range(const fodder_plan *plan, uint64_t offset, uint8_t *dst, size_t len, bool past_cache);

#endif
