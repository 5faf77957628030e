/*
 * Faults of random kind, place and length, several in one piece of data, against a naive account of what they are:
 * sector by sector, from what was planted, with the oracle for places. Good data give no alarm.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

enum { MOST = 2 << 20, MOST_FAULTS = 8, MOST_RUNS = MOST / 512 + 2, SECTOR = 512 };

enum { FLIP_BITS = FODDER_CORRUPT, RANDOM_BYTES = FODDER_MISSING }; /* beside the kinds that have a name */

struct fault {
    uint32_t kind;
    size_t at, len;
    uint64_t source;     /* of its first byte; for misplaced and foreign */
    uint64_t generation; /* for stale */
};

struct round {
    char text[FODDER_SPEC_TEXT];
    fodder_spec spec;
    struct oracle oracle, foreign_oracle;
    fodder_plan *plan, *foreign;
    uint64_t offset;
    size_t len;
    uint8_t *got, *want;
    struct fault faults[MOST_FAULTS];
    size_t fault_count;
};

struct runs {
    fodder_run *list;
    size_t count;
};

static fodder_plan *plan_for(const fodder_spec *spec, uint64_t series, uint64_t generation)
{
    fodder_spec other = *spec;
    fodder_plan *plan;

    other.series += series;
    other.generation = generation;
    assert_int_equal(fodder_plan_new(&plan, &other), 0);
    return plan;
}

static uint64_t random_log(struct random *r, uint64_t most)
{
    const uint64_t bound = (most >> random_below(r, 64 - (unsigned)__builtin_clzll(most))) + 1;

    return 1 + random_below(r, bound < most ? bound : most);
}

/* ---- Planting ---------------------------------------------------------------------------------------------------- */

/* That of the same spec with another series. */
static struct oracle foreign_oracle_of(const struct round *round)
{
    struct oracle_spec spec = round->oracle.spec;
    struct oracle oracle;

    spec.series++;
    oracle_init(&oracle, &spec);
    return oracle;
}

static void start_round(struct round *round, struct random *r)
{
    static const char *const dedups[] = { "1", "1.5", "2", "5", "100" };
    static const char *const compresses[] = { "1", "1.25", "2", "4", "8", "16" };
    static const char *const units[] = { "4KiB", "64KiB", "1MiB" };

    snprintf(round->text, sizeof round->text,
             "fodder1:seed=%llu,generation=%llu,dedup=%s,compress=%s,unit=%s,window=%d,codec=%s",
             (unsigned long long)random_next(r), (unsigned long long)random_below(r, 1 << 20),
             dedups[random_below(r, 5)], compresses[random_below(r, 6)], units[random_below(r, 3)],
             random_below(r, 2) ? 8 : 1024, fodder_codec_name((uint32_t)random_below(r, 4)));
    assert_int_equal(fodder_spec_parse(&round->spec, round->text, NULL), 0);
    round->oracle = oracle_of(round->text);
    round->foreign_oracle = foreign_oracle_of(round);
    round->plan = plan_for(&round->spec, 0, round->spec.generation);
    round->foreign = plan_for(&round->spec, 1, 3);
    round->offset = random_below(r, UINT64_C(1) << (20 + random_below(r, 20)));
    if (random_below(r, 3))
        round->offset &= ~UINT64_C(511);
    round->len = 1 + random_below(r, MOST >> random_below(r, 8));
    fodder_fill(round->plan, round->offset, round->want, round->len);
    memcpy(round->got, round->want, round->len);
    round->fault_count = 0;
}

static void end_round(struct round *round)
{
    fodder_plan_free(round->foreign);
    fodder_plan_free(round->plan);
}

/* An offset that lies, in its sector, where the fault does. */
static uint64_t random_source(const struct round *round, const struct fault *fault, struct random *r)
{
    return random_below(r, 1 << 21) * SECTOR + (round->offset + fault->at) % SECTOR;
}

