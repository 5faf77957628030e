/*
 * The bytes of tests/vectors/format1.txt, made and verified by every kernel. Plain C without a test library, so that it
 * runs wherever the library does: it writes TAP.
 *
 *     test_vectors FILE [KERNEL]
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fodder/fodder.h>

enum { VALUE = 160, MOST = 2 << 20 };

struct vector {
    char spec[FODDER_SPEC_TEXT], value[VALUE];
    uint64_t offset;
    size_t len;
};

static uint64_t fnv1a(const uint8_t *bytes, size_t len)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static void to_value(char value[VALUE], const uint8_t *bytes, size_t len)
{
    value[0] = '\0';
    if (len > 64) {
        sprintf(value, "fnv:%016" PRIx64, fnv1a(bytes, len));
        return;
    }
    for (size_t i = 0; i < len; i++)
        sprintf(value + 2 * i, "%02x", bytes[i]);
}

static void fail(const struct vector *v, const char *what, const char *got)
{
    printf("# %s, %zu bytes at %" PRIu64 ": %s %s\n", v->spec, v->len, v->offset, what, got);
}

/* The next vector of the file; false at its end. A line that is none ends the program. */
static bool read_vector(FILE *file, struct vector *v)
{
    char line[512];

    while (fgets(line, sizeof line, file)) {
        if (line[0] == '#')
            continue;
        if (sscanf(line, "%255s %" SCNu64 " %zu %159s", v->spec, &v->offset, &v->len, v->value) == 4 && v->len <= MOST)
            return true;
        printf("Bail out! not a vector: %s", line);
        exit(1);
    }
    return false;
}

static void keep_run(void *run, const fodder_run *found)
{
    *(fodder_run *)run = *found;
}

/* Verifying takes the bytes back, and sees one bit that is flipped. Not beyond the limits, where it refuses. */
static bool verifies(const fodder_plan *plan, uint64_t offset, uint8_t *bytes, size_t len)
{
    fodder_report whole, flipped;

    if (fodder_verify(plan, offset, bytes, len, NULL, &whole) == FODDER_ERR_RANGE)
        return true;
    bytes[len / 2] ^= 0x10;
    fodder_verify(plan, offset, bytes, len, NULL, &flipped);
    return whole.bad == 0 && flipped.bad == 1;
}

/* Another generation is named, where a whole sector has enough keystream. */
static bool names_the_generation(const fodder_plan *plan, const char *kernel, uint64_t offset)
{
    static uint8_t sector[512];
    fodder_spec spec = fodder_plan_spec(plan);
    fodder_run found = { 0 };
    fodder_plan *old;
    int r;

    spec.generation ^= 5;
    offset &= (UINT64_C(1) << 60) - 512;
    if (spec.compress > 20 || offset > fodder_plan_limit(plan) - 512)
        return true;
    if (fodder_plan_new_on(&old, &spec, kernel) < 0)
        return false;
    fodder_fill(old, offset, sector, sizeof sector);
    fodder_plan_free(old);
    r = fodder_verify(plan, offset, sector, sizeof sector, &FODDER_VERIFY(.run = keep_run, .user = &found), NULL);
    return r == 0 && found.kind == FODDER_STALE && found.generation == spec.generation;
}

static bool makes_the_bytes(const struct vector *v, const char *kernel)
{
    static uint8_t bytes[MOST];
    char value[VALUE];
    bool holds, good = false;
    fodder_plan *plan;
    fodder_spec spec;
    int r = fodder_spec_parse(&spec, v->spec, NULL);

    if (r == 0)
        r = fodder_plan_new_on(&plan, &spec, kernel);
    if (r < 0) {
        fail(v, "is refused:", fodder_strerror(r));
        return false;
    }
    fodder_fill(plan, v->offset, bytes, v->len);
    to_value(value, bytes, v->len);
    holds = strcmp(value, v->value) == 0;
    if (!holds)
        fail(v, "gives", value);
    else if (!verifies(plan, v->offset, bytes, v->len) || !names_the_generation(plan, kernel, v->offset))
        fail(v, "is not verified", "right");
    else
        good = true;
    fodder_plan_free(plan);
    return good;
}

static bool prints_as_it_was_read(const struct vector *v, const char *kernel)
{
    char text[FODDER_SPEC_TEXT] = "nothing";
    fodder_spec spec;
    (void)kernel;

    if (fodder_spec_parse(&spec, v->spec, NULL) == 0 && fodder_spec_print(&spec, text, sizeof text) == 0 &&
        strcmp(text, v->spec) == 0)
        return true;
    fail(v, "prints as", text);
    return false;
}

/* Does every vector of the file hold, and are there as many as there should be? */
static bool all_hold(const char *path, bool (*holds)(const struct vector *, const char *), const char *kernel)
{
    FILE *const file = fopen(path, "r");
    struct vector v;
    unsigned count = 0, bad = 0;

    if (!file) {
        printf("Bail out! %s cannot be read\n", path);
        exit(1);
    }
    for (; read_vector(file, &v); count++)
        bad += !holds(&v, kernel);
    fclose(file);
    return bad == 0 && count > 200;
}

static bool required(const char *kernel)
{
    const char *const list = getenv("FODDER_REQUIRE");

    return list && strstr(list, kernel);
}

int main(int argc, char **argv)
{
    unsigned number = 1;
    bool fine;

    if (argc < 2)
        return 2;
    fine = all_hold(argv[1], prints_as_it_was_read, NULL);
    printf("%s %u - specs of the vectors print as they were read\n", fine ? "ok" : "not ok", number);
    for (size_t i = 0; fodder_kernel_name(i); i++) {
        const char *const kernel = fodder_kernel_name(i);
        const bool absent = fodder_kernel_check(kernel) < 0;
        bool holds;

        if (argc > 2 && strcmp(argv[2], kernel) != 0)
            continue;
        holds = absent ? !required(kernel) : all_hold(argv[1], makes_the_bytes, kernel);
        fine = fine && holds;
        printf("%s %u %s %s makes and verifies the bytes of the vectors\n", holds ? "ok" : "not ok", ++number,
               absent ? "# SKIP" : "-", kernel);
    }
    printf("1..%u\n", number);
    return !fine;
}
