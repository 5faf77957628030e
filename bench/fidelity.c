/*
 * The ratios asked for against the ratios that real codecs and a block counter find, as Markdown. The exit status is 1
 * where a figure is out of its bound (figure.c), 2 where nothing could be measured.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fodder/fodder.h>

#include "figure.h"
#include "measure/blocks.h"
#include "measure/codec.h"

enum { KIB = 1 << 10, MIB = 1 << 20 };

/* Below 16 MiB a whole number of units cannot come within 0.2 % of every dedup ratio. */
enum { LEAST_SIZE = 16 * MIB, USUAL_SIZE = 64 * MIB };

/* How much data each table takes, in sizes; zlib is some 20 times as slow as the others. */
enum { DEDUP_SIZES = 16, BOTH_SIZES = 4, GZIP_SHARE = 4 };

enum { UNIT = 64 * KIB, UNIT_LEVEL = 7, BLOCK_SIZES = 8 };

/* Exact for 2 GiB of distinct blocks of 512 bytes. */
enum { BLOCKS_MEMORY = 512 << 20 };

static const double compress_asked[] = { 1, 1.25, 1.5, 2, 3, 4, 6, 8, 10, 12, 16, 24, 32 };
static const double dedup_asked[] = { 1.5, 2, 3, 4, 8, 10 };
static const size_t chunks[] = { 4 * KIB, 32 * KIB, 128 * KIB, MIB };
static const uint64_t dedup_offsets[] = { 0, UINT64_C(100) << 30 };
static const enum measure_codec_id both_codecs[] = { MEASURE_ZSTD_3, MEASURE_LZ4, MEASURE_GZIP_6 };

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct section {
    const char *title;
    uint32_t option; /* of enum fodder_codec, asked */
    enum measure_codec_id codec;
} sections[] = {
    { .title = "A. Compress, codec=balanced, measured by lz4", .codec = MEASURE_LZ4 },
    { .title = "A. Compress, codec=balanced, measured by zstd -1", .codec = MEASURE_ZSTD_1 },
    { .title = "A. Compress, codec=balanced, measured by zstd -3", .codec = MEASURE_ZSTD_3 },
    { .title = "A. Compress, codec=balanced, measured by gzip -6", .codec = MEASURE_GZIP_6 },
    { .title = "B. Compress, codec=lz4, measured by lz4", .option = FODDER_CODEC_LZ4, .codec = MEASURE_LZ4 },
    { .title = "B. Compress, codec=zstd, measured by zstd -1", .option = FODDER_CODEC_ZSTD, .codec = MEASURE_ZSTD_1 },
    { .title = "B. Compress, codec=zstd, measured by zstd -3", .option = FODDER_CODEC_ZSTD, .codec = MEASURE_ZSTD_3 },
    { .title = "B. Compress, codec=deflate, measured by gzip -6",
      .option = FODDER_CODEC_DEFLATE,
      .codec = MEASURE_GZIP_6 },
};

/* A named codec promises nothing at the smallest chunk, and is not measured there. */
static size_t first_chunk(const struct section *section)
{
    return section->option != FODDER_CODEC_BALANCED;
}

struct run {
    size_t size;
    uint8_t *data; /* BOTH_SIZES * size bytes */
    unsigned broken;
};

/* Fills `len` bytes at run->data. */
static int fill(const struct run *run, const fodder_spec *spec, uint64_t offset, size_t len)
{
    fodder_plan *plan;
    const int r = fodder_plan_new(&plan, spec);

    if (r < 0)
        return r;
    fodder_fill(plan, offset, run->data, len);
    fodder_plan_free(plan);
    return 0;
}

static void print_size(size_t bytes)
{
    if (bytes >= MIB)
        printf("%zu MiB", bytes / MIB);
    else if (bytes >= KIB)
        printf("%zu KiB", bytes / KIB);
    else
        printf("%zu B", bytes);
}

static void print_head(const size_t *sizes, size_t count)
{
    printf("| asked |");
    for (size_t i = 0; i < count; i++) {
        printf(" ");
        print_size(sizes[i]);
        printf(" |");
    }
    printf("\n|---|");
    for (size_t i = 0; i < count; i++)
        printf("---|");
    printf("\n");
}