/* Any bytes, whole sectors, or all from a sector on to the end of a unit: a torn write. */
static void choose_range(const struct round *round, struct fault *f, struct random *r)
{
    const uint64_t unit = round->spec.unit ? round->spec.unit : 1 << 20, way = random_below(r, 3);
    uint64_t start = round->offset + random_below(r, round->len), end = start + random_log(r, 1 << 20);

    if (way > 0) {
        start = start / SECTOR * SECTOR;
        end = way == 1 ? (end + SECTOR - 1) / SECTOR * SECTOR : (start / unit + 1) * unit;
    }
    if (start < round->offset)
        start = round->offset;
    if (end > round->offset + round->len)
        end = round->offset + round->len;
    f->at = start - round->offset;
    f->len = end - start;
}

static void plant(struct round *round, struct random *r)
{
    struct fault *const f = &round->faults[round->fault_count++];
    uint8_t *dst;
    fodder_plan *old;

    *f = (struct fault) { .kind = FODDER_ZEROED + (uint32_t)random_below(r, RANDOM_BYTES) };
    choose_range(round, f, r);
    dst = round->got + f->at;
    switch (f->kind) {
    case FODDER_ZEROED:
        memset(dst, 0, f->len);
        break;
    case FODDER_CONSTANT:
        memset(dst, 1 + (int)random_below(r, 255), f->len);
        break;
    case FODDER_MISPLACED:
        f->source = random_source(round, f, r);
        fodder_fill(round->plan, f->source, dst, f->len);
        break;
    case FODDER_STALE:
        f->generation = random_below(r, 1 << 20);
        old = plan_for(&round->spec, 0, f->generation);
        fodder_fill(old, round->offset + f->at, dst, f->len);
        fodder_plan_free(old);
        break;
    case FODDER_FOREIGN:
        f->source = random_source(round, f, r);
        fodder_fill(round->foreign, f->source, dst, f->len);
        break;
    case FLIP_BITS:
        for (uint64_t n = random_log(r, 100); n > 0; n--)
            dst[random_below(r, f->len)] ^= (uint8_t)(1 << random_below(r, 8));
        break;
    default:
        for (size_t i = 0; i < f->len; i++)
            dst[i] = (uint8_t)random_next(r);
    }
}

/* ---- The naive account ------------------------------------------------------------------------------------------- */

