/* Fixed blocks of all sizes, against a count that sorts the blocks' bytes. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "measure/blocks.h"
#include "measured.h"
#include "support.h"

enum { MIB = 1 << 20, SECTOR = 512, ROOM = 32 * MIB };

/* Files that lie one behind the other. */
struct files {
    uint8_t *data;
    size_t len[8];
    size_t count;
};

static void append_file(struct files *files, const void *data, size_t len)
{
    uint8_t *end = files->data;

    for (size_t i = 0; i < files->count; i++)
        end += files->len[i];
    assert_true(end + len <= files->data + ROOM);
    memmove(end, data, len);
    files->len[files->count++] = len;
}

/* Sectors of a pool of 20,000; then a few blocks of each size that repeat another one, and zeros. */
static void plant(uint8_t *data, size_t len)
{
    struct random random = { 11 };

    for (size_t at = 0; at + SECTOR <= len; at += SECTOR) {
        struct random sector = { random_below(&random, 20000) << 32 };

        for (size_t i = 0; i < SECTOR; i += 8)
            memcpy(data + at + i, &(uint64_t) { random_next(&sector) }, 8);
    }
    for (size_t size = SECTOR; size <= 4 * MIB; size *= 2) {
        const size_t blocks = len / size;

        for (size_t i = 0; i < 2 + blocks / 8; i++)
            memmove(data + random_below(&random, blocks) * size, data + random_below(&random, blocks) * size, size);
        memset(data + random_below(&random, blocks) * size, 0, size);
    }
}

/* A file with repeats of every size, its last 4 MiB alone, those 100 bytes shorter, and zeros with a short end. */
static struct files files_new(void)
{
    static const uint8_t zeros[3 * SECTOR + 100];
    const size_t len = 21 * MIB + 3 * SECTOR + 300;
    struct files files = { .data = malloc(ROOM) };

    assert_non_null(files.data);
    plant(files.data, len);
    append_file(&files, files.data, len);
    append_file(&files, files.data + 20 * MIB, len - 20 * MIB);
    append_file(&files, files.data + 20 * MIB, len - 20 * MIB - 100);
    append_file(&files, zeros, sizeof zeros);
    append_file(&files, zeros, 100);
    append_file(&files, zeros, SECTOR);
    append_file(&files, zeros, 0);
    return files;
}

struct piece {
    const uint8_t *data;
    size_t len;
};

static int by_bytes(const void *a, const void *b)
{
    const struct piece *const x = a, *const y = b;
    const int order = memcmp(x->data, y->data, x->len < y->len ? x->len : y->len);

    return order ? order : (x->len > y->len) - (x->len < y->len);
}

/* Equal ones as they came. */
static int by_bytes_and_place(const void *a, const void *b)
{
    const struct piece *const x = a, *const y = b;
    const int order = by_bytes(a, b);

    return order ? order : (x->data > y->data) - (x->data < y->data);
}

/* How far each lies behind the one before, in 4 KiB. */
static void count_distances(struct measure_set_result *result, const struct piece *run, size_t times,
                            const uint8_t *data)
{
    for (size_t i = 1; i < times; i++) {
        const size_t far = ((size_t)(run[i].data - data) / SECTOR - (size_t)(run[i - 1].data - data) / SECTOR) / 8;
        unsigned class = 0;

        while (far >> class)
            class ++;
        result->distances[class] += 1;
    }
}

static void count_run(struct measure_set_result *result, const struct piece *piece, uint64_t times)
{
    bool zero = true;
    unsigned class = 0;

    for (size_t i = 0; i < piece->len; i++)
        zero &= piece->data[i] == 0;
    while (UINT64_C(1) << class < times)
        class ++;
    result->pieces += times;
    result->bytes += times * piece->len;
    result->zero_pieces += zero ? times : 0;
    result->zero_bytes += zero ? times * piece->len : 0;
    result->distinct += 1;
    result->distinct_bytes += (double)piece->len;
    result->reuse[class] += 1;
}

/* The blocks' bytes, sorted. */
static struct measure_set_result count_slowly(const struct files *files, size_t block)
{
    struct piece *const pieces = malloc((ROOM / block + 8) * sizeof *pieces);
    struct measure_set_result result = { 0 };
    const uint8_t *file = files->data;
    size_t count = 0, first = 0;

    for (size_t i = 0; i < files->count; file += files->len[i++]) {
        for (size_t at = 0; at < files->len[i]; at += block)
            pieces[count++] = (struct piece) { file + at, at + block < files->len[i] ? block : files->len[i] - at };
    }
    qsort(pieces, count, sizeof *pieces, by_bytes_and_place);
    for (size_t i = 1; i <= count; i++) {
        if (i < count && by_bytes(&pieces[i], &pieces[first]) == 0)
            continue;
        count_run(&result, &pieces[first], i - first);
        count_distances(&result, &pieces[first], i - first, files->data);
        first = i;
    }
    free(pieces);
    return result;
}

/* Adds the files, each in parts of 1 to `most` bytes; 0: whole. */
static struct measure_blocks *blocks_of(const struct files *files, uint64_t most)
{
    struct measure_blocks *blocks = NULL;
    struct random random = { most };
    const uint8_t *p = files->data;

    assert_int_equal(measure_blocks_new(&blocks, MEASURE_BLOCKS_LEAST), 0);
    for (size_t i = 0; i < files->count; i++) {
        for (size_t left = files->len[i], n; left > 0; left -= n, p += n) {
            n = most ? 1 + random_below(&random, most) : left;
            n = n < left ? n : left;
            assert_int_equal(measure_blocks_add(blocks, p, n), 0);
        }
        assert_int_equal(measure_blocks_cut(blocks), 0);
    }
    return blocks;
}

static void check_blocks(const struct files *files, uint64_t most)
{
    struct measure_blocks *const blocks = blocks_of(files, most);

    for (unsigned level = 0; level < MEASURE_BLOCK_LEVELS; level++) {
        const struct measure_set_result want = count_slowly(files, (size_t)SECTOR << level);
        struct measure_set_result got;

        measure_blocks_result(blocks, level, &got);
        assert_same_result(&got, &want);
        assert_same_distances(&got, &want);
        assert_true(want.distinct + 1 < (double)want.pieces && want.zero_pieces > 3); /* the planted ones are there */
    }
    measure_blocks_free(blocks);
}

static void blocks_of_every_size_are_counted_exactly(void **state)
{
    struct files files = files_new();
    (void)state;

    check_blocks(&files, 0);
    free(files.data);
}

static void the_parts_that_data_comes_in_change_no_block(void **state)
{
    struct files files = files_new();
    (void)state;

    check_blocks(&files, 1500);
    check_blocks(&files, 3 * MIB);
    free(files.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_of_every_size_are_counted_exactly),
        cmocka_unit_test(the_parts_that_data_comes_in_change_no_block),
    };

    return cmocka_run_group_tests_name("blocks", tests, NULL, NULL);
}
