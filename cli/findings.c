#include "findings.h"

#include <inttypes.h>
#include <stdio.h>

#include "text.h"

enum { PRINTED_RUNS = 20, MAP_WIDTH = 64 };

/* How the map draws a kind; the index is the kind, and 0 is right. */
static const char marks[FINDINGS_KINDS + 1] = ".0=msfx-";

static uint64_t cell_size(const struct findings *f)
{
    const uint64_t sectors = (f->bytes + 511) / 512;

    return (sectors + FINDINGS_CELLS - 1) / FINDINGS_CELLS * 512;
}

static void add_to_map(struct findings *f, const fodder_run *run)
{
    const uint64_t size = cell_size(f);
    uint64_t at = run->offset - f->offset;
    const uint64_t end = at + run->len;

    while (at < end) {
        const uint64_t cell = at / size, cell_end = (cell + 1) * size, next = cell_end < end ? cell_end : end;

        f->map[cell][run->kind] += next - at;
        at = next;
    }
}

void findings_add(void *findings, const fodder_run *run)
{
    struct findings *const f = findings;

    if (f->report.runs < FINDINGS_RUNS)
        f->runs[f->report.runs] = *run;
    f->report.runs++;
    f->wrong[run->kind] += run->len;
    if (f->bytes > 0)
        add_to_map(f, run);
}

/* What is particular to a kind. */
static void print_detail(const fodder_run *run, const char *const *foreign)
{
    switch (run->kind) {
    case FODDER_CONSTANT:
        printf(": 0x%02" PRIx64, run->value);
        break;
    case FODDER_MISPLACED:
        printf(": belongs at %" PRIu64 ", generation %" PRIu64, run->source, run->generation);
        break;
    case FODDER_STALE:
        printf(": generation %" PRIu64, run->generation);
        break;
    case FODDER_FOREIGN:
        printf(": belongs to %s at %" PRIu64 ", generation %" PRIu64, foreign[run->foreign], run->source,
               run->generation);
        break;
    case FODDER_CORRUPT:
        printf(": %" PRIu64 " bits in %" PRIu64 " bytes from %" PRIu64 " to %" PRIu64, run->bits, run->bytes,
               run->first, run->last);
        break;
    }
}

const char *findings_torn(const fodder_run *run)
{
    return run->torn ? "; torn: right before it, wrong to the end of its unit" : "";
}

void findings_print_run(const fodder_run *run, const char *const *foreign)
{
    printf(" at %" PRIu64 ", %" PRIu64 " bytes", run->offset, run->len);
    print_detail(run, foreign);
    printf("%s", findings_torn(run));
}

static void print_run(const struct findings *f, const fodder_run *run)
{
    printf("%-9s", fodder_kind_name(run->kind));
    findings_print_run(run, f->foreign);
    printf("\n");
}

/* The mark of the kind that most of a cell's wrong bytes are. */
static char cell_mark(const uint64_t wrong[FINDINGS_KINDS])
{
    unsigned most = 0;

    for (unsigned kind = 1; kind < FINDINGS_KINDS; kind++) {
        if (wrong[kind] > wrong[most])
            most = kind;
    }
    return marks[most];
}

static void print_map(const struct findings *f)
{
    const uint64_t size = cell_size(f), cells = (f->bytes + size - 1) / size;

    printf("\nmap, %s a mark (", text_size((double)size).text);
    for (unsigned kind = 1; kind < FINDINGS_KINDS; kind++)
        printf("%c %s%s", marks[kind], fodder_kind_name(kind), kind + 1 < FINDINGS_KINDS ? ", " : "):\n");
    for (uint64_t i = 0; i < cells; i++) {
        if (i % MAP_WIDTH == 0)
            printf("%20" PRIu64 "  ", f->offset + i * size);
        printf("%c%s", cell_mark(f->map[i]), i % MAP_WIDTH == MAP_WIDTH - 1 || i + 1 == cells ? "\n" : "");
    }
}

void findings_print_sums(const uint64_t wrong[FINDINGS_KINDS])
{
    const char *before = "\nin all: ";

    for (unsigned kind = 1; kind < FINDINGS_KINDS; kind++) {
        if (wrong[kind] == 0)
            continue;
        printf("%s%s %s", before, fodder_kind_name(kind), text_size((double)wrong[kind]).text);
        before = ", ";
    }
    printf("\n");
}

void findings_print(const struct findings *f)
{
    for (uint64_t i = 0; i < f->report.runs && i < PRINTED_RUNS; i++)
        print_run(f, &f->runs[i]);
    if (f->report.runs > PRINTED_RUNS)
        printf("... and %" PRIu64 " more; --json lists the first %d\n", f->report.runs - PRINTED_RUNS, FINDINGS_RUNS);
    if (f->report.runs > 0)
        findings_print_sums(f->wrong);
    if (f->report.runs > 0 && f->bytes > 0)
        print_map(f);
}

struct json *findings_run_json(const fodder_run *run, const char *const *foreign)
{
    struct json *const object = json_new();
    const bool placed = run->kind == FODDER_MISPLACED || run->kind == FODDER_FOREIGN;

    json_text(object, "kind", fodder_kind_name(run->kind));
    json_whole(object, "offset", run->offset);
    json_whole(object, "length", run->len);
    json_whole(object, "first", run->first);
    json_whole(object, "last", run->last);
    if (placed)
        json_whole(object, "source", run->source);
    if (placed || run->kind == FODDER_STALE)
        json_whole(object, "generation", run->generation);
    if (run->kind == FODDER_FOREIGN)
        json_text(object, "foreign", foreign[run->foreign]);
    if (run->kind == FODDER_ZEROED || run->kind == FODDER_CONSTANT)
        json_whole(object, "value", run->value);
    json_whole(object, "bits", run->bits);
    json_bool(object, "torn", run->torn != 0);
    return object;
}

void findings_json(const struct findings *f, struct json *object)
{
    const uint64_t listed = f->report.runs < FINDINGS_RUNS ? f->report.runs : FINDINGS_RUNS;

    json_bool(object, "ok", f->report.bad == 0);
    json_whole(object, "bytes", f->report.bytes);
    json_whole(object, "bad", f->report.bad);
    json_list(object, "runs");
    for (uint64_t i = 0; i < listed; i++)
        json_append(object, "runs", findings_run_json(&f->runs[i], f->foreign));
    json_whole(object, "more_runs", f->report.runs - listed);
}
