/*
 * ratios FILE: the compress and dedup ratios of a file, whoever made it; for tools/compare.
 *
 *     zstd-3 131072 2.0200     bytes / stored bytes, in chunks compressed by themselves
 *     dedup 4096 1.0000        blocks / distinct blocks
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure/codec.h"
#include "measure/dedup.h"

static const struct {
    enum measure_codec_id codec;
    size_t chunk;
} compressed[] = {
    { MEASURE_ZSTD_3, 128 << 10 },
    { MEASURE_LZ4, 4 << 10 },
};

static const size_t blocks[] = { 512, 4 << 10, 64 << 10 };

/* The caller frees *data. An empty file has no ratio: -ENODATA. */
static int read_file(const char *path, char **data, size_t *len)
{
    FILE *const file = fopen(path, "re");
    long size = -1;
    int r = 0;

    if (file && fseek(file, 0, SEEK_END) == 0)
        size = ftell(file);
    if (size <= 0) {
        r = size == 0 ? -ENODATA : -errno;
        goto finish;
    }
    *len = (size_t)size;
    *data = malloc(*len);
    rewind(file);
    if (!*data || fread(*data, 1, *len, file) != *len)
        r = *data ? -EIO : -ENOMEM;
finish:
    if (file)
        fclose(file);
    return r;
}

static int print_compressed(const char *data, size_t len)
{
    for (size_t i = 0; i < sizeof compressed / sizeof *compressed; i++) {
        const struct measure_codec *const codec = &measure_codecs[compressed[i].codec];
        double ratio;
        const int r = measure_ratio(codec, data, len, compressed[i].chunk, &ratio);

        if (r < 0)
            return r;
        printf("%s %zu %.4f\n", codec->name, compressed[i].chunk, ratio);
    }
    return 0;
}

static int print_dedup(const char *data, size_t len)
{
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        struct measure_dedup counter = { .block = blocks[i] };
        const int r = measure_dedup_add(&counter, data, len);

        if (r == 0)
            printf("dedup %zu %.4f\n", blocks[i], measure_dedup_ratio(&counter));
        measure_dedup_free(&counter);
        if (r < 0)
            return r;
    }
    return 0;
}

int main(int argc, char **argv)
{
    char *data = NULL;
    size_t len = 0;
    int r;

    if (argc != 2) {
        fputs("usage: ratios FILE\n", stderr);
        return 2;
    }
    r = read_file(argv[1], &data, &len);
    if (r == 0)
        r = print_compressed(data, len);
    if (r == 0)
        r = print_dedup(data, len);
    if (r < 0)
        fprintf(stderr, "ratios: %s: %s\n", argv[1], strerror(-r));
    free(data);
    return r < 0 ? 1 : 0;
}