/* A cell of a table, set bold where it is out of its bound. */
static void print_cell(struct run *run, const struct figure *figure)
{
    const bool holds = figure_holds(figure);
    const char *const bold = holds ? "" : "**";
    char text[FIGURE_TEXT];

    printf(" %s%.3f (%+.2f %%)%s |", bold, figure->ratio, figure_error(figure), bold);
    if (holds)
        return;
    figure_print(figure, text);
    fprintf(stderr, "fidelity: out of bound: %s\n", text);
    run->broken++;
}

static int compress_row(struct run *run, const struct section *section, double compress)
{
    const size_t len = section->codec == MEASURE_GZIP_6 ? run->size / GZIP_SHARE : run->size;
    struct figure figure = { .kind = FIGURE_COMPRESS,
                             .codec = section->codec,
                             .spec = FODDER_SPEC(.seed = 1, .compress = compress, .codec = section->option) };
    int r = fill(run, &figure.spec, 0, len);

    printf("| %g |", compress);
    for (size_t i = first_chunk(section); i < COUNT(chunks) && r == 0; i++) {
        figure.chunk = chunks[i];
        r = measure_ratio(&measure_codecs[figure.codec], run->data, len, figure.chunk, &figure.ratio);
        if (r == 0)
            print_cell(run, &figure);
    }
    printf("\n");
    return r;
}

static int compress_tables(struct run *run)
{
    int r = 0;

    for (const struct section *s = sections; s < sections + COUNT(sections) && r == 0; s++) {
        printf("\n## %s\n\n", s->title);
        print_head(chunks + first_chunk(s), COUNT(chunks) - first_chunk(s));
        for (size_t i = 0; i < COUNT(compress_asked) && r == 0; i++)
            r = compress_row(run, s, compress_asked[i]);
    }
    return r;
}

/* Counts DEDUP_SIZES * size bytes, piece by piece. */
static int count_blocks(struct run *run, const struct figure *figure, struct measure_blocks *blocks)
{
    int r = 0;

    for (unsigned piece = 0; piece < DEDUP_SIZES * run->size / MIB && r == 0; piece++) {
        r = fill(run, &figure->spec, figure->offset + (uint64_t)piece * MIB, MIB);
        if (r == 0)
            r = measure_blocks_add(blocks, run->data, MIB);
    }
    return r;
}

/* The block sizes are those of the first levels. */
static int dedup_row(struct run *run, uint64_t offset, double dedup)
{
    struct figure figure = { .kind = FIGURE_DEDUP,
                             .offset = offset,
                             .spec = FODDER_SPEC(.seed = 1, .dedup = dedup, .unit = UNIT) };
    struct measure_blocks *blocks = NULL;
    int r = measure_blocks_new(&blocks, BLOCKS_MEMORY);

    if (r == 0)
        r = count_blocks(run, &figure, blocks);
    printf("| %g |", dedup);
    for (unsigned level = 0; level < BLOCK_SIZES && r == 0; level++) {
        struct measure_set_result result;

        measure_blocks_result(blocks, level, &result);
        figure.chunk = (size_t)MEASURE_BLOCK << level;
        figure.ratio = (double)result.bytes / result.distinct_bytes;
        print_cell(run, &figure);
        r = result.exact ? 0 : -ENOMEM; /* an estimate is no proof */
    }
    printf("\n");
    measure_blocks_free(blocks);
    return r;
}

static int dedup_tables(struct run *run)
{
    size_t blocks[BLOCK_SIZES];
    int r = 0;

    for (unsigned i = 0; i < BLOCK_SIZES; i++)
        blocks[i] = (size_t)MEASURE_BLOCK << i;
    for (size_t t = 0; t < COUNT(dedup_offsets) && r == 0; t++) {
        printf("\n## C. Dedup, units of 64 KiB, at %" PRIu64 " GiB\n\n", dedup_offsets[t] >> 30);
        print_head(blocks, BLOCK_SIZES);
        for (size_t i = 0; i < COUNT(dedup_asked) && r == 0; i++)
            r = dedup_row(run, dedup_offsets[t], dedup_asked[i]);
    }
    return r;
}

