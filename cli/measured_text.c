#include <inttypes.h>
#include <stdio.h>

#include "cli.h"
#include "measured.h"
#include "text.h"

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static void print_head(const struct measured *m)
{
    const struct measure_account *const a = m->account;

    print_plain(stdout, m->path ? m->path : "all together");
    printf(": %" PRIu64 " file%s, %s (%" PRIu64 " bytes)", m->files, plural(m->files), text_size((double)a->bytes).text,
           a->bytes);
    if (m->holes > 0)
        printf(", of which %s take no space in sparse files", text_size((double)m->holes).text);
    if (m->links > 0)
        printf(", %" PRIu64 " further name%s of them", m->links, plural(m->links));
    printf("\n");
    if (m->unreadable > 0)
        printf("NOT MEASURED: %" PRIu64 " that could not be read\n", m->unreadable);
    if (m->changed > 0)
        printf("%" PRIu64 " file%s changed meanwhile\n", m->changed, plural(m->changed));
    printf("Codecs read %s", text_size((double)m->sampled).text);
    if (a->bytes > m->sampled)
        printf(", a sample of %.2g %%", 100 * (double)m->sampled / (double)a->bytes);
    printf("; %.3f bits of entropy a byte\n", m->entropy);
}

static void print_dedup_row(const char *name, const struct dedup_ratio *d)
{
    const double zero = d->set.bytes > 0 ? 100 * (double)d->set.zero_bytes / (double)d->set.bytes : 0;

    printf("  %-22s %9.3f   %5.1f %%", name, d->ratio, zero);
    if (!d->set.exact)
        printf("   estimated, %.3f to %.3f", d->low, d->high);
    printf("\n");
}

static void print_dedup(const struct measured *m)
{
    char name[64];

    printf("\n  dedup                      ratio     zeros\n");
    for (unsigned level = 0; level < MEASURE_BLOCK_LEVELS; level++) {
        snprintf(name, sizeof name, "blocks of %s", text_size((double)((uint64_t)MEASURE_BLOCK << level)).text);
        print_dedup_row(name, &m->blocks[level]);
    }
    for (unsigned size = 0; size < MEASURE_CHUNK_SIZES; size++) {
        snprintf(name, sizeof name, "chunks of about %s", text_size(measure_chunk_averages[size]).text);
        print_dedup_row(name, &m->chunks[size]);
    }
}

/* A row for each codec, a column for each kind of chunk. */
static void print_codecs(const struct measured *m, const char *title, bool both)
{
    printf("\n  %-22s", title);
    for (unsigned kind = 0; kind < MEASURE_CHUNK_KINDS; kind++)
        printf(" %9s", text_size(measure_chunk_bytes[kind]).text);
    printf("\n");
    for (unsigned codec = 0; codec < MEASURE_CODECS; codec++) {
        if (!measure_codecs[codec].compressed_size)
            continue;
        printf("  %-22s", measure_codecs[codec].name);
        for (unsigned kind = 0; kind < MEASURE_CHUNK_KINDS; kind++)
            printf(" %9.3f", both ? measured_both(m, codec, kind) : m->codecs[codec][kind].ratio);
        printf("\n");
    }
}

void measured_print(const struct measured *m)
{
    const struct measure_squeezed_result *const headline = &m->codecs[m->headline.codec][m->headline.kind];

    print_head(m);
    print_dedup(m);
    print_codecs(m, "compress, chunks of", false);
    print_codecs(m, "both, blocks of", true);
    printf("\n%s\n", measured_summary(m).text);
    if (m->account->bytes > m->sampled)
        printf("Compress of a sample: %.2f:1 to %.2f:1 of all, 95 %%\n", headline->ratio_low, headline->ratio_high);
}