/* The first unit that holds what unit i does, by bisection: n(i) only grows. */
static uint64_t first_twin(const struct oracle *oracle, uint64_t i)
{
    const uint64_t id = oracle_id(oracle, i);
    uint64_t low = 0, high = i;

    while (low < high) {
        const uint64_t middle = low + (high - low) / 2;

        if (oracle_n(oracle, middle + 1) > id)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static uint64_t lowest_offset(const struct oracle *oracle, uint64_t offset)
{
    const unsigned lg = oracle->spec.lg_unit;

    return (first_twin(oracle, offset >> lg) << lg) + (offset & ((UINT64_C(1) << lg) - 1));
}

/* Does the part of a sector that begins at this offset have a whole block of keystream? */
static bool has_block(const struct round *round, uint64_t offset, size_t len)
{
    const uint64_t unit = UINT64_C(1) << round->oracle.spec.lg_unit;
    const size_t at = offset % SECTOR, block = (at + 15) / 16 * 16;

    return block + 16 <= at + len && block + 16 <= oracle_k(&round->oracle, offset % unit / SECTOR);
}

static bool holds(const fodder_plan *plan, uint64_t source, const uint8_t *got, size_t len)
{
    uint8_t made[SECTOR];

    fodder_fill(plan, source, made, len);
    return memcmp(made, got, len) == 0;
}

/* If the sector part at `offset` holds what the fault put there, completes the run's kind and source. */
static bool is_fault(const struct round *round, const struct fault *f, uint64_t offset, const uint8_t *got, size_t len,
                     fodder_run *run)
{
    const uint64_t source = f->source + (offset - (round->offset + f->at));
    const uint64_t generation = f->kind == FODDER_STALE ? f->generation : round->spec.generation;
    fodder_plan *plan;
    bool same;

    if (f->kind == FODDER_FOREIGN) {
        if (!has_block(round, source, len) || !holds(round->foreign, source, got, len))
            return false;
        *run = (fodder_run) { .kind = FODDER_FOREIGN,
                              .generation = 3,
                              .source = lowest_offset(&round->foreign_oracle, source) };
        return true;
    }
    if (f->kind != FODDER_MISPLACED && f->kind != FODDER_STALE)
        return false;
    plan = plan_for(&round->spec, 0, generation);
    same = holds(plan, f->kind == FODDER_STALE ? offset : source, got, len);
    fodder_plan_free(plan);
    if (!same || !has_block(round, f->kind == FODDER_STALE ? offset : source, len))
        return false;
    *run = (fodder_run) { .kind = f->kind, .generation = generation };
    if (f->kind == FODDER_MISPLACED)
        run->source = lowest_offset(&round->oracle, source);
    return true;
}

/* What the sector part at round->offset + at is; kind 0 where it is right. */
static fodder_run account(const struct round *round, size_t at, size_t len)
{
    const uint8_t *const got = round->got + at, *const want = round->want + at;
    const uint64_t offset = round->offset + at;
    fodder_run run = { .kind = FODDER_CORRUPT };
    bool constant = len >= 16;

    if (memcmp(got, want, len) == 0)
        return (fodder_run) { 0 };
    for (size_t i = 0; i < len; i++)
        constant = constant && got[i] == got[0];
    if (constant)
        run = (fodder_run) { .kind = got[0] ? FODDER_CONSTANT : FODDER_ZEROED, .value = got[0] };
    for (size_t i = 0; i < round->fault_count && run.kind == FODDER_CORRUPT; i++)
        is_fault(round, &round->faults[i], offset, got, len, &run);
    run.offset = offset;
    run.len = len;
    for (size_t i = 0; i < len; i++) {
        if (got[i] == want[i])
            continue;
        if (run.bytes++ == 0)
            run.first = offset + i;
        run.last = offset + i;
        run.bits += (unsigned)__builtin_popcount(got[i] ^ want[i]);
    }
    return run;
}

static bool goes_on(const fodder_run *a, const fodder_run *b)
{
    const bool placed = a->kind == FODDER_MISPLACED || a->kind == FODDER_FOREIGN;

    return a->offset + a->len == b->offset && a->kind == b->kind && a->value == b->value &&
           a->generation == b->generation && (!placed || b->source - a->source == b->offset - a->offset);
}

static struct runs account_all(const struct round *round)
{
    static fodder_run list[MOST_RUNS];
    struct runs runs = { .list = list };

    for (size_t at = 0, len; at < round->len; at += len) {
        fodder_run run, *last = runs.count ? &list[runs.count - 1] : NULL;

        len = SECTOR - (round->offset + at) % SECTOR;
        if (len > round->len - at)
            len = round->len - at;
        run = account(round, at, len);
        if (run.kind == 0)
            continue;
        if (last && goes_on(last, &run)) {
            last->len += run.len;
            last->last = run.last;
            last->bytes += run.bytes;
            last->bits += run.bits;
        } else {
            list[runs.count++] = run;
        }
    }
    return runs;
}

/* Marks the runs that begin inside a unit, after nothing wrong in it, and reach its end or the range's. */
static void mark_torn(const struct round *round, struct runs *runs)
{
    const uint64_t unit = UINT64_C(1) << round->oracle.spec.lg_unit, range_end = round->offset + round->len;

    for (size_t i = 0; i < runs->count; i++) {
        fodder_run *const run = &runs->list[i];
        const uint64_t start = run->offset / unit * unit;
        const uint64_t end = start + unit < range_end ? start + unit : range_end;
        const bool inside = run->offset > start && run->offset > round->offset;
        const bool first = i == 0 || run[-1].offset + run[-1].len <= start;

        run->torn = inside && first && run->offset + run->len >= end;
    }
}

/* ---- Verifying --------------------------------------------------------------------------------------------------- */

static void collect(void *user, const fodder_run *run)
{
    struct runs *const runs = user;

    assert_true(runs->count < MOST_RUNS);
    runs->list[runs->count++] = *run;
}

static struct runs verify(const struct round *round, struct random *r, fodder_report *report)
{
    static fodder_run list[MOST_RUNS];
    struct runs runs = { .list = list };
    const fodder_plan *const foreign[] = { round->foreign };
    const fodder_verify_options options =
        FODDER_VERIFY(.foreign = foreign, .foreign_count = 1, .run = collect, .user = &runs);
    fodder_verifier *verifier;

    if (random_below(r, 2)) {
        assert_int_equal(fodder_verify(round->plan, round->offset, round->got, round->len, &options, report), 0);
        return runs;
    }
    assert_int_equal(fodder_verifier_new(&verifier, round->plan, round->offset, round->len, &options), 0);
    for (size_t at = 0, len; at < round->len; at += len) {
        len = random_log(r, 100000);
        len = len < round->len - at ? len : round->len - at;
        assert_int_equal(fodder_verifier_add(verifier, round->got + at, len), 0);
    }
    fodder_verifier_end(verifier, report);
    fodder_verifier_free(verifier);
    return runs;
}

static void print_run(const char *whose, const fodder_run *run)
{
    print_error("%s: %s%s %llu+%llu, %llu-%llu, %llu bytes %llu bits, source %llu generation %llu value %llu\n", whose,
                fodder_kind_name(run->kind), run->torn ? " torn" : "", (unsigned long long)run->offset,
                (unsigned long long)run->len, (unsigned long long)run->first, (unsigned long long)run->last,
                (unsigned long long)run->bytes, (unsigned long long)run->bits, (unsigned long long)run->source,
                (unsigned long long)run->generation, (unsigned long long)run->value);
}

_Static_assert(sizeof(fodder_run) == 2 * sizeof(uint32_t) + 10 * sizeof(uint64_t),
               "runs are compared as bytes: no padding");

static void compare(const struct round *round, const struct runs *found, const struct runs *planted)
{
    for (size_t i = 0; i < found->count && i < planted->count; i++) {
        if (memcmp(&found->list[i], &planted->list[i], sizeof(fodder_run)) == 0)
            continue;
        print_run("found  ", &found->list[i]);
        print_run("planted", &planted->list[i]);
        fail_msg("%s, %zu bytes at %llu: run %zu differs", round->text, round->len, (unsigned long long)round->offset,
                 i);
    }
    if (found->count != planted->count)
        fail_msg("%s, %zu bytes at %llu: %zu runs, not %zu", round->text, round->len, (unsigned long long)round->offset,
                 found->count, planted->count);
}

static int set_up(void **state)
{
    struct round *const round = calloc(1, sizeof *round);

    if (!round)
        return -1;
    round->got = malloc(MOST);
    round->want = malloc(MOST);
    *state = round;
    return round->got && round->want ? 0 : -1;
}

static int tear_down(void **state)
{
    struct round *const round = *state;

    free(round->want);
    free(round->got);
    free(round);
    return 0;
}

static void ten_thousand_planted_faults_are_found_placed_and_named(void **state)
{
    struct round *const round = *state;
    struct random r = { 1 };
    size_t planted = 0;

    while (planted < 10000) {
        struct runs found, naive;
        fodder_report report;
        uint64_t bad = 0;

        start_round(round, &r);
        for (uint64_t n = 1 + random_below(&r, MOST_FAULTS); n > 0; n--)
            plant(round, &r);
        planted += round->fault_count;
        found = verify(round, &r, &report);
        naive = account_all(round);
        mark_torn(round, &naive);
        compare(round, &found, &naive);
        for (size_t i = 0; i < naive.count; i++)
            bad += naive.list[i].bytes;
        assert_int_equal(report.bad, bad);
        assert_int_equal(report.bytes, round->len);
        assert_int_equal(report.runs, naive.count);
        end_round(round);
    }
}

static void a_thousand_pieces_of_good_data_give_no_alarm(void **state)
{
    struct round *const round = *state;
    struct random r = { 2 };

    for (int i = 0; i < 1000; i++) {
        struct runs found;
        fodder_report report;

        start_round(round, &r);
        found = verify(round, &r, &report);
        assert_int_equal(found.count, 0);
        assert_int_equal(report.bad, 0);
        end_round(round);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ten_thousand_planted_faults_are_found_placed_and_named),
        cmocka_unit_test(a_thousand_pieces_of_good_data_give_no_alarm),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
