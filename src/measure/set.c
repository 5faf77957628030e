#include "measure/set.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"

/* Linear probing finds an absent hash after 8.5 places at a load of 3/4, and after 32 at 7/8 (Knuth, TAOCP 3, 6.4). */
enum { LOAD = 3, LOAD_OF = 4 };

/* Places to begin with: 24 KiB. */
enum { FIRST_ROOM = 1024 };

/* The last growth is to 7/8 of the memory from 1/8 at most, as both tables live while it lasts. */
enum { OLD_SHARE = 8 };

/* Pieces whose places are on their way to the cache. Each of them is a miss once the table outgrows it, and a core has
 * some 16 to 48 of those under way at once. */
enum { QUEUE = 32 };

/* All bits that a slot keeps of the hash's upper word. */
enum { MOST_HALVINGS = 32 };

/* Places are kept in sectors, modulo 2^32 of them; distances are told in blocks of 4 KiB. */
enum { SECTOR = 512, SECTORS_OF_4K = 8 };

/* Nobody's place where the count is 0. 96 bits of a hash keep 2^32 pieces apart but for once in 2^33 sets. */
struct slot {
    uint64_t low;
    uint32_t high;
    uint32_t len, count;
    uint32_t last; /* where it came last, in sectors */
};

struct waiting {
    uint64_t low;
    uint32_t high;
    uint32_t len;
    uint32_t at;
};

struct measure_set {
    struct slot *slots;
    uint64_t room, used, most_room;
    unsigned halvings;
    unsigned waits;
    uint64_t pieces, bytes, zero_pieces, zero_bytes;
    double distances[MEASURE_DISTANCE_CLASSES];
    struct waiting queue[QUEUE];
};

int measure_set_new(struct measure_set **set, uint64_t memory)
{
    struct measure_set *made;
    uint64_t places;

    if (memory < MEASURE_SET_LEAST)
        return -EINVAL;
    made = calloc(1, sizeof *made);
    if (!made)
        return -ENOMEM;
    places = bits_min(memory - sizeof *made, SIZE_MAX / 2) / sizeof(struct slot);
    made->most_room = places / OLD_SHARE * (OLD_SHARE - 1);
    *set = made;
    return 0;
}

void measure_set_free(struct measure_set *set)
{
    if (set)
        free(set->slots);
    free(set);
}

/* The sample hangs on one word, the place on the other: what is left of a sample is spread over the whole table. */
static bool is_sampled(const struct measure_set *set, uint64_t high)
{
    return (high & ((UINT64_C(1) << set->halvings) - 1)) == 0;
}

static uint64_t home_of(const struct measure_set *set, uint64_t low)
{
    return bits_mul_hi(low, set->room);
}

/* The place of a hash: where it is, or the empty one where it belongs. */
static struct slot *place_of(const struct measure_set *set, uint64_t low, uint32_t high)
{
    uint64_t i = home_of(set, low);

    while (set->slots[i].count != 0 && (set->slots[i].low != low || set->slots[i].high != high))
        i = i + 1 < set->room ? i + 1 : 0;
    return &set->slots[i];
}

static uint64_t next_room(const struct measure_set *set)
{
    const uint64_t most_old = set->most_room / (OLD_SHARE - 1);

    if (set->room == 0)
        return bits_min(FIRST_ROOM, most_old);
    return 2 * set->room <= most_old ? 2 * set->room : set->most_room;
}

static int grow(struct measure_set *set)
{
    const uint64_t room = set->room;
    struct slot *const old = set->slots, *const slots = calloc(next_room(set), sizeof *slots);

    if (!slots)
        return -ENOMEM;
    set->room = next_room(set);
    set->slots = slots;
    for (uint64_t i = 0; i < room; i++) {
        if (old[i].count != 0)
            *place_of(set, old[i].low, old[i].high) = old[i];
    }
    free(old);
    return 0;
}

/* Room for a whole queue, as far as the set may grow. */
static int make_room(struct measure_set *set)
{
    int r = 0;

    while (set->room < set->most_room && set->used + QUEUE > set->room / LOAD_OF * LOAD && r == 0)
        r = grow(set);
    return r;
}

/*
 * Drops half of the sample, in place: each piece, from an empty place on, leaves its place, and where it stays in the
 * sample goes back to the first empty one from its home on. That is its old place or one before it, and no place that
 * was filled so is emptied again: all pieces stay within reach.
 */
static void thin(struct measure_set *set)
{
    uint64_t empty = 0;

    set->halvings++;
    while (set->slots[empty].count != 0)
        empty++;
    for (uint64_t n = 1; n < set->room; n++) {
        struct slot *const place = &set->slots[empty + n < set->room ? empty + n : empty + n - set->room];
        const struct slot moved = *place;

        if (moved.count == 0)
            continue;
        place->count = 0;
        if (is_sampled(set, moved.high))
            *place_of(set, moved.low, moved.high) = moved;
        else
            set->used--;
    }
}

