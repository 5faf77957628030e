/* Which segments of data the codecs read: a share of them, spread evenly. */
#ifndef MEASURE_SAMPLE_H
#define MEASURE_SAMPLE_H

#include <stdint.h>

/* Bytes of a segment; a file's last one may be shorter. Whole chunks of every size lie in it. */
enum { MEASURE_SEGMENT = 1 << 20 };

enum { MEASURE_SAMPLE_LEVELS = 25 };

/*
 * The level of segment number i, below MEASURE_SAMPLE_LEVELS. A sample after h halvings has the segments of level h and
 * above: one of each 2^h that lie side by side (h below MEASURE_SAMPLE_LEVELS), at a place that a hash of i draws, so
 * that data with a period do not meet the same place every time. Each sample holds the next smaller one: a sample can
 * be thinned when more data come than were known of.
 */
unsigned measure_sample_level(uint64_t i);

#endif
