#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "fill/part.h"
#include "verify/join.h"
#include "verify/verifier.h"

enum { SECTOR = KEYSTREAM_SECTOR };

/* How many sectors are made at once where data are wrong: 8 KiB, which stay in the first-level cache. */
enum { BATCH = 16 };

struct fodder_verifier {
    const fodder_plan *plan;
    fodder_verify_options options;
    struct join join;
    bool endless;          /* the data may end anywhere */
    uint64_t offset, end;  /* of what comes next, and of the range */
    uint8_t carry[SECTOR]; /* what came last, if it is no whole sector */
    size_t carried;
};

/* Two sectors; most that differ do so at once, which spares the call. */
static bool is_same(const uint8_t *got, const uint8_t *want)
{
    uint64_t a, b;

    memcpy(&a, got, sizeof a);
    memcpy(&b, want, sizeof b);
    return a == b && memcmp(got, want, SECTOR) == 0;
}

static size_t first_difference(const uint8_t *got, const uint8_t *want)
{
    size_t i = 0;

    while (got[i] == want[i])
        i++;
    return i;
}

/* Of `len` bytes of which some differ. */
static size_t last_difference(const uint8_t *got, const uint8_t *want, size_t len)
{
    while (got[len - 1] == want[len - 1])
        len--;
    return len - 1;
}

/* Wrong bytes that lie together and have one verdict: sectors, or one clipped part of a sector. */
struct group {
    uint64_t offset;
    const uint8_t *got, *want; /* up to the end of the last sector both may be read, and are equal beyond `len` */
    size_t len;
    struct verdict verdict;
};

static void join_group(fodder_verifier *v, const struct group *group)
{
    const size_t len = group->len;
    struct difference difference;

    if (len == 0)
        return;
    difference = v->plan->kernel->difference(group->got, group->want, (len + SECTOR - 1) / SECTOR);
    join_wrong(&v->join, &(struct wrong) {
                             .verdict = group->verdict,
                             .offset = group->offset,
                             .len = len,
                             .first = group->offset + first_difference(group->got, group->want),
                             .last = group->offset + last_difference(group->got, group->want, len),
                             .bytes = difference.bytes,
                             .bits = difference.bits,
                         });
}

/* Judges `len` bytes, all in one sector, which are wrong. */
static void judge_part(fodder_verifier *v, struct group *part)
{
    judge(v->plan, &v->options, part->offset, part->got, part->len, &part->verdict);
}

/* `count` whole sectors, at most BATCH. Is the last one wrong? */
static bool compare_batch(fodder_verifier *v, const struct keystream *stream, uint64_t offset, uint64_t first,
                          const uint8_t *src, size_t count)
{
    uint8_t want[BATCH * SECTOR];
    struct group group = { .len = 0 };

    fill_sectors(v->plan, stream, first, want, count);
    for (size_t at = 0; at < count * SECTOR; at += SECTOR) {
        struct group next = { .offset = offset + at, .got = src + at, .want = want + at, .len = SECTOR };

        if (is_same(next.got, next.want)) {
            join_group(v, &group);
            join_right(&v->join, next.offset, SECTOR);
            group.len = 0;
            continue;
        }
        judge_part(v, &next);
        if (group.len > 0 && verdict_same(&group.verdict, &next.verdict)) {
            group.len += SECTOR;
        } else {
            join_group(v, &group);
            group = next;
        }
    }
    join_group(v, &group);
    return group.len > 0;
}

/* `count` whole sectors of one unit. */
static void compare_sectors(fodder_verifier *v, uint64_t offset, const uint8_t *src, size_t count)
{
    const struct layout *const l = &v->plan->layout;
    const struct keystream stream = layout_keystream(l, layout_unit_id(l, offset >> l->log2_unit));
    uint64_t first = (offset & ((UINT64_C(1) << l->log2_unit) - 1)) / SECTOR;
    bool wrong = false; /* where it is once, it is taken to go on */

    while (count > 0) {
        const size_t right = wrong ? 0 : v->plan->kernel->match(&stream, l->q, first, src, count);
        const size_t batch = bits_min_size(count - right, BATCH);

        if (right > 0)
            join_right(&v->join, offset, right * SECTOR);
        if (batch > 0)
            wrong = compare_batch(v, &stream, offset + right * SECTOR, first + right, src + right * SECTOR, batch);
        first += right + batch;
        offset += (right + batch) * SECTOR;
        src += (right + batch) * SECTOR;
        count -= right + batch;
    }
}

/* What is carried: a sector, or a clipped part of one. */
static void compare_carry(fodder_verifier *v)
{
    const size_t len = v->carried;
    const uint64_t offset = v->offset - len;
    uint8_t want[SECTOR] = { 0 };

    if (len == 0)
        return;
    v->carried = 0;
    memset(v->carry + len, 0, SECTOR - len);
    fodder_fill(v->plan, offset, want, len);
    if (memcmp(v->carry, want, len) == 0) {
        join_right(&v->join, offset, len);
    } else {
        struct group part = { .offset = offset, .got = v->carry, .want = want, .len = len };

        judge_part(v, &part);
        join_group(v, &part);
    }
}

/* Takes bytes up to the end of their sector. */
static size_t carry(fodder_verifier *v, const uint8_t *src, size_t len)
{
    const size_t n = bits_min_size(SECTOR - v->offset % SECTOR, len);

    memcpy(v->carry + v->carried, src, n);
    v->carried += n;
    v->offset += n;
    if (v->offset % SECTOR == 0)
        compare_carry(v);
    return n;
}

