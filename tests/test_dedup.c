/* Sets of the hashes of pieces, exact or a sample; and no memory, for them, for blocks and for chunks. */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "measure/blocks.h"
#include "measure/chunks.h"
#include "measure/set.h"
#include "measured.h"
#include "support.h"

enum { KIB = 1 << 10, MIB = 1 << 20 };

/* ---- Memory ------------------------------------------------------------------------------------------------------ */

/* The linker sends the library's allocations here (--wrap): number `failing` of them, from 1 on, fails; 0: none. */
static unsigned failing, allocations;

/* What lives, and the most bytes that lived at once. A hash's state counts as a byte. */
static struct {
    void *address;
    size_t size;
} live[64];
static size_t live_bytes, most_bytes;

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void __real_free(void *address);
void __wrap_free(void *address);
void *__real_XXH3_createState(void);
void *__wrap_XXH3_createState(void);
int __real_XXH3_freeState(void *state);
int __wrap_XXH3_freeState(void *state);

/* Notes an allocation. NULL is an empty place. */
static void *note(void *address, size_t size)
{
    size_t i = 0;

    if (!address)
        return NULL;
    while (live[i].address)
        i++;
    live[i].address = address;
    live[i].size = size;
    live_bytes += size;
    most_bytes = live_bytes > most_bytes ? live_bytes : most_bytes;
    return address;
}

static void forget(const void *address)
{
    for (size_t i = 0; address && i < sizeof live / sizeof *live; i++) {
        if (live[i].address != address)
            continue;
        live[i].address = NULL;
        live_bytes -= live[i].size;
    }
}

void *__wrap_calloc(size_t count, size_t size)
{
    return ++allocations == failing ? NULL : note(__real_calloc(count, size), count * size);
}

void __wrap_free(void *address)
{
    forget(address);
    __real_free(address);
}

void *__wrap_XXH3_createState(void)
{
    return ++allocations == failing ? NULL : note(__real_XXH3_createState(), 1);
}

int __wrap_XXH3_freeState(void *state)
{
    forget(state);
    return __real_XXH3_freeState(state);
}

static int begin(void **state)
{
    (void)state;
    failing = allocations = 0;
    most_bytes = live_bytes;
    return 0;
}

static int nothing_lives(void **state)
{
    (void)state;
    if (live_bytes > 0)
        print_error("%zu bytes leak\n", live_bytes);
    return live_bytes == 0 ? 0 : -1;
}

/* ---- Sets -------------------------------------------------------------------------------------------------------- */

static struct measure_set *set_with(uint64_t memory)
{
    struct measure_set *set = NULL;

    assert_int_equal(measure_set_new(&set, memory), 0);
    return set;
}

static struct measure_digest random_digest(struct random *random)
{
    const uint64_t low = random_next(random);

    return (struct measure_digest) { .low = low, .high = random_next(random) };
}

static void add_times(struct measure_set *set, struct measure_digest digest, uint32_t len, unsigned times)
{
    while (times-- > 0)
        assert_int_equal(measure_set_add(set, digest, len, false), 0);
}

static void a_set_within_its_memory_is_exact(void **state)
{
    struct measure_set *const set = set_with(MIB);
    struct random random = { 1 };
    struct measure_set_result result;
    uint64_t pieces = 0;
    (void)state;

    /* Piece n of 4,000 has n bytes and comes n % 9 + 1 times. */
    for (unsigned n = 0; n < 4000; n++) {
        add_times(set, random_digest(&random), n, n % 9 + 1);
        pieces += n % 9 + 1;
    }
    measure_set_result(set, &result);
    assert_true(result.exact && result.halvings == 0);
    assert_int_equal(result.pieces, pieces);
    assert_true(result.distinct == 4000 && result.distinct_bytes == 4000 * 3999 / 2);
    assert_true(result.distinct_bytes_low == result.distinct_bytes && result.relative_error == 0);
    assert_true(result.distinct_bytes_high == result.distinct_bytes);
    /* Of nine pieces one came once, one twice, 2 three or four times, 4 five to eight, one nine times; 4 are over. */
    assert_true(result.reuse[0] == 445 && result.reuse[1] == 445 && result.reuse[2] == 890);
    assert_true(result.reuse[3] == 1776 && result.reuse[4] == 444 && result.reuse[5] == 0);
    measure_set_free(set);
}

