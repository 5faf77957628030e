/* What the verifier offers to those that find out by themselves what is right. */
#ifndef VERIFY_VERIFIER_H
#define VERIFY_VERIFIER_H

#include <stdbool.h>

#include "fill/plan.h"

const fodder_plan *verifier_plan(const fodder_verifier *verifier);
/* Of the next byte that it takes. */
uint64_t verifier_offset(const fodder_verifier *verifier);
bool verifier_has_room(const fodder_verifier *verifier, uint64_t len);

/* The next `len` bytes, which begin and end on sectors, are right. */
void verifier_pass(fodder_verifier *verifier, uint64_t len);

/* Are `count` whole sectors at src those of the plan? Stops at the first that is not. */
bool verify_is_right(const fodder_plan *plan, uint64_t offset, const uint8_t *src, size_t count);

#endif
