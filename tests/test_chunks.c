/* Content-defined chunks: where they end, and what follows from it. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "measure/chunks.h"
#include "support.h"

enum { KIB = 1 << 10, MIB = 1 << 20, ROOM = 64 * MIB };

/* ---- What the sets are told -------------------------------------------------------------------------------------- */

struct chunk {
    struct measure_digest digest;
    uint32_t len;
    bool zero;
};

/* The chunks of one size, in order. */
struct list {
    const struct measure_set *set;
    size_t count;
    struct chunk chunks[16384];
};

static struct list lists[MEASURE_CHUNK_SIZES];
static size_t sets;

/* The linker sends the calls of chunks.c here (--wrap). */
int __real_measure_set_new(struct measure_set **set, uint64_t memory);
int __wrap_measure_set_new(struct measure_set **set, uint64_t memory);
int __real_measure_set_add(struct measure_set *set, struct measure_digest digest, uint32_t len, bool zero);
int __wrap_measure_set_add(struct measure_set *set, struct measure_digest digest, uint32_t len, bool zero);

int __wrap_measure_set_new(struct measure_set **set, uint64_t memory)
{
    const int r = __real_measure_set_new(set, memory);

    lists[sets].count = 0;
    lists[sets++].set = *set;
    return r;
}

int __wrap_measure_set_add(struct measure_set *set, struct measure_digest digest, uint32_t len, bool zero)
{
    struct list *list = lists;

    while (list->set != set)
        list++;
    assert_true(list->count < sizeof list->chunks / sizeof *list->chunks);
    list->chunks[list->count++] = (struct chunk) { digest, len, zero };
    return __real_measure_set_add(set, digest, len, zero);
}

static struct measure_chunks *chunks_new(void)
{
    struct measure_chunks *chunks = NULL;

    sets = 0;
    assert_int_equal(measure_chunks_new(&chunks, MEASURE_CHUNKS_LEAST), 0);
    return chunks;
}

static void add(struct measure_chunks *chunks, const void *data, size_t len)
{
    assert_int_equal(measure_chunks_add(chunks, data, len), 0);
}

static void cut(struct measure_chunks *chunks)
{
    assert_int_equal(measure_chunks_cut(chunks), 0);
}

static void fill_random(uint8_t *data, size_t len, uint64_t seed)
{
    struct random random = { seed << 32 };

    for (size_t i = 0; i < len; i += 8)
        memcpy(data + i, &(uint64_t) { random_next(&random) }, 8);
}

/* ---- Where chunks end -------------------------------------------------------------------------------------------- */

/* The truth, slowly: the hash of the 64 bytes up to and with the one at `at`. */
static uint64_t hash_at(const uint64_t *gear, const uint8_t *file, size_t at)
{
    uint64_t hash = 0;

    for (size_t back = 0; back < 64 && back <= at; back++)
        hash += gear[file[at - back]] << back;
    return hash;
}

static bool is_end(uint64_t hash, size_t len, size_t average)
{
    unsigned bits = len < average ? 2 : 0; /* two more, and two fewer below */

    for (size_t size = average / 4; size > 1; size /= 2)
        bits++;
    if (len < average)
        bits += 2;
    return len == 8 * average || (len >= average / 4 && hash >> (64 - bits) == 0);
}

/* Checks the chunks of one size of a file; the number of the first that is behind it. */
static size_t check_chunks(const struct list *list, size_t first, const uint8_t *file, size_t len, size_t average)
{
    struct random random = { 0x666F64646572 };
    uint64_t gear[256];
    size_t from = 0;

    for (size_t i = 0; i < 256; i++)
        gear[i] = random_next(&random);
    for (size_t at = 0; at < len; at++) {
        const size_t chunk = at + 1 - from;
        XXH128_hash_t hash;

        if (at + 1 < len && !is_end(hash_at(gear, file, at), chunk, average))
            continue;
        hash = XXH3_128bits(file + from, chunk);
        assert_true(first < list->count);
        assert_int_equal(list->chunks[first].len, chunk);
        assert_true(list->chunks[first].digest.low == hash.low64 && list->chunks[first].digest.high == hash.high64);
        first++;
        from = at + 1;
    }
    return first;
}

