#ifndef LAYOUT_OVERHEAD_H
#define LAYOUT_OVERHEAD_H

#include <stdint.h>

/* q: the mean keystream bytes of a sector, in 2^-32 byte, that make `codec` compress by `compress` millionths: the
 * share asked for, less what the codec spends on describing the run (docs/format.md, section 6). */
uint64_t overhead_keystream(uint32_t compress, uint32_t codec);

#endif
