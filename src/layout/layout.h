/* Where everything lies: pure arithmetic on a spec (docs/format.md, sections 3, 4 and 6). */
#ifndef LAYOUT_LAYOUT_H
#define LAYOUT_LAYOUT_H

#include <stdint.h>

#include "layout/keystream.h"
#include "layout/spec.h"

struct layout {
    uint8_t round_keys[32]; /* K0, K1 */
    uint64_t a0, a1, c, d;
    uint64_t generation;
    uint64_t f; /* 0 stands for 2^64: dedup 1 */
    uint64_t q; /* keystream bytes a sector, in 2^-32 byte; KEYSTREAM_Q_ALL for compress 1 */
    unsigned log2_unit, log2_window;
};

/* Unique ids are below this. */
#define LAYOUT_MAX_IDS (UINT64_C(1) << 44)

/* The factors of P, and M, which ties the right word to the left. */
#define LAYOUT_P0 UINT64_C(0xBF58476D1CE4E5B9)
#define LAYOUT_P1 UINT64_C(0x94D049BB133111EB)
#define LAYOUT_M  UINT64_C(0xD1342543DE82EF95)

struct layout layout_of(const struct spec *spec);

/* n(i): how many of the first i units are distinct. */
uint64_t layout_distinct(const struct layout *l, uint64_t i);
/* The unique id of unit i. */
uint64_t layout_unit_id(const struct layout *l, uint64_t i);
/* The keystream of the unit with that id; it borrows l's round keys. */
struct keystream layout_keystream(const struct layout *l, uint64_t id);
/* The same of another generation, a number below 2^20. */
struct keystream layout_keystream_of(const struct layout *l, uint64_t id, uint64_t generation);
/* The most units that LAYOUT_MAX_IDS ids can make up, UINT64_MAX where 64 bits cannot hold it. */
uint64_t layout_max_units(const struct layout *l);

#endif