/* Takes whole sectors up to the end of their unit. */
static size_t take_sectors(fodder_verifier *v, const uint8_t *src, size_t len)
{
    const uint64_t unit = UINT64_C(1) << v->plan->layout.log2_unit;
    const size_t count = bits_min_size(unit - (v->offset & (unit - 1)), len) / SECTOR;

    compare_sectors(v, v->offset, src, count);
    v->offset += count * SECTOR;
    return count * SECTOR;
}

const fodder_plan *verifier_plan(const fodder_verifier *v)
{
    return v->plan;
}

uint64_t verifier_offset(const fodder_verifier *v)
{
    return v->offset;
}

bool verifier_has_room(const fodder_verifier *v, uint64_t len)
{
    return len <= v->end - v->offset;
}

void verifier_pass(fodder_verifier *v, uint64_t len)
{
    join_right(&v->join, v->offset, len);
    v->offset += len;
}

bool verify_is_right(const fodder_plan *plan, uint64_t offset, const uint8_t *src, size_t count)
{
    const struct layout *const l = &plan->layout;
    const uint64_t unit = UINT64_C(1) << l->log2_unit;

    while (count > 0) {
        const struct keystream stream = layout_keystream(l, layout_unit_id(l, offset >> l->log2_unit));
        const uint64_t from = offset & (unit - 1);
        const size_t n = bits_min_size((unit - from) / SECTOR, count);

        if (plan->kernel->match(&stream, l->q, from / SECTOR, src, n) < n)
            return false;
        offset += n * SECTOR;
        src += n * SECTOR;
        count -= n;
    }
    return true;
}

int fodder_verifier_add(fodder_verifier *v, const void *src, size_t len)
{
    const uint8_t *p = src;

    if (!verifier_has_room(v, len))
        return FODDER_ERR_RANGE;
    while (len > 0) {
        const bool whole = v->carried == 0 && v->offset % SECTOR == 0 && len >= SECTOR;
        const size_t n = whole ? take_sectors(v, p, len) : carry(v, p, len);

        p += n;
        len -= n;
    }
    return 0;
}

int fodder_verifier_skip(fodder_verifier *v, uint64_t len)
{
    if (!verifier_has_room(v, len))
        return FODDER_ERR_RANGE;
    compare_carry(v);
    join_unknown(&v->join, v->offset, len);
    v->offset += len;
    return 0;
}

void fodder_verifier_stop(fodder_verifier *v, fodder_report *report)
{
    v->endless = true;
    fodder_verifier_end(v, report);
}

void fodder_verifier_end(fodder_verifier *v, fodder_report *report)
{
    const uint64_t missing = v->endless ? 0 : v->end - v->offset;

    compare_carry(v);
    if (missing > 0)
        join_wrong(&v->join, &(struct wrong) { .verdict.kind = FODDER_MISSING,
                                               .offset = v->offset,
                                               .len = missing,
                                               .first = v->offset,
                                               .last = v->end - 1,
                                               .bytes = missing,
                                               .bits = 8 * missing });
    join_end(&v->join);
    v->offset = v->end;
    if (report)
        *report = v->join.report;
}

static int verifier_init(fodder_verifier *v, const fodder_plan *plan, uint64_t offset, uint64_t len,
                         const fodder_verify_options *options)
{
    const uint64_t limit = fodder_plan_limit(plan);
    const bool endless = len == UINT64_MAX;

    if (options && options->options_size != sizeof *options)
        return -EINVAL;
    if (offset > limit || (!endless && len > limit - offset))
        return FODDER_ERR_RANGE;
    *v = (fodder_verifier) {
        .plan = plan,
        .options = options ? *options : FODDER_VERIFY(.user = NULL),
        .join = { .log2_unit = plan->layout.log2_unit, .start = offset },
        .endless = endless,
        .offset = offset,
        .end = endless ? limit : offset + len,
    };
    v->join.options = &v->options;
    return 0;
}

int fodder_verifier_new(fodder_verifier **verifier, const fodder_plan *plan, uint64_t offset, uint64_t len,
                        const fodder_verify_options *options)
{
    fodder_verifier *v = malloc(sizeof *v);
    int r = v ? verifier_init(v, plan, offset, len, options) : -ENOMEM;

    if (r < 0)
        goto finish;
    *verifier = v;
    v = NULL; /* the caller's now */
finish:
    fodder_verifier_free(v);
    return r;
}

void fodder_verifier_free(fodder_verifier *verifier)
{
    free(verifier);
}

int fodder_verify(const fodder_plan *plan, uint64_t offset, const void *src, size_t len,
                  const fodder_verify_options *options, fodder_report *report)
{
    fodder_verifier v;
    const int r = verifier_init(&v, plan, offset, len, options);

    if (r < 0)
        return r;
    fodder_verifier_add(&v, src, len);
    fodder_verifier_end(&v, report);
    return 0;
}

const char *fodder_kind_name(uint32_t kind)
{
    static const char *const names[] = {
        [FODDER_ZEROED] = "zeroed",   [FODDER_CONSTANT] = "constant", [FODDER_MISPLACED] = "misplaced",
        [FODDER_STALE] = "stale",     [FODDER_FOREIGN] = "foreign",   [FODDER_CORRUPT] = "corrupt",
        [FODDER_MISSING] = "missing",
    };

    return kind < sizeof names / sizeof *names ? names[kind] : NULL;
}