/* Moves the distinct units of the data together, to its beginning; *kept is their size. */
static int drop_duplicates(uint8_t *data, size_t len, size_t *kept)
{
    struct measure_blocks *blocks = NULL;
    int r = measure_blocks_new(&blocks, BLOCKS_MEMORY);

    *kept = 0;
    for (size_t at = 0; at < len && r == 0; at += UNIT) {
        double is_new = 0;

        measure_blocks_watch(blocks, UNIT_LEVEL, &is_new);
        r = measure_blocks_add(blocks, data + at, UNIT);
        if (is_new == 0)
            continue;
        memmove(data + *kept, data + at, UNIT);
        *kept += UNIT;
    }
    measure_blocks_free(blocks);
    return r;
}

/* Compresses the `kept` bytes that are left of `len`. */
static int both_row(struct run *run, struct figure *figure, size_t len, size_t kept)
{
    const struct measure_codec *const codec = &measure_codecs[figure->codec];
    const double dedup = (double)len / (double)kept;
    double compress;
    const int r = measure_ratio(codec, run->data, kept, figure->chunk, &compress);

    if (r < 0)
        return r;
    figure->ratio = dedup * compress;
    printf("| %s | %.3f | %.3f |", codec->name, dedup, compress);
    print_cell(run, figure);
    printf("\n");
    return 0;
}

static int both_table(struct run *run)
{
    const size_t len = BOTH_SIZES * run->size;
    struct figure figure = { .kind = FIGURE_BOTH,
                             .chunk = UNIT,
                             .spec = FODDER_SPEC(.seed = 1, .dedup = 2, .compress = 3, .unit = UNIT) };
    size_t kept;
    int r = fill(run, &figure.spec, 0, len);

    if (r == 0)
        r = drop_duplicates(run->data, len, &kept);
    printf("\n## D. Dedup 2 x compress 3 (6 asked), units and chunks of 64 KiB\n\n");
    printf("| codec | dedup | compress | both |\n|---|---|---|---|\n");
    for (size_t i = 0; i < COUNT(both_codecs) && r == 0; i++) {
        figure.codec = both_codecs[i];
        r = both_row(run, &figure, len, kept);
    }
    return r;
}

static void print_title(const struct run *run)
{
    printf("# Fidelity: asked and measured\n\nfodder %s,", fodder_version());
    for (size_t i = 0; i < FIGURE_CODECS; i++)
        printf(" %s of %s%s", measure_codecs[i].name, measure_codecs[i].version(), i + 1 < FIGURE_CODECS ? "," : "; ");
    print_size(run->size);
    printf(" a figure, %d times that for dedup, %d times for both, a quarter for gzip.\n", DEDUP_SIZES, BOTH_SIZES);
}

static int run_tables(struct run *run)
{
    int (*const tables[])(struct run *) = { compress_tables, dedup_tables, both_table };
    int r = 0;

    run->data = malloc(BOTH_SIZES * run->size);
    if (!run->data)
        return -ENOMEM;
    print_title(run);
    for (size_t i = 0; i < COUNT(tables) && r == 0; i++)
        r = tables[i](run);
    free(run->data);
    return r;
}

static bool read_arguments(char **argv, uint64_t *size)
{
    while (*++argv) {
        if (strcmp(*argv, "--quick") == 0)
            *size = LEAST_SIZE;
        else if (strcmp(*argv, "--size") != 0 || !*++argv || fodder_size_parse(size, *argv) < 0)
            return false;
    }
    return *size >= LEAST_SIZE && *size % MIB == 0 && *size <= SIZE_MAX / DEDUP_SIZES;
}

int main(int argc, char **argv)
{
    struct run run = { 0 };
    uint64_t size = USUAL_SIZE;
    int r;

    if (argc < 1 || !read_arguments(argv, &size)) {
        fprintf(stderr, "usage: fidelity [--size BYTES] [--quick]; BYTES is whole MiB, 16MiB or more\n");
        return 2;
    }
    run.size = (size_t)size;
    r = run_tables(&run);
    if (r == 0 && fflush(stdout) != 0)
        r = -errno;
    if (r < 0) {
        fprintf(stderr, "fidelity: %s\n", fodder_strerror(r));
        return 2;
    }
    return run.broken > 0;
}