static void zero_pieces_are_told_apart_and_count_like_others(void **state)
{
    struct measure_set *const set = set_with(MIB);
    const struct measure_digest zero = { 1, 2 }, other = { 1, 3 };
    struct measure_set_result result;
    (void)state;

    assert_int_equal(measure_set_add(set, zero, 100, true), 0);
    assert_int_equal(measure_set_add(set, other, 70, false), 0);
    assert_int_equal(measure_set_add(set, zero, 100, true), 0);
    measure_set_result(set, &result);
    assert_int_equal(result.zero_pieces, 2);
    assert_int_equal(result.zero_bytes, 200);
    assert_int_equal(result.bytes, 270);
    assert_true(result.distinct == 2 && result.distinct_bytes == 170);
    measure_set_free(set);
}

/* `count` distinct pieces of the seed, each one to three times, an eighth of them 64 times as long as the others: most
 * bytes are in few pieces, which a bound from the number of pieces alone would not cover. */
static double add_skewed(struct measure_set *set, uint64_t seed, unsigned count)
{
    struct random random = { seed << 32 };
    double bytes = 0;

    for (unsigned i = 0; i < count; i++) {
        const uint32_t len = random_below(&random, 8) == 0 ? 64 * KIB : KIB;

        add_times(set, random_digest(&random), len, 1 + (unsigned)random_below(&random, 3));
        bytes += len;
    }
    return bytes;
}

/*
 * Of 100 bounds that each hold with probability 0.95 fewer than 87 hold once in 1,600 times (binomial). That the bound
 * is no wider than it says shows in the errors: the mean of 100 squares of standard normals is 1 with a standard
 * deviation of sqrt(2 / 100), and 4 of those are 0.57.
 */
static void estimates_keep_their_bound_and_it_is_not_too_wide(void **state)
{
    unsigned held = 0;
    double squares = 0;
    (void)state;

    for (uint64_t seed = 0; seed < 100; seed++) {
        struct measure_set *const set = set_with(MEASURE_SET_LEAST);
        const double bytes = add_skewed(set, seed, 10000 + 400 * (unsigned)seed);
        struct measure_set_result result;

        measure_set_result(set, &result);
        assert_false(result.exact);
        held += result.distinct_bytes_low <= bytes && bytes <= result.distinct_bytes_high;
        squares += pow((result.distinct_bytes - bytes) / (result.relative_error * result.distinct_bytes), 2);
        measure_set_free(set);
    }
    if (held < 87 || fabs(squares / 100 - 1) > 0.57)
        fail_msg("%u of 100 bounds hold, and the mean square of error / standard error is %g", held, squares / 100);
}

static void the_order_of_the_pieces_changes_no_sample(void **state)
{
    enum { COUNT = 50000 };
    struct measure_set *const forth = set_with(MEASURE_SET_LEAST), *const back = set_with(MEASURE_SET_LEAST);
    struct measure_digest *const digests = malloc(COUNT * sizeof *digests);
    struct measure_set_result result, other;
    struct random random = { 7 };
    (void)state;

    for (unsigned i = 0; i < COUNT; i++)
        digests[i] = random_digest(&random);
    for (unsigned i = 0; i < COUNT; i++) {
        add_times(forth, digests[i], 1 + i % 1000, 1 + i % 3);
        add_times(back, digests[COUNT - 1 - i], 1 + (COUNT - 1 - i) % 1000, 1 + (COUNT - 1 - i) % 3);
        if (i % 1000 == 0)
            measure_set_result(forth, &result); /* which may not change anything either */
    }
    measure_set_result(forth, &result);
    measure_set_result(back, &other);
    assert_same_result(&result, &other);
    assert_true(result.halvings > 2);
    free(digests);
    measure_set_free(forth);
    measure_set_free(back);
}

