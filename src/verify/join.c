#include "verify/join.h"

static uint64_t unit_of(const struct join *join, uint64_t offset)
{
    return offset >> join->log2_unit;
}

static void close_run(struct join *join)
{
    if (!join->open)
        return;
    join->run.torn = join->tearing;
    join->report.runs++;
    join->report.bad += join->run.bytes;
    if (join->options->run)
        join->options->run(join->options->user, &join->run);
    join->open = false;
    join->tearing = false;
}

/* Is the run's unit right up to the run? A unit counts from where what is known begins. */
static bool begins_a_tear(const struct join *join, const struct wrong *wrong)
{
    const uint64_t unit = unit_of(join, wrong->offset), unit_start = unit << join->log2_unit;

    return wrong->verdict.kind != FODDER_MISSING && wrong->offset > unit_start && wrong->offset > join->start &&
           !(join->bad && unit_of(join, join->bad_at) == unit);
}

static void open_run(struct join *join, const struct wrong *wrong)
{
    const struct verdict *const v = &wrong->verdict;

    join->open = true;
    join->tearing = begins_a_tear(join, wrong);
    join->verdict = *v;
    join->run = (fodder_run) { .kind = (uint32_t)v->kind,
                               .offset = wrong->offset,
                               .first = wrong->first,
                               .generation = v->generation,
                               .foreign = v->foreign,
                               .value = v->value };
    if (v->kind == FODDER_MISPLACED || v->kind == FODDER_FOREIGN)
        join->run.source = wrong->offset + v->displacement;
}

/* Something else than the run comes next: no tear, if it is in the unit where the run began. */
static void interrupt(struct join *join, uint64_t offset)
{
    if (join->open && unit_of(join, offset) == unit_of(join, join->run.offset))
        join->tearing = false;
}

void join_right(struct join *join, uint64_t offset, uint64_t len)
{
    interrupt(join, offset);
    close_run(join);
    join->report.bytes += len;
}

void join_wrong(struct join *join, const struct wrong *wrong)
{
    fodder_run *const run = &join->run;

    if (join->open && !verdict_same(&join->verdict, &wrong->verdict)) {
        interrupt(join, wrong->offset);
        close_run(join);
    }
    if (!join->open)
        open_run(join, wrong);
    run->len += wrong->len;
    run->last = wrong->last;
    run->bytes += wrong->bytes;
    run->bits += wrong->bits;
    join->report.bytes += wrong->len;
    join->bad = true;
    join->bad_at = wrong->offset + wrong->len - 1;
}

void join_unknown(struct join *join, uint64_t offset, uint64_t len)
{
    interrupt(join, offset);
    close_run(join);
    join->start = offset + len;
}

void join_end(struct join *join)
{
    close_run(join);
}
