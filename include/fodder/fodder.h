/*
 * fodder: test data for storage with a true dedup and compress ratio.
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 *     bytes = f(spec, offset)
 *
 * A spec says what the bytes are, a plan is a spec made ready, and fodder_fill() makes any range of them, in any order,
 * the same on every machine. docs/format.md defines the bytes.
 *
 *     fodder_plan *plan;
 *     int r = fodder_plan_new(&plan, &FODDER_SPEC(.seed = 42, .dedup = 2, .compress = 3));
 *
 *     if (r < 0)
 *         errx(1, "%s", fodder_strerror(r));
 *     fodder_fill(plan, 0, data, size);
 *     fodder_plan_free(plan);
 *
 * Conventions. Functions that return int give 0 or a negative code: a negative errno value or one of FODDER_ERR_*,
 * which fodder_strerror() words. On failure out-parameters are untouched, but for `why`. Sizes and offsets are bytes.
 * Objects that are const may be used by any number of threads at once. Nothing here blocks, logs, or keeps state of its
 * own.
 */
#ifndef FODDER_FODDER_H
#define FODDER_FODDER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define FODDER_API __attribute__((visibility("default")))
#else
#define FODDER_API
#endif

/* The version of this header. */
#define FODDER_VERSION "0.1.0"
/* The newest format of docs/format.md that this library makes. */
#define FODDER_FORMAT 1

/* The version of the library that runs, such as "0.1.0", which may be later than FODDER_VERSION. Static. */
FODDER_API const char *fodder_version(void);

/* ---- Errors: what a code means ----------------------------------------------------------------------------------- */

/* The codes that are no errno values. */
enum fodder_error {
    FODDER_ERR_SPEC = -4096,   /* a spec is not valid: fodder_spec_check() says why */
    FODDER_ERR_FORMAT = -4097, /* a spec names a format that this library does not make */
    FODDER_ERR_KERNEL = -4098, /* no kernel of that name is in this build */
    FODDER_ERR_CPU = -4099,    /* this CPU lacks the instructions of the kernel named */
    FODDER_ERR_RANGE = -4100,  /* a range ends past the end of the data set: see fodder_plan_limit() */
    FODDER_ERR_SIZE = -4101    /* a text is not a size */
};

/* What a code means; never NULL. For FODDER_ERR_* in English and static, for errno values what strerror() says. */
FODDER_API const char *fodder_strerror(int error);

/* ---- Spec: what the bytes are ------------------------------------------------------------------------------------ */

/* The real compressor whose ratio is to come out as asked; see docs/format.md, section 6. */
enum fodder_codec {
    FODDER_CODEC_BALANCED = 0, /* between all of the others */
    FODDER_CODEC_LZ4 = 1,
    FODDER_CODEC_ZSTD = 2,
    FODDER_CODEC_DEFLATE = 3 /* gzip, zlib */
};

/* "balanced", "lz4", "zstd", "deflate"; static. NULL for what is no codec. */
FODDER_API const char *fodder_codec_name(uint32_t codec);

/*
 * A plain value: copy it, compare its text, send it to another host. In every field zero means the default, for ever.
 * Start from FODDER_SPEC(), so that fields which a later version adds are zero.
 */
typedef struct fodder_spec {
    size_t spec_size;    /* sizeof(fodder_spec): FODDER_SPEC() sets it */
    uint64_t seed;       /* any; 0 is seed 0 */
    uint64_t series;     /* any; separates data sets of one seed, such as those of ranks, runs or hosts */
    uint64_t generation; /* below 2^20; the version of overwritten data */
    double dedup;        /* bytes / distinct bytes, 1 to 1,000,000, rounded to millionths; 0 means 1 */
    double compress;     /* bytes / compressed bytes, 1 to 32, rounded to millionths; 0 means 1 */
    uint64_t unit;       /* bytes; a duplicate is a whole unit: a power of two, 4 KiB to 64 MiB; 0 means 1 MiB */
    uint64_t window;     /* units among which a duplicate finds its original: a power of two up to 2^20; 0 means 1024 */
    uint32_t codec;      /* one of enum fodder_codec */
    uint32_t format;     /* 0 means the newest, FODDER_FORMAT */
} fodder_spec;

/* A spec with the fields named and all others at their default. In C &FODDER_SPEC(.seed = 42, .dedup = 2) is a pointer
 * to one that lives as long as the block around it; in C++20 FODDER_SPEC(.seed = 42) is a value. */
#ifdef __cplusplus
#define FODDER_SPEC(...) (fodder_spec { .spec_size = sizeof(fodder_spec), __VA_ARGS__ })
#else
#define FODDER_SPEC(...) ((fodder_spec) { .spec_size = sizeof(fodder_spec), __VA_ARGS__ })
#endif

/* Draws a seed that nobody has had from the system's random bytes. 0, or a negative errno value where it has none. */
FODDER_API int fodder_fresh_seed(uint64_t *seed);