/* 9 MiB with runs of zeros and a page that repeats, and a short file. */
static void plant(uint8_t *data)
{
    fill_random(data, 9 * MIB, 1);
    memset(data + 1 * MIB, 0, 700 * KIB);
    for (size_t i = 0; i < 200; i++)
        memcpy(data + 2 * MIB + i * 4 * KIB, data, 4 * KIB);
}

static void chunks_end_where_the_hash_of_64_bytes_says(void **state)
{
    uint8_t *const data = *state;
    const size_t len = 9 * MIB, second = 5000;
    struct measure_chunks *const chunks = chunks_new();

    plant(data);
    add(chunks, data, len);
    cut(chunks);
    add(chunks, data, second);
    cut(chunks);
    for (unsigned size = 0; size < MEASURE_CHUNK_SIZES; size++) {
        const size_t average = (size_t)8 * KIB << (size == 2 ? 7 : 3 * size);
        const size_t first = check_chunks(&lists[size], 0, data, len, average);

        assert_int_equal(measure_chunk_averages[size], average);
        assert_int_equal(check_chunks(&lists[size], first, data, second, average), lists[size].count);
    }
    measure_chunks_free(chunks);
}

static void the_parts_that_data_comes_in_change_no_chunk(void **state)
{
    uint8_t *const data = *state;
    static struct list whole[MEASURE_CHUNK_SIZES];
    struct random random = { 3 };
    struct measure_chunks *chunks = chunks_new();

    plant(data);
    add(chunks, data, 9 * MIB);
    cut(chunks);
    measure_chunks_free(chunks);
    memcpy(whole, lists, sizeof whole);
    chunks = chunks_new();
    for (size_t at = 0, n; at < 9 * MIB; at += n) {
        n = random_below(&random, random_below(&random, 20) ? 3000 : 300000);
        n = n < 9 * MIB - at ? n : 9 * MIB - at;
        add(chunks, data + at, n);
    }
    cut(chunks);
    for (unsigned size = 0; size < MEASURE_CHUNK_SIZES; size++) {
        assert_int_equal(lists[size].count, whole[size].count);
        for (size_t i = 0; i < whole[size].count; i++) {
            assert_int_equal(lists[size].chunks[i].len, whole[size].chunks[i].len);
            assert_int_equal(lists[size].chunks[i].digest.low, whole[size].chunks[i].digest.low);
            assert_int_equal(lists[size].chunks[i].zero, whole[size].chunks[i].zero);
        }
    }
    measure_chunks_free(chunks);
}

/* ---- What follows ------------------------------------------------------------------------------------------------ */

/* The mean within 4 of its own standard errors of what chunks.h derives; the least and the greatest length hold. */
static void check_lengths(const struct list *list, double average)
{
    const double count = (double)list->count, e = exp(-3.0 / 16), expected = average * (0.25 + 4 * (1 - e) + e / 4);
    double sum = 0, squares = 0, mean, error;

    for (size_t i = 0; i < list->count; i++) {
        const double len = list->chunks[i].len;

        assert_true(len >= average / 4 && len <= average * 8);
        sum += len;
        squares += len * len;
    }
    mean = sum / count;
    error = sqrt((squares / count - mean * mean) / count);
    if (fabs(mean - expected) > 4 * error || error > expected / 4)
        fail_msg("average %g: the mean of %g chunks is %g, not %g +- %g", average, count, mean, expected, error);
}

static void lengths_are_near_the_average_and_within_their_limits(void **state)
{
    struct measure_chunks *const chunks = chunks_new();

    fill_random(*state, ROOM, 2);
    add(chunks, *state, ROOM);
    for (unsigned size = 0; size < MEASURE_CHUNK_SIZES; size++)
        check_lengths(&lists[size], measure_chunk_averages[size]);
    measure_chunks_free(chunks);
}

