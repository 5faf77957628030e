/* What real codecs make of data, each chunk compressed by itself. Blind to how the data was made. */
#ifndef MEASURE_CODEC_H
#define MEASURE_CODEC_H

#include <stddef.h>
#include <stdint.h>

/* Snappy is there where the build has it. */
enum measure_codec_id {
    MEASURE_LZ4,
    MEASURE_ZSTD_1,
    MEASURE_ZSTD_3,
    MEASURE_GZIP_6,
    MEASURE_ZSTD_9,
    MEASURE_SNAPPY,
    MEASURE_CODECS
};

enum { MEASURE_MAX_CHUNK = 1 << 30 };

/* What codecs work in; reuse it, one thread at a time. */
struct measure_scratch;

struct measure_codec {
    const char *name;
    int level;                    /* 0 where the codec has none */
    const char *(*version)(void); /* of the library that runs */

    /* NULL in a codec that the build lacks.
     * The size of `len` bytes once compressed, which may be more than len; -ENOMEM, or -EIO where the codec fails.
     * `len` is from 1 to the chunk of the scratch. */
    int64_t (*compressed_size)(const void *src, size_t len, int level, struct measure_scratch *scratch);
};

extern const struct measure_codec measure_codecs[MEASURE_CODECS];

/* Scratch for chunks of up to `chunk` bytes, 1 to MEASURE_MAX_CHUNK. 0, -EINVAL or -ENOMEM. */
int measure_scratch_new(struct measure_scratch **scratch, size_t chunk);
/* NULL is fine. */
void measure_scratch_free(struct measure_scratch *scratch);

/* The bytes that a reducer stores of a chunk of `len` bytes, up to that of the scratch: compressed and rounded up to
 * whole sectors of `sector` bytes (1 for none), or `len` where that is not less. Or -ENOMEM or -EIO. */
int64_t measure_stored_chunk(const struct measure_codec *codec, const void *data, size_t len, uint32_t sector,
                             struct measure_scratch *scratch);

/* Adds to *stored the bytes that a reducer stores of `len` bytes cut into chunks: each compressed, or as it is where
 * that does not make it smaller. The last chunk may be short. 0, -EINVAL where the scratch is for smaller chunks,
 * -ENOMEM or -EIO. */
int measure_stored(const struct measure_codec *codec, const void *data, size_t len, size_t chunk,
                   struct measure_scratch *scratch, uint64_t *stored);

/* `len` bytes / the bytes that measure_stored() finds for them. 0, -EINVAL (also where len is 0), -ENOMEM or -EIO. */
int measure_ratio(const struct measure_codec *codec, const void *data, size_t len, size_t chunk, double *ratio);

#endif