/* Is the spec valid? 0, FODDER_ERR_SPEC or FODDER_ERR_FORMAT. On failure *why, if why is not NULL, is a static sentence
 * that names the field, its limits and an example. */
FODDER_API int fodder_spec_check(const fodder_spec *spec, const char **why);

/* Room enough for the text of any spec, with its final 0. */
#define FODDER_SPEC_TEXT 256

/* Writes the spec as text, such as "fodder1:seed=42,dedup=2,compress=3", with a final 0, into `size` bytes.
 * 0, the errors of fodder_spec_check(), or -ENOBUFS where it does not fit (FODDER_SPEC_TEXT always does). */
FODDER_API int fodder_spec_print(const fodder_spec *spec, char *text, size_t size);

/* Reads what fodder_spec_print() writes, the fields in any order. 0, or the errors of fodder_spec_check() with *why. */
FODDER_API int fodder_spec_parse(fodder_spec *spec, const char *text, const char **why);

/* Sets one field of a spec by its name, from text: fodder_spec_set(&spec, "unit", "64KiB", &why). 0 or FODDER_ERR_SPEC
 * with *why, where the name is unknown or the value is not valid; "0" is never the default here. */
FODDER_API int fodder_spec_set(fodder_spec *spec, const char *name, const char *value, const char **why);

/* Reads a size: digits, perhaps a fraction of up to six, perhaps a suffix. k, M, G, T, P, E and KiB, MiB ... are powers
 * of 1024; kB, MB ... are powers of 1000; "1.5GiB" is 1610612736. 0, or FODDER_ERR_SIZE where the text is anything
 * else, is 2^63 or more, or is no whole number of bytes. */
FODDER_API int fodder_size_parse(uint64_t *bytes, const char *text);

/* ---- Plan: a spec made ready ------------------------------------------------------------------------------------- */

/* Immutable; share it among threads. */
typedef struct fodder_plan fodder_plan;

/* Makes a plan with the fastest kernel that this CPU runs; free it with fodder_plan_free(). NULL is the default spec.
 * 0, -ENOMEM, or the errors of fodder_spec_check(). */
FODDER_API int fodder_plan_new(fodder_plan **plan, const fodder_spec *spec);

/* The same with the kernel named, which changes the speed and no byte. Also FODDER_ERR_KERNEL and FODDER_ERR_CPU. */
FODDER_API int fodder_plan_new_on(fodder_plan **plan, const fodder_spec *spec, const char *kernel);

/* Frees a plan that no thread uses any more. NULL is fine. */
FODDER_API void fodder_plan_free(fodder_plan *plan);

/* The spec of a plan, every field filled in: 0 only where 0 is the value. */
FODDER_API fodder_spec fodder_plan_spec(const fodder_plan *plan);

/* The name of its kernel; static. */
FODDER_API const char *fodder_plan_kernel(const fodder_plan *plan);

/* The size of the whole data set: offsets lie below it. 2^63, or less where the data would need more than 2^44 distinct
 * units (small units and little dedup). */
FODDER_API uint64_t fodder_plan_limit(const fodder_plan *plan);

/*
 * Counts the units that the `len` bytes from `offset` on touch, and how many of them are distinct: *units / *distinct
 * is the dedup ratio that a reducer can reach on this range by itself. Exact. Reads no data; takes time and memory for
 * at most one window (2^20 units: 10 ms, 128 KiB). 0, -ENOMEM, or FODDER_ERR_RANGE.
 */
FODDER_API int fodder_plan_count(const fodder_plan *plan, uint64_t offset, uint64_t len, uint64_t *units,
                                 uint64_t *distinct);

/*
 * Writes the `len` bytes of the data set from `offset` on to dst, on the calling thread. Any offset, length and
 * alignment; fastest where dst lies on 64 bytes and the range on whole sectors of 512 bytes. What is more than
 * twice the size of the last cache is written past it. Never allocates, blocks or fails; offsets wrap at 2^64. What it
 * costs is what `len` costs, and some 10 ns a call.
 */
FODDER_API void fodder_fill(const fodder_plan *plan, uint64_t offset, void *dst, size_t len);

/* ---- Verify: what came back, and what it is instead -------------------------------------------------------------- */

/* What wrong bytes are. The first that holds of a sector is told, and only after making it again. */
enum fodder_kind {
    FODDER_ZEROED = 1, /* every byte of the sector is 0 */
    FODDER_CONSTANT,   /* every byte is the same, and not 0 */
    FODDER_MISPLACED,  /* the sector holds what belongs at another offset */
    FODDER_STALE,      /* the sector holds another generation of its own place */
    FODDER_FOREIGN,    /* the sector holds what belongs to another plan, one of those that the caller names */
    FODDER_CORRUPT,    /* none of these: bits differ */
    FODDER_MISSING     /* the source ended early */
};

/* "zeroed", "constant" and so on; static. NULL for what is no kind. */
FODDER_API const char *fodder_kind_name(uint32_t kind);

