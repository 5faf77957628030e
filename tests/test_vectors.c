/*
 * The bytes of tests/vectors/format0.txt, made by every kernel. Plain C without a test library, so that it runs
 * wherever the library does: it writes TAP.
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

static bool makes_the_bytes(const struct vector *v, const char *kernel)
{
    static uint8_t bytes[MOST];
    char value[VALUE];
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
    fodder_plan_free(plan);
    to_value(value, bytes, v->len);
    if (strcmp(value, v->value) == 0)
        return true;
    fail(v, "gives", value);
    return false;
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
        printf("%s %u %s %s makes the bytes of the vectors\n", holds ? "ok" : "not ok", ++number,
               absent ? "# SKIP" : "-", kernel);
    }
    printf("1..%u\n", number);
    return !fine;
}
