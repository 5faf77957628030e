/* A set of the hashes of pieces of data: how many pieces are distinct, and how many bytes a store keeps of them. */
#ifndef MEASURE_SET_H
#define MEASURE_SET_H

#include <stdbool.h>
#include <stdint.h>

enum { MEASURE_REUSE_CLASSES = 32, MEASURE_DISTANCE_CLASSES = 30 };

/* The least memory that a set takes. Its sample has some 900 to 1,800 pieces then, good for 5 % where lengths are
 * equal. */
enum { MEASURE_SET_LEAST = 64 << 10 };

/* A hash of a piece: equal pieces have equal ones, and different pieces different ones. Every bit must be random. */
struct measure_digest {
    uint64_t low, high;
};

/*
 * Exact as long as the distinct pieces fit its memory: 24 bytes each at a load of up to 3/4. From then on the set is an
 * adaptive sample (Wegman's, analysed by Ph. Flajolet, "On adaptive sampling", Computing 43, 1990): it keeps the pieces
 * whose hash ends in `halvings` zero bits, one more bit each time that it is full. Whether a piece is in the sample
 * hangs on its hash alone, so whoever is in it has been counted from the first time on, and the order of the pieces
 * changes nothing.
 */
struct measure_set;

/*
 * A distinct piece is in the sample with the probability p = 2^-halvings, each for itself (Bernoulli sampling). Sums
 * over all distinct pieces are then estimated by Horvitz and Thompson ("A generalization of sampling without
 * replacement from a finite universe", JASA 47, 1952), with the variance for independent draws of Särndal, Swensson and
 * Wretman, "Model assisted survey sampling", 1992, section 3.5; l are the lengths in the sample:
 *
 *     distinct bytes = sum(l) / p        variance = (1 - p) / p^2 * sum(l^2)
 *
 * The 95 % bound is 1.96 standard errors to each side: the sample has hundreds of pieces, so the sum is near normal.
 * The estimates and the bound are cut where they contradict what is known: no fewer bytes than the sample has, no more
 * than came.
 */
struct measure_set_result {
    /* Exact, always. */
    uint64_t pieces, bytes;
    uint64_t zero_pieces, zero_bytes; /* of them, those of zero bytes only */

    /* Exact where `exact` is true, else estimates. */
    bool exact;
    unsigned halvings; /* the sampling rate is 2^-halvings */
    double distinct, distinct_bytes;
    double relative_error;                          /* the standard error of sum(l) / p, over sum(l) / p */
    double distinct_bytes_low, distinct_bytes_high; /* hold the true number in 95 % of all cases */

    /* Distinct pieces that came once, twice, 3 to 4, 5 to 8, ... times; the last class has no upper end. */
    double reuse[MEASURE_REUSE_CLASSES];

    /* Pieces that came before, by how many bytes lie from where the last one began to where this one does: below 4 KiB,
     * below 8 KiB, below 16 KiB, ...; in whole sectors, modulo 2 TiB. */
    double distances[MEASURE_DISTANCE_CLASSES];
};

/* A set that allocates `memory` bytes at most, in all and at any time. 0, -EINVAL below MEASURE_SET_LEAST, or -ENOMEM.
 */
int measure_set_new(struct measure_set **set, uint64_t memory);

/* Counts a piece of `len` bytes. `zero`: they are all 0. 0 or -ENOMEM; then the set is good for measure_set_free()
 * only. */
int measure_set_add(struct measure_set *set, struct measure_digest digest, uint32_t len, bool zero);

/* Of a piece that has not been added yet: how many pieces it stands for where it is a new one of the sample, that is 1
 * as long as the set is exact; 0 where it came before or is not in the sample. */
double measure_set_new_weight(struct measure_set *set, struct measure_digest digest);

/* The pieces so far; more may follow. Changes the set only in that pieces that wait for their memory move in. */
void measure_set_result(struct measure_set *set, struct measure_set_result *result);

/* NULL is fine. */
void measure_set_free(struct measure_set *set);

#endif