/* Wrong bytes that lie together and are of one kind, one displacement, one generation: whole sectors (512 bytes, at
 * multiples of 512 of the data set), but clipped where the range verified begins or ends within one. */
typedef struct fodder_run {
    uint32_t kind; /* enum fodder_kind */
    uint32_t torn; /* 1 where a unit is right up to `offset` and wrong from there to its end, all of it this run */
    uint64_t offset, len; /* in the data set */
    uint64_t first, last; /* offsets of the outermost bytes that differ */
    uint64_t bytes, bits; /* how many bytes and bits differ; for missing ones, all */
    uint64_t source;      /* misplaced, foreign: the lowest offset where what is at `offset` belongs */
    uint64_t generation;  /* misplaced, stale, foreign: the generation that is there */
    uint64_t foreign;     /* foreign: the index of the plan */
    uint64_t value;       /* zeroed, constant: the byte */
} fodder_run;

/* What verifying has found in all. */
typedef struct fodder_report {
    uint64_t bytes; /* compared, or found missing */
    uint64_t bad;   /* of them differ or are missing */
    uint64_t runs;
} fodder_report;

/* What else to look for, and who is told. Start from FODDER_VERIFY(). */
typedef struct fodder_verify_options {
    size_t options_size;               /* sizeof(fodder_verify_options): FODDER_VERIFY() sets it */
    const fodder_plan *const *foreign; /* plans whose data may have come instead; borrowed */
    size_t foreign_count;
    /* Called for every run, in order, on the calling thread; may be NULL. */
    void (*run)(void *user, const fodder_run *run);
    void *user; /* for it */
} fodder_verify_options;

/* Options with the fields named, as FODDER_SPEC() has a spec. */
#ifdef __cplusplus
#define FODDER_VERIFY(...) (fodder_verify_options { .options_size = sizeof(fodder_verify_options), __VA_ARGS__ })
#else
#define FODDER_VERIFY(...) ((fodder_verify_options) { .options_size = sizeof(fodder_verify_options), __VA_ARGS__ })
#endif

/*
 * Compares the `len` bytes at src with those of the data set from `offset` on, in the memory of a few sectors, and
 * tells the runs that are wrong. A unit read in place of its duplicate is right. options and report may be NULL.
 * Returns 0 once it has compared, whatever it found: report->bad tells. FODDER_ERR_RANGE, or -EINVAL for options of
 * another size.
 *
 * Misplaced, stale and foreign data are found where source and target lie on 512-byte boundaries, and where the sector
 * (or the clipped part of it) holds a whole block of keystream, 16 bytes. With compress above 22 (lz4), 24 (balanced),
 * 25 (deflate) or 27 (zstd) it does not, and such data are told as corrupt.
 */
FODDER_API int fodder_verify(const fodder_plan *plan, uint64_t offset, const void *src, size_t len,
                             const fodder_verify_options *options, fodder_report *report);

/* The same for data that come piece by piece; one thread at a time. */
typedef struct fodder_verifier fodder_verifier;

/* For the range of `len` bytes from `offset` on; UINT64_MAX is for data that may end anywhere: nothing is missing then.
 * plan and what options points to must outlive the verifier, which fodder_verifier_free() ends. 0, -ENOMEM, -EINVAL or
 * FODDER_ERR_RANGE. */
FODDER_API int fodder_verifier_new(fodder_verifier **verifier, const fodder_plan *plan, uint64_t offset, uint64_t len,
                                   const fodder_verify_options *options);

/* Compares the next `len` bytes. Pieces may have any size. 0, or FODDER_ERR_RANGE where they pass the end of the range.
 */
FODDER_API int fodder_verifier_add(fodder_verifier *verifier, const void *src, size_t len);

/* Passes over the next `len` bytes, which are neither compared nor counted. 0 or FODDER_ERR_RANGE. */
FODDER_API int fodder_verifier_skip(fodder_verifier *verifier, uint64_t len);

/* Tells the last run, and what is missing of the range. Call it once, after the last piece. */
FODDER_API void fodder_verifier_end(fodder_verifier *verifier, fodder_report *report);

/* The same where the data were not read to their end: nothing is missing then. */
FODDER_API void fodder_verifier_stop(fodder_verifier *verifier, fodder_report *report);

/* NULL is fine. */
FODDER_API void fodder_verifier_free(fodder_verifier *verifier);

/* ---- Kernels: the code for each kind of CPU ---------------------------------------------------------------------- */

/* The name of kernel number `index` of this build, the fastest first; NULL past the last. Static. */
FODDER_API const char *fodder_kernel_name(size_t index);

/* Can this CPU run the kernel? 0, FODDER_ERR_CPU, or FODDER_ERR_KERNEL where no kernel has that name. */
FODDER_API int fodder_kernel_check(const char *name);

#ifdef __cplusplus
}
#endif

#include <fodder/parallel.h>

#endif