/* Both ways fall into step again at the first end that they share, mostly the next one or the one behind. */
static void a_byte_inserted_changes_few_chunks(void **state)
{
    const uint8_t *const data = *state;
    const size_t len = 32 * MIB, where = 10 * MIB + 12345;
    struct measure_chunks *const chunks = chunks_new();
    double before[MEASURE_CHUNK_SIZES];
    struct measure_set_result result;

    fill_random(*state, len, 4);
    add(chunks, data, len);
    cut(chunks);
    for (unsigned size = 0; size < MEASURE_CHUNK_SIZES; size++) {
        measure_chunks_result(chunks, size, &result);
        before[size] = result.distinct;
    }
    add(chunks, data, where);
    add(chunks, "!", 1);
    add(chunks, data + where, len - where);
    cut(chunks);
    for (unsigned size = 0; size < MEASURE_CHUNK_SIZES; size++) {
        measure_chunks_result(chunks, size, &result);
        assert_true(result.exact);
        assert_int_equal(result.bytes, 2 * len + 1);
        assert_true(result.distinct > before[size] && result.distinct <= before[size] + 5);
    }
    measure_chunks_free(chunks);
}

static void a_run_of_any_one_byte_makes_the_greatest_chunks(void **state)
{
    struct measure_chunks *const chunks = chunks_new();
    struct measure_set_result result;

    for (unsigned byte = 0; byte < 256; byte++) {
        memset(*state, (int)byte, 128 * KIB);
        add(chunks, *state, 128 * KIB);
        cut(chunks);
    }
    measure_chunks_result(chunks, 0, &result);
    assert_int_equal(result.pieces, 2 * 256);
    assert_true(result.distinct == 256);
    for (unsigned size = 0; size < MEASURE_CHUNK_SIZES; size++) {
        measure_chunks_result(chunks, size, &result);
        assert_int_equal(result.zero_bytes, 128 * KIB);
        assert_int_equal(result.zero_pieces, size == 0 ? 2 : 1);
    }
    measure_chunks_free(chunks);
}

static void a_chunk_with_one_byte_that_is_not_0_is_no_zero_chunk(void **state)
{
    uint8_t *const data = *state;
    struct measure_chunks *const chunks = chunks_new();

    memset(data, 0, 4 * 64 * KIB);
    data[0] = data[2 * 64 * KIB - 1] = data[2 * 64 * KIB + 70] = 1;
    add(chunks, data, 30);
    add(chunks, data + 30, 4 * 64 * KIB - 30);
    for (size_t i = 0, at = 0; i < lists[0].count; at += lists[0].chunks[i++].len) {
        bool zero = true;

        for (size_t n = 0; n < lists[0].chunks[i].len; n++)
            zero &= data[at + n] == 0;
        assert_int_equal(lists[0].chunks[i].zero, zero);
    }
    assert_true(lists[0].chunks[lists[0].count - 1].zero && !lists[0].chunks[0].zero);
    measure_chunks_free(chunks);
}

static void a_cut_ends_all_chunks_and_a_second_one_none(void **state)
{
    struct measure_chunks *const chunks = chunks_new();

    fill_random(*state, 4 * KIB, 9);
    cut(chunks);
    add(chunks, *state, 100);
    cut(chunks);
    cut(chunks);
    add(chunks, *state, 100);
    cut(chunks);
    for (unsigned size = 0; size < MEASURE_CHUNK_SIZES; size++) {
        struct measure_set_result result;

        measure_chunks_result(chunks, size, &result);
        assert_int_equal(result.pieces, 2);
        assert_true(result.distinct == 1 && result.distinct_bytes == 100);
    }
    measure_chunks_free(chunks);
}

static int allocate(void **state)
{
    *state = malloc(ROOM);
    return *state ? 0 : -1;
}

static int release(void **state)
{
    free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chunks_end_where_the_hash_of_64_bytes_says),
        cmocka_unit_test(the_parts_that_data_comes_in_change_no_chunk),
        cmocka_unit_test(lengths_are_near_the_average_and_within_their_limits),
        cmocka_unit_test(a_byte_inserted_changes_few_chunks),
        cmocka_unit_test(a_run_of_any_one_byte_makes_the_greatest_chunks),
        cmocka_unit_test(a_chunk_with_one_byte_that_is_not_0_is_no_zero_chunk),
        cmocka_unit_test(a_cut_ends_all_chunks_and_a_second_one_none),
    };

    return cmocka_run_group_tests_name("chunks", tests, allocate, release);
}
