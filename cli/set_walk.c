#include "file_set.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "set_threads.h"

struct shared {
    const struct set_walk *walk;
    atomic_uint_fast64_t next_chunk;
    atomic_int error;
};

/* Numbers from 0 to before n of which ceil(n * sample / SET_ALL) are in the sample, spread evenly, 0 among them. */
static uint64_t sampled_before(const struct set_walk *walk, uint64_t n)
{
    const uint64_t whole = n / SET_ALL * walk->sample, rest = n % SET_ALL * walk->sample;

    return whole + rest / SET_ALL + (rest % SET_ALL > 0);
}

/* The rank's files below k. */
static uint64_t mine_before(const struct set_walk *walk, uint64_t k)
{
    return k > walk->rank ? (k - walk->rank - 1) / walk->world + 1 : 0;
}

static bool wanted(const struct set_walk *walk, uint64_t k)
{
    const uint64_t n = mine_before(walk, k);

    return k % walk->world == walk->rank && k >= walk->first && k <= walk->last &&
           sampled_before(walk, n + 1) > sampled_before(walk, n);
}

struct set_walk set_walk_all(const struct set *set)
{
    const bool none = set->files == 0;

    return (struct set_walk) { .set = set,
                               .first = none ? 1 : 0,
                               .last = none ? 0 : set->files - 1,
                               .world = 1,
                               .sample = SET_ALL,
                               .threads = 1 };
}

uint64_t set_walk_files(const struct set_walk *walk)
{
    if (walk->last < walk->first)
        return 0;
    return sampled_before(walk, mine_before(walk, walk->last + 1)) -
           sampled_before(walk, mine_before(walk, walk->first));
}

uint64_t set_walk_bytes(const struct set_walk *walk)
{
    const struct set *const set = walk->set;

    if (set->files == 0)
        return 0;
    return (uint64_t)((double)set->all.bytes * ((double)set_walk_files(walk) / (double)set->files));
}

static bool visit(const struct set_walk *walk, struct set_hand *hand, struct set_file *file, uint64_t unit)
{
    file->start = unit * walk->set->spec.unit;
    names_print(file->name, &walk->set->names, file->k);
    return walk->visit(walk->user, hand, file);
}

/* Where all sizes are equal each file's place is a product, and those of other ranks are not looked at. */
static bool visit_equal(const struct set_walk *walk, struct set_hand *hand, uint64_t first, uint64_t last)
{
    const uint64_t size = walk->set->sizes.min, units = extent_units(size, walk->set->spec.unit);
    const uint64_t ahead = (walk->rank + walk->world - first % walk->world) % walk->world;
    struct set_file file = { .size = size };

    for (file.k = first + ahead; file.k <= last; file.k += walk->world) {
        if (wanted(walk, file.k) && !visit(walk, hand, &file, file.k * units))
            return false;
    }
    return true;
}

static bool visit_drawn(const struct set_walk *walk, struct set_hand *hand, uint64_t first, uint64_t last,
                        uint64_t unit)
{
    struct set_file file;

    for (file.k = first; file.k <= last; file.k++) {
        file.size = sizes_of(&walk->set->sizes, file.k);
        if (wanted(walk, file.k) && !visit(walk, hand, &file, unit))
            return false;
        unit += extent_units(file.size, walk->set->spec.unit);
    }
    return true;
}

static bool visit_chunk(const struct set_walk *walk, struct set_hand *hand, uint64_t chunk)
{
    const struct set *const set = walk->set;
    const uint64_t first = chunk * set->chunk_files, end = first + set->chunk_files - 1;
    const uint64_t last = end < walk->last ? end : walk->last;

    if (end < walk->first)
        return true;
    return set->chunk_units ? visit_drawn(walk, hand, first, last, set->chunk_units[chunk])
                            : visit_equal(walk, hand, first, last);
}

static void visit_chunks(struct shared *shared, struct set_hand *hand)
{
    const struct set_walk *const walk = shared->walk;

    while (atomic_load(&shared->error) == 0) {
        const uint64_t chunk = atomic_fetch_add(&shared->next_chunk, 1);

        if (chunk >= walk->set->chunk_count || chunk * walk->set->chunk_files > walk->last)
            break;
        if (!visit_chunk(walk, hand, chunk))
            atomic_store(&shared->error, -ECANCELED);
    }
}

static void work(void *job, unsigned index)
{
    struct shared *const shared = job;
    struct set_hand hand = { .index = index,
                             .dir = { .root = shared->walk->root, .fd = -1 },
                             .block = aligned_alloc(4096, SET_BLOCK) };

    if (hand.block)
        visit_chunks(shared, &hand);
    else
        atomic_store(&shared->error, -ENOMEM);
    set_dir_close(&hand.dir);
    free(hand.block);
}

int set_walk_run(const struct set_walk *walk)
{
    struct shared shared = { .walk = walk };

    if (set_walk_files(walk) > 0)
        set_threads_run(walk->threads, work, &shared);
    return atomic_load(&shared.error);
}

bool set_find(const struct set *set, uint64_t offset, struct set_file *file)
{
    const uint64_t unit = offset / set->spec.unit;
    uint64_t low = 0, high = set->chunk_count, at;

    if (unit >= set->all.units)
        return false;
    if (!set->chunk_units) {
        at = extent_units(set->sizes.min, set->spec.unit);
        *file = (struct set_file) { .k = unit / at, .size = set->sizes.min, .start = unit / at * at * set->spec.unit };
        names_print(file->name, &set->names, file->k);
        return true;
    }
    while (high - low > 1) {
        const uint64_t middle = (low + high) / 2;

        if (set->chunk_units[middle] <= unit)
            low = middle;
        else
            high = middle;
    }
    at = set->chunk_units[low];
    file->k = low * set->chunk_files;
    for (;; file->k++) {
        file->size = sizes_of(&set->sizes, file->k);
        if (unit - at < extent_units(file->size, set->spec.unit))
            break;
        at += extent_units(file->size, set->spec.unit);
    }
    file->start = at * set->spec.unit;
    names_print(file->name, &set->names, file->k);
    return true;
}
