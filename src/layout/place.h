/* The way back: from a block of keystream to its place (docs/format.md, section 9: R is tied to L). */
#ifndef LAYOUT_PLACE_H
#define LAYOUT_PLACE_H

#include <stdbool.h>

#include "layout/layout.h"

struct place {
    uint64_t id, generation;
    uint64_t block; /* of the unit */
};

/* Is there a block that these words make, and where? Of random words one in 2^42 to 2^56 (by the unit's size) passes,
 * so what is found is to be made again and compared. */
bool place_find(const struct layout *l, const uint64_t words[2], struct place *place);

/* The offset of the unit where an id appears first. False where that lies beyond the data set. */
bool place_offset(const struct layout *l, uint64_t id, uint64_t *offset);

#endif