/* The histogram of a sample is that of all, up to the sample's error: 4 standard deviations of the binomial. */
static void a_sample_tells_how_often_pieces_came(void **state)
{
    struct measure_set *const set = set_with(MEASURE_SET_LEAST);
    struct random random = { 5 };
    struct measure_set_result result;
    double margin;
    (void)state;

    for (unsigned i = 0; i < 40000; i++)
        add_times(set, random_digest(&random), 512, i % 4 == 0 ? 6 : 1);
    measure_set_result(set, &result);
    margin = 4 * sqrt(10000 * (ldexp(1, (int)result.halvings) - 1));
    assert_true(fabs(result.reuse[3] - 10000) < margin);
    assert_true(fabs(result.reuse[0] - 30000) < 2 * margin);
    assert_true(result.reuse[0] + result.reuse[3] == result.distinct);
    assert_int_equal(result.pieces, 90000);
    measure_set_free(set);
}

static void a_set_keeps_its_memory(void **state)
{
    static const uint64_t limits[] = { MEASURE_SET_LEAST, 100000, MIB, 3 * MIB + 12345 };
    (void)state;

    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        struct measure_set *set;
        struct random random = { 3 };

        most_bytes = 0;
        set = set_with(limits[i]);
        for (unsigned n = 0; n < 300000; n++)
            add_times(set, random_digest(&random), 512, 1);
        measure_set_free(set);
        if (most_bytes > limits[i] || most_bytes < limits[i] / 8 * 7 - 1000)
            fail_msg("%zu bytes of %zu", most_bytes, (size_t)limits[i]);
    }
    assert_int_equal(measure_set_new(&(struct measure_set *) { NULL }, MEASURE_SET_LEAST - 1), -EINVAL);
}

/* ---- No memory --------------------------------------------------------------------------------------------------- */

/* Each makes a counter, counts 3 MiB, and frees it. */
static int count_blocks(const uint8_t *data)
{
    struct measure_blocks *blocks = NULL;
    int r = measure_blocks_new(&blocks, MEASURE_BLOCKS_LEAST);

    if (r == 0)
        r = measure_blocks_add(blocks, data, 3 * MIB + 1);
    if (r == 0)
        r = measure_blocks_cut(blocks);
    measure_blocks_free(blocks);
    return r;
}

static int count_chunks(const uint8_t *data)
{
    struct measure_chunks *chunks = NULL;
    int r = measure_chunks_new(&chunks, MEASURE_CHUNKS_LEAST);

    if (r == 0)
        r = measure_chunks_add(chunks, data, 3 * MIB + 1);
    if (r == 0)
        r = measure_chunks_cut(chunks);
    measure_chunks_free(chunks);
    return r;
}

/* Lets each allocation fail, up to the run that needs no more. */
static unsigned fail_each(int (*count)(const uint8_t *data), const uint8_t *data)
{
    unsigned fails = 0;
    int r = -ENOMEM;

    while (r != 0) {
        allocations = 0;
        failing = ++fails;
        r = count(data);
        assert_true(r == 0 || r == -ENOMEM);
        assert_int_equal(live_bytes, 0);
        assert_true((r == 0) == (allocations < failing));
    }
    return fails - 1;
}

static void no_memory_is_an_error_and_leaks_nothing(void **state)
{
    uint8_t *const data = malloc(4 * MIB);
    struct random random = { 1 };
    (void)state;

    assert_non_null(data);
    for (size_t i = 0; i < 4 * MIB; i += 8)
        memcpy(data + i, &(uint64_t) { random_next(&random) }, 8);
    assert_true(fail_each(count_blocks, data) > 2 * MEASURE_BLOCK_LEVELS); /* each set and its table, and more */
    assert_true(fail_each(count_chunks, data) > 3 * MEASURE_CHUNK_SIZES);  /* and its hash */
    free(data);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, nothing_lives)
    const struct CMUnitTest tests[] = {
        TEST(a_set_within_its_memory_is_exact),
        TEST(zero_pieces_are_told_apart_and_count_like_others),
        TEST(estimates_keep_their_bound_and_it_is_not_too_wide),
        TEST(the_order_of_the_pieces_changes_no_sample),
        TEST(a_sample_tells_how_often_pieces_came),
        TEST(a_set_keeps_its_memory),
        TEST(no_memory_is_an_error_and_leaks_nothing),
    };

    return cmocka_run_group_tests_name("dedup", tests, NULL, NULL);
}
