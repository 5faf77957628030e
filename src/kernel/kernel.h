/* Kernels: implementations of the keystream, one for each instruction set, all making the same bytes. */
#ifndef KERNEL_KERNEL_H
#define KERNEL_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#include "layout/keystream.h"

/* Past the cache, lines are written without being read first. A kernel that cannot do so there writes as ever. */
enum kernel_way { KERNEL_CACHED, KERNEL_PAST_CACHE };

struct difference {
    uint64_t bytes, bits;
};

struct kernel {
    const char *name;
    uint32_t needs; /* a set of enum cpu_feature */

    /* Writes `count` whole keystream blocks, from block `first` of the unit on. count may be 0, and dst has
     * any alignment. */
    void (*blocks)(const struct keystream *stream, uint64_t first, uint8_t *dst, size_t count, enum kernel_way way);

    /* The same for whole sectors, each split by q, which is below 512 bytes. */
    void (*sectors)(const struct keystream *stream, uint64_t q, uint64_t first, uint8_t *dst, size_t count,
                    enum kernel_way way);

    /* How many of `count` whole sectors, from sector `first` of the unit on, are at src as they should be, up to the
     * first that is not. Here q may also be that of 512 bytes, compress 1. */
    size_t (*match)(const struct keystream *stream, uint64_t q, uint64_t first, const uint8_t *src, size_t count);

    /* Undoes both rounds: the left and the right word that made a block. */
    void (*undo)(const uint8_t *round_keys, const uint8_t *block, uint64_t words[2]);

    /* How many bytes and bits of `count` sectors differ. */
    struct difference (*difference)(const uint8_t *a, const uint8_t *b, size_t count);
};

extern const struct kernel kernel_scalar, kernel_aesni, kernel_vaes256, kernel_vaes512, kernel_neon;

/* What the x86 kernels share. */
void aesni_undo(const uint8_t *round_keys, const uint8_t *block, uint64_t words[2]);

/* The kernels of this build, the fastest first; NULL past the last. */
const struct kernel *kernel_at(size_t index);
/* NULL where this build has none of that name. */
const struct kernel *kernel_named(const char *name);
/* The fastest one that a CPU with these features runs. */
const struct kernel *kernel_best(uint32_t features);

#endif
