/* Verifying bytes that the input changes, moves or replaces, against a naive comparison: what is told wrong is wrong,
 * what is not told is right, every kind is what it says. */
#include "fuzz.h"

enum { MOST = 1 << 13, SECTOR = 512 };

struct check {
    const fodder_plan *plan;
    fodder_spec spec;
    uint64_t offset;
    size_t len;
    uint8_t got[MOST], want[MOST];
    size_t seen; /* all before is accounted for */
    uint64_t bad, runs;
};

/* The bytes that a spec has at a place are those that came. */
static void check_source(const struct check *c, const fodder_run *run, uint64_t source, uint64_t generation)
{
    uint8_t made[MOST];
    fodder_spec spec = c->spec;
    fodder_plan *plan;

    spec.generation = generation;
    plan = plan_for(&spec);
    fodder_fill(plan, source, made, run->len);
    CHECK(memcmp(made, c->got + (run->offset - c->offset), run->len) == 0);
    fodder_plan_free(plan);
}

static void check_kind(const struct check *c, const fodder_run *run)
{
    const uint8_t *const got = c->got + (run->offset - c->offset);

    switch (run->kind) {
    case FODDER_ZEROED:
    case FODDER_CONSTANT:
        CHECK((run->value == 0) == (run->kind == FODDER_ZEROED));
        for (size_t i = 0; i < run->len; i++)
            CHECK(got[i] == run->value);
        break;
    case FODDER_MISPLACED:
        check_source(c, run, run->source, run->generation);
        break;
    case FODDER_STALE:
        CHECK(run->generation != c->spec.generation);
        check_source(c, run, run->offset, run->generation);
        break;
    default:
        CHECK(run->kind == FODDER_CORRUPT);
    }
}

static void on_run(void *user, const fodder_run *run)
{
    struct check *const c = user;
    const size_t at = run->offset - c->offset;
    uint64_t bytes = 0, bits = 0, first = 0, last = 0;

    CHECK(run->len > 0 && at >= c->seen && at + run->len <= c->len);
    CHECK(run->offset == c->offset || run->offset % SECTOR == 0);
    CHECK(at + run->len == c->len || (run->offset + run->len) % SECTOR == 0);
    CHECK(memcmp(c->got + c->seen, c->want + c->seen, at - c->seen) == 0);
    for (size_t i = at; i < at + run->len; i++) {
        if (c->got[i] == c->want[i])
            continue;
        first = bytes++ ? first : c->offset + i;
        last = c->offset + i;
        bits += (unsigned)__builtin_popcount(c->got[i] ^ c->want[i]);
    }
    CHECK(run->bytes == bytes && run->bits == bits && run->first == first && run->last == last);
    check_kind(c, run);
    c->seen = at + run->len;
    c->bad += bytes;
    c->runs++;
}

/* One change: a byte, zeroes, a copy from the data set, or of another generation. */
static void change(struct check *c, struct input *in)
{
    const uint64_t way = take(in, 1);
    const size_t at = take(in, 2) % c->len, most = c->len - at;
    const size_t raw = take(in, 2), len = raw < most ? raw : most;
    fodder_spec spec = c->spec;
    fodder_plan *plan;

    switch (way % 4) {
    case 0:
        c->got[at] ^= (uint8_t)(raw | 1);
        break;
    case 1:
        memset(c->got + at, (int)(way >> 2), len);
        break;
    default:
        if (way % 4 == 3)
            spec.generation = take(in, 2);
        plan = plan_for(&spec);
        fodder_fill(plan, way % 4 == 3 ? c->offset + at : c->offset + at + (take(in, 2) << 9), c->got + at, len);
        fodder_plan_free(plan);
    }
}

static void verify(struct check *c, struct input *in)
{
    fodder_verifier *verifier;
    fodder_report report;

    CHECK(fodder_verifier_new(&verifier, c->plan, c->offset, c->len, &FODDER_VERIFY(.run = on_run, .user = c)) == 0);
    for (size_t done = 0, piece; done < c->len; done += piece) {
        piece = 1 + take(in, 2);
        piece = piece < c->len - done ? piece : c->len - done;
        CHECK(fodder_verifier_add(verifier, c->got + done, piece) == 0);
    }
    fodder_verifier_end(verifier, &report);
    fodder_verifier_free(verifier);
    CHECK(memcmp(c->got + c->seen, c->want + c->seen, c->len - c->seen) == 0);
    CHECK(report.bad == c->bad && report.runs == c->runs && report.bytes == c->len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct check c;
    struct input in = { data, size };
    fodder_plan *plan;

    c = (struct check) { .spec = take_spec(&in), .offset = take(&in, 5), .len = 1 + take(&in, 2) % MOST };
    plan = plan_for(&c.spec);
    c.plan = plan;
    fodder_fill(plan, c.offset, c.want, c.len);
    memcpy(c.got, c.want, c.len);
    for (uint64_t changes = take(&in, 1) % 16; changes > 0; changes--)
        change(&c, &in);
    if (take(&in, 1) % 8 == 0) /* the rest of the input as it is, from the start */
        memcpy(c.got, in.data, in.size < c.len ? in.size : c.len);
    verify(&c, &in);
    fodder_plan_free(plan);
    return 0;
}
