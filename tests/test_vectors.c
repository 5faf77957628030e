/* The bytes of tests/vectors/format0.txt, made by every kernel. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

struct vector {
    char spec[FODDER_SPEC_TEXT], value[160];
    uint64_t offset;
    size_t len;
};

static const char *vectors_path;

static uint64_t fnv1a(const uint8_t *bytes, size_t len)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static void to_value(char value[160], const uint8_t *bytes, size_t len)
{
    if (len > 64) {
        sprintf(value, "fnv:%016" PRIx64, fnv1a(bytes, len));
        return;
    }
    for (size_t i = 0; i < len; i++)
        sprintf(value + 2 * i, "%02x", bytes[i]);
}

/* The next vector of the file; 0 at its end. */
static int read_vector(FILE *file, struct vector *v)
{
    char line[512];

    while (fgets(line, sizeof line, file)) {
        if (line[0] == '#')
            continue;
        if (sscanf(line, "%255s %" SCNu64 " %zu %159s", v->spec, &v->offset, &v->len, v->value) != 4)
            fail_msg("not a vector: %s", line);
        return 1;
    }
    return 0;
}

static void check_vector(const struct vector *v, const char *kernel)
{
    fodder_plan *const plan = plan_of(v->spec, kernel);
    uint8_t *const bytes = malloc(v->len + 1);
    char value[160] = "";

    assert_non_null(bytes);
    fodder_fill(plan, v->offset, bytes, v->len);
    to_value(value, bytes, v->len);
    if (strcmp(value, v->value) != 0)
        fail_msg("%s, %zu bytes at %" PRIu64 ": %s, not %s", v->spec, v->len, v->offset, value, v->value);
    free(bytes);
    fodder_plan_free(plan);
}

static void makes_the_vectors(void **state)
{
    FILE *const file = fopen(vectors_path, "r");
    struct vector v;
    unsigned count = 0;

    require_kernel(*state);
    assert_non_null(file);
    for (; read_vector(file, &v); count++)
        check_vector(&v, *state);
    fclose(file);
    assert_true(count > 200);
}

static void specs_of_the_vectors_print_as_they_were_read(void **state)
{
    FILE *const file = fopen(vectors_path, "r");
    struct vector v;
    (void)state;

    assert_non_null(file);
    while (read_vector(file, &v)) {
        char text[FODDER_SPEC_TEXT];
        fodder_spec spec;

        assert_int_equal(fodder_spec_parse(&spec, v.spec, NULL), 0);
        assert_int_equal(fodder_spec_print(&spec, text, sizeof text), 0);
        assert_string_equal(text, v.spec);
    }
    fclose(file);
}

int main(int argc, char **argv)
{
    struct CMUnitTest tests[16] = { cmocka_unit_test(specs_of_the_vectors_print_as_they_were_read) };
    const size_t count = add_per_kernel(tests, 1, "makes the bytes of the vectors", makes_the_vectors);

    if (argc < 2)
        return 2;
    vectors_path = argv[1];
    cmocka_set_test_filter(argc > 2 ? argv[2] : NULL);
    return _cmocka_run_group_tests("vectors", tests, count, NULL, NULL);
}
