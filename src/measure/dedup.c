#include "measure/dedup.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include <xxhash.h>

#include "base/bits.h"

enum { FIRST_ROOM = 1024 };

/* Low word 0 is an empty place. */
struct measure_hash {
    uint64_t low, high;
};

static struct measure_hash hash_of(XXH128_hash_t h)
{
    return (struct measure_hash) { .low = h.low64 ? h.low64 : 1, .high = h.high64 };
}

/* The place of a hash: where it is, or the empty one where it belongs. */
static struct measure_hash *place_of(struct measure_hash *slots, uint64_t room, struct measure_hash h)
{
    uint64_t i = h.low & (room - 1);

    while (slots[i].low != 0 && (slots[i].low != h.low || slots[i].high != h.high))
        i = (i + 1) & (room - 1);
    return &slots[i];
}

static int grow(struct measure_dedup *counter)
{
    const uint64_t room = counter->room ? 2 * counter->room : FIRST_ROOM;
    struct measure_hash *const slots = calloc(room, sizeof *slots);

    if (!slots)
        return -ENOMEM;
    for (uint64_t i = 0; i < counter->room; i++) {
        if (counter->slots[i].low != 0)
            *place_of(slots, room, counter->slots[i]) = counter->slots[i];
    }
    free(counter->slots);
    counter->slots = slots;
    counter->room = room;
    return 0;
}

static int count_block(struct measure_dedup *counter, struct measure_hash h)
{
    const bool full = 2 * counter->distinct >= counter->room;
    const int r = full ? grow(counter) : 0;
    struct measure_hash *place;

    if (r < 0)
        return r;
    place = place_of(counter->slots, counter->room, h);
    counter->blocks++;
    counter->distinct += place->low == 0;
    *place = h;
    return 0;
}

/* Takes bytes up to the end of the block at most. */
static int add_part(struct measure_dedup *counter, const void *data, size_t len)
{
    if (!counter->partial)
        counter->partial = XXH3_createState();
    if (!counter->partial)
        return -ENOMEM;
    if (counter->partial_len == 0)
        XXH3_128bits_reset(counter->partial);
    XXH3_128bits_update(counter->partial, data, len);
    counter->partial_len += len;
    if (counter->partial_len < counter->block)
        return 0;
    counter->partial_len = 0;
    return count_block(counter, hash_of(XXH3_128bits_digest(counter->partial)));
}

int measure_dedup_add(struct measure_dedup *counter, const void *data, size_t len)
{
    const uint8_t *p = data;
    int r = bits_is_pow2(counter->block) ? 0 : -EINVAL;

    while (len > 0 && r == 0) {
        const size_t missing = counter->block - counter->partial_len, n = len < missing ? len : missing;

        r = n == counter->block ? count_block(counter, hash_of(XXH3_128bits(p, n))) : add_part(counter, p, n);
        p += n;
        len -= n;
    }
    return r;
}

double measure_dedup_ratio(const struct measure_dedup *counter)
{
    return counter->distinct ? (double)counter->blocks / (double)counter->distinct : 1;
}

void measure_dedup_free(struct measure_dedup *counter)
{
    free(counter->slots);
    XXH3_freeState(counter->partial);
    counter->slots = NULL;
    counter->partial = NULL;
    counter->room = 0;
}
