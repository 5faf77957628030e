#include "measure/codec.h"

#include <errno.h>
#include <stdlib.h>

#include <lz4.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#ifdef MEASURE_HAS_SNAPPY
#include <snappy-c.h>
#endif

#include "base/bits.h"

struct measure_scratch {
    ZSTD_CCtx *zstd;
    size_t chunk;
    size_t room;
    char out[];
};

static size_t max_size(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* Room for what any of the codecs makes of a chunk. */
static size_t worst_size(size_t chunk)
{
    size_t worst = max_size((size_t)LZ4_compressBound((int)chunk), ZSTD_compressBound(chunk));

    worst = max_size(worst, compressBound(chunk));
#ifdef MEASURE_HAS_SNAPPY
    worst = max_size(worst, snappy_max_compressed_length(chunk));
#endif
    return worst;
}

static int64_t lz4_size(const void *src, size_t len, int level, struct measure_scratch *scratch)
{
    const int size = LZ4_compress_default(src, scratch->out, (int)len, (int)scratch->room);

    (void)level;
    return size > 0 ? size : -EIO;
}

static int64_t zstd_size(const void *src, size_t len, int level, struct measure_scratch *scratch)
{
    const size_t size = ZSTD_compressCCtx(scratch->zstd, scratch->out, scratch->room, src, len, level);

    if (!ZSTD_isError(size))
        return (int64_t)size;
    return ZSTD_getErrorCode(size) == ZSTD_error_memory_allocation ? -ENOMEM : -EIO;
}

/* zlib's wrapping is 12 bytes shorter than gzip's: reducers add neither. */
static int64_t zlib_size(const void *src, size_t len, int level, struct measure_scratch *scratch)
{
    uLongf size = scratch->room;
    const int r = compress2((Bytef *)scratch->out, &size, src, len, level);

    if (r == Z_OK)
        return (int64_t)size;
    return r == Z_MEM_ERROR ? -ENOMEM : -EIO;
}

#ifdef MEASURE_HAS_SNAPPY
static int64_t snappy_size(const void *src, size_t len, int level, struct measure_scratch *scratch)
{
    size_t size = scratch->room;

    (void)level;
    return snappy_compress(src, len, scratch->out, &size) == SNAPPY_OK ? (int64_t)size : -EIO;
}

/* Its C interface does not tell. */
static const char *snappy_version(void)
{
    return MEASURE_HAS_SNAPPY;
}
#endif

const struct measure_codec measure_codecs[MEASURE_CODECS] = {
    [MEASURE_LZ4] = { .name = "lz4", .version = LZ4_versionString, .compressed_size = lz4_size },
    [MEASURE_ZSTD_1] = { .name = "zstd-1", .level = 1, .version = ZSTD_versionString, .compressed_size = zstd_size },
    [MEASURE_ZSTD_3] = { .name = "zstd-3", .level = 3, .version = ZSTD_versionString, .compressed_size = zstd_size },
    [MEASURE_GZIP_6] = { .name = "gzip-6", .level = 6, .version = zlibVersion, .compressed_size = zlib_size },
    [MEASURE_ZSTD_9] = { .name = "zstd-9", .level = 9, .version = ZSTD_versionString, .compressed_size = zstd_size },
#ifdef MEASURE_HAS_SNAPPY
    [MEASURE_SNAPPY] = { .name = "snappy", .version = snappy_version, .compressed_size = snappy_size },
#else
    [MEASURE_SNAPPY] = { .name = "snappy" },
#endif
};

int measure_scratch_new(struct measure_scratch **scratch, size_t chunk)
{
    struct measure_scratch *made = NULL;
    int r = -ENOMEM;

    if (chunk == 0 || chunk > MEASURE_MAX_CHUNK)
        return -EINVAL;
    made = malloc(sizeof *made + worst_size(chunk));
    if (!made)
        goto finish;
    made->chunk = chunk;
    made->room = worst_size(chunk);
    made->zstd = ZSTD_createCCtx();
    if (!made->zstd)
        goto finish;
    *scratch = made;
    made = NULL; /* the caller's now */
    r = 0;
finish:
    measure_scratch_free(made);
    return r;
}

void measure_scratch_free(struct measure_scratch *scratch)
{
    if (scratch)
        ZSTD_freeCCtx(scratch->zstd);
    free(scratch);
}

int64_t measure_stored_chunk(const struct measure_codec *codec, const void *data, size_t len, uint32_t sector,
                             struct measure_scratch *scratch)
{
    const int64_t size = codec->compressed_size(data, len, codec->level, scratch);

    if (size < 0)
        return size;
    return (int64_t)bits_min_size(((size_t)size + sector - 1) / sector * sector, len);
}

int measure_stored(const struct measure_codec *codec, const void *data, size_t len, size_t chunk,
                   struct measure_scratch *scratch, uint64_t *stored)
{
    const char *const bytes = data;
    uint64_t sum = 0;

    if (chunk == 0 || chunk > scratch->chunk)
        return -EINVAL;
    for (size_t at = 0; at < len; at += chunk) {
        const size_t size = bits_min_size(chunk, len - at);
        const int64_t kept = measure_stored_chunk(codec, bytes + at, size, 1, scratch);

        if (kept < 0)
            return (int)kept;
        sum += (uint64_t)kept;
    }
    *stored += sum;
    return 0;
}

int measure_ratio(const struct measure_codec *codec, const void *data, size_t len, size_t chunk, double *ratio)
{
    struct measure_scratch *scratch = NULL;
    uint64_t stored = 0;
    int r = len > 0 ? measure_scratch_new(&scratch, chunk) : -EINVAL;

    if (r < 0)
        goto finish;
    r = measure_stored(codec, data, len, chunk, scratch, &stored);
    if (r < 0)
        goto finish;
    *ratio = (double)len / (double)stored;
finish:
    measure_scratch_free(scratch);
    return r;
}
