#include "file_set.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "set_threads.h"
#include "text.h"

/* Sums over chunks, each by one thread. */
struct sums {
    const struct set *set;
    struct extent *chunks;
    atomic_uint_fast64_t next;
};

static uint64_t chunk_end(const struct set *set, uint64_t chunk)
{
    const uint64_t first = chunk * set->chunk_files;

    return set->files - first < set->chunk_files ? set->files : first + set->chunk_files;
}

static void sum_chunks(void *job, unsigned index)
{
    struct sums *const sums = job;
    const struct set *const set = sums->set;
    uint64_t i;
    (void)index;

    while ((i = atomic_fetch_add(&sums->next, 1)) < set->chunk_count)
        sums->chunks[i] = extent_of(&set->sizes, set->spec.unit, i * set->chunk_files, chunk_end(set, i));
}

/* A thread goes over a chunk's files by itself. Whole directories, so that two threads do not wait for one directory's
 * lock, where there are enough for all; else so many that none is left alone with a long rest. */
static void cut(struct set *set, unsigned threads)
{
    const uint64_t least = set->files / SET_CHUNKS + 1, share = set->files / (64 * (uint64_t)threads) + 1;

    if (set->per_dir <= set->files / (16 * (uint64_t)threads))
        set->chunk_files = (least + set->per_dir - 1) / set->per_dir * set->per_dir;
    else
        set->chunk_files = least > share ? least : share;
    set->chunk_count = set->files / set->chunk_files + (set->files % set->chunk_files > 0);
}

/* Draws the sizes, once: sums over all, and the unit at which each chunk begins. */
static bool sum_all(struct set *set, unsigned threads)
{
    struct extent *const chunks = calloc(SET_CHUNKS, sizeof *chunks);
    struct sums sums = { .set = set, .chunks = chunks };

    set->chunk_units = calloc(SET_CHUNKS, sizeof *set->chunk_units);
    if (!chunks || !set->chunk_units) {
        free(chunks);
        return false;
    }
    set_threads_run(threads, sum_chunks, &sums);
    for (uint64_t i = 0; i < set->chunk_count; i++) {
        set->chunk_units[i] = set->all.units;
        set->all = extent_join(set->all, chunks[i]);
    }
    free(chunks);
    return true;
}

static enum exit_code check_room(const struct set *set)
{
    const uint64_t limit = fodder_plan_limit(set->plan), unit = set->spec.unit;

    if (set->all.units <= limit / unit && set->all.bytes <= INT64_MAX)
        return EXIT_FINE;
    return fail(EXIT_USAGE,
                "--files %" PRIu64
                " of these sizes need more than the %s that a data set has; ask for fewer or smaller "
                "files%s",
                set->files, text_size((double)limit).text, limit >> 63 ? "" : ", or for a larger --unit");
}

static int make_plans(struct set *set)
{
    int r = fodder_plan_new(&set->plan, &set->spec);

    for (size_t i = 0; i < set->part_count && r == 0; i++) {
        fodder_spec spec = set->spec;

        spec.generation = set->parts[i].generation;
        r = fodder_plan_new(&set->parts[i].plan, &spec);
    }
    if (r == 0)
        set->spec = fodder_plan_spec(set->plan);
    return r == 0 ? fodder_spec_print(&set->spec, set->text, sizeof set->text) : r;
}

enum exit_code set_prepare(struct set *set, unsigned threads)
{
    const char *why;
    uint64_t units;
    enum exit_code code;
    int r = make_plans(set);

    if (r < 0)
        return fail(EXIT_FAILED, "the plan: %s", fodder_strerror(r));
    if (names_of(&set->names, set->pattern, set->per_dir, set->files, &why) < 0)
        return fail(EXIT_USAGE, "--names %s: %s", set->pattern, why);
    sizes_begin(&set->sizes, set->spec.seed, set->spec.series);
    cut(set, threads);
    if (set->sizes.rule == SIZES_FIXED)
        set->all = extent_of(&set->sizes, set->spec.unit, 0, set->files);
    else if (!sum_all(set, threads))
        return fail(EXIT_FAILED, "%s", strerror(ENOMEM));
    code = check_room(set);
    if (code != EXIT_FINE)
        return code;
    r = fodder_plan_count(set->plan, 0, set->all.units * set->spec.unit, &units, &set->distinct);
    return r < 0 ? fail(EXIT_FAILED, "the plan: %s", fodder_strerror(r)) : EXIT_FINE;
}

void set_free(struct set *set)
{
    fodder_plan_free(set->plan);
    for (size_t i = 0; i < set->part_count; i++)
        fodder_plan_free(set->parts[i].plan);
    free(set->chunk_units);
    sizes_free(&set->sizes);
    *set = (struct set) { 0 };
}

bool set_add_part(struct set *set, uint64_t first, uint64_t last, uint64_t generation)
{
    size_t kept = 0;

    for (size_t i = 0; i < set->part_count; i++) {
        if (set->parts[i].first < first || set->parts[i].last > last)
            set->parts[kept++] = set->parts[i];
    }
    set->part_count = kept;
    if (kept == SET_PARTS)
        return false;
    set->parts[set->part_count++] = (struct set_part) { .first = first, .last = last, .generation = generation };
    return true;
}

const fodder_plan *set_plan_of(const struct set *set, uint64_t k)
{
    for (size_t i = set->part_count; i > 0; i--) {
        if (set->parts[i - 1].first <= k && k <= set->parts[i - 1].last)
            return set->parts[i - 1].plan;
    }
    return set->plan;
}

/* Of ids that occur `ratio` times in the mean, the share that occurs at least once among the units that are left when
 * the share `lost` of all is taken away. A window's later new units have fewer duplicates: one that comes at the share
 * t of it has -(ratio - 1) * ln t in the mean, and the mean of lost^duplicates over all t is 1 / (1 + (ratio - 1) * (1
 * - lost)). */
static double seen(double ratio, double lost)
{
    return 1 - lost / (1 + (ratio - 1) * (1 - lost));
}

double set_dedup(const struct set *set)
{
    const double unit = (double)set->spec.unit, units = (double)set->all.units, ids = (double)set->distinct;
    const double ratio = units / ids, cut = 1 - (double)set->all.whole / unit / units;
    double ends = (double)(set->all.bytes - set->all.whole);

    if (set->all.bytes == 0)
        return 1;
    if (set->sizes.rule == SIZES_FIXED) /* all cut at the same place */
        ends = ids * seen(ratio, 1 - cut) * (double)(set->sizes.min % set->spec.unit);
    return (double)set->all.bytes / (ids * unit * seen(ratio, cut) + ends);
}