static double scale_of(const struct measure_set *set)
{
    return ldexp(1, (int)set->halvings); /* 1 / p */
}

/* Below 4 KiB: 0; below 8: 1; below 16: 2. */
static unsigned distance_class(uint32_t sectors)
{
    const uint32_t distance = sectors / SECTORS_OF_4K;

    return distance > 0 ? 32 - (unsigned)__builtin_clz(distance) : 0;
}

static void move_in(struct measure_set *set, const struct waiting *piece)
{
    struct slot *place;

    if (!is_sampled(set, piece->high))
        return; /* thinned out while it waited */
    place = place_of(set, piece->low, piece->high);
    if (place->count == 0) {
        *place = (struct slot) { .low = piece->low, .high = piece->high, .len = piece->len };
        set->used++;
    } else {
        set->distances[distance_class(piece->at - place->last)] += scale_of(set);
    }
    place->last = piece->at;
    place->count += place->count < UINT32_MAX;
    while (set->used > set->most_room / LOAD_OF * LOAD && set->halvings < MOST_HALVINGS)
        thin(set);
}

static void empty_queue(struct measure_set *set)
{
    for (unsigned i = 0; i < set->waits; i++)
        move_in(set, &set->queue[i]);
    set->waits = 0;
}

double measure_set_new_weight(struct measure_set *set, struct measure_digest digest)
{
    empty_queue(set);
    if (!is_sampled(set, digest.high))
        return 0;
    if (set->room > 0 && place_of(set, digest.low, (uint32_t)digest.high)->count > 0)
        return 0;
    return scale_of(set);
}

int measure_set_add(struct measure_set *set, struct measure_digest digest, uint32_t len, bool zero)
{
    const uint32_t at = (uint32_t)(set->bytes / SECTOR);

    set->pieces++;
    set->bytes += len;
    set->zero_pieces += zero;
    set->zero_bytes += zero ? len : 0;
    if (!is_sampled(set, digest.high))
        return 0;
    /* Here and not while the queue moves in: the table that was asked for is the one that is used. */
    if (set->waits == 0 && make_room(set) < 0)
        return -ENOMEM;
    set->queue[set->waits++] =
        (struct waiting) { .low = digest.low, .high = (uint32_t)digest.high, .len = len, .at = at };
    __builtin_prefetch(&set->slots[home_of(set, digest.low)], 1);
    if (set->waits == QUEUE)
        empty_queue(set);
    return 0;
}

/* 1: 0; 2: 1; 3 and 4: 2; 5 to 8: 3. */
static unsigned reuse_class(uint32_t count)
{
    const unsigned class = count > 1 ? 32 - (unsigned)__builtin_clz(count - 1) : 0;

    return class < MEASURE_REUSE_CLASSES ? class : MEASURE_REUSE_CLASSES - 1;
}

/* Of the sample: its bytes, the sum of the lengths' squares, and how often its pieces came. */
static void sum_sample(const struct measure_set *set, double *sum, double *squares, double reuse[MEASURE_REUSE_CLASSES])
{
    *sum = *squares = 0;
    for (uint64_t i = 0; i < set->room; i++) {
        const struct slot *const slot = &set->slots[i];

        if (slot->count == 0)
            continue;
        *sum += slot->len;
        *squares += (double)slot->len * slot->len;
        reuse[reuse_class(slot->count)]++;
    }
}

/* The estimates of set.h. */
static void estimate(const struct measure_set *set, struct measure_set_result *result)
{
    const double scale = scale_of(set);
    const double most = (double)set->bytes;
    double sum, squares, margin, bytes;

    sum_sample(set, &sum, &squares, result->reuse);
    bytes = sum * scale;
    margin = sqrt((1 - 1 / scale) * squares) * scale;
    for (unsigned i = 0; i < MEASURE_REUSE_CLASSES; i++)
        result->reuse[i] *= scale;
    result->distinct = fmin((double)set->used * scale, (double)set->pieces);
    result->distinct_bytes = fmin(bytes, most);
    result->relative_error = sum > 0 ? margin / bytes : 0;
    result->distinct_bytes_low = fmin(fmax(sum, bytes - 1.96 * margin), most);
    result->distinct_bytes_high = fmin(bytes + 1.96 * margin, most);
}

void measure_set_result(struct measure_set *set, struct measure_set_result *result)
{
    empty_queue(set);
    *result = (struct measure_set_result) {
        .pieces = set->pieces,
        .bytes = set->bytes,
        .zero_pieces = set->zero_pieces,
        .zero_bytes = set->zero_bytes,
        .exact = set->halvings == 0,
        .halvings = set->halvings,
    };
    estimate(set, result);
    memcpy(result->distances, set->distances, sizeof result->distances);
}
