/* What kernels do for verify: compare, undo, count. */
#include <string.h>

#include "kernel/kernel.h"
#include "support.h"

static void random_bytes(struct random *r, uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)random_next(r);
}

static void undoes_the_rounds_of_any_block(void **state)
{
    struct random r = { 1 };

    require_kernel(*state);
    for (int i = 0; i < 1000; i++) {
        const struct kernel *const kernel = kernel_named(*state);
        uint8_t keys[32], block[16];
        const struct keystream stream = { .round_keys = keys, .left = random_next(&r), .right = random_next(&r) };
        uint64_t words[2] = { 0, 0 };
        const uint64_t first = random_below(&r, 1 << 22);

        random_bytes(&r, keys, sizeof keys);
        kernel->blocks(&stream, first, block, 1, KERNEL_CACHED);
        kernel->undo(keys, block, words);
        assert_int_equal(words[0], stream.left + first * KEYSTREAM_W0);
        assert_int_equal(words[1], stream.right + first * KEYSTREAM_W1);
    }
}

static void counts_the_bytes_and_bits_that_differ(void **state)
{
    struct random r = { 2 };

    require_kernel(*state);
    for (int i = 0; i < 1000; i++) {
        uint8_t a[3 * 512], b[3 * 512];
        const size_t sectors = random_below(&r, 4);
        unsigned want_bytes = 0, want_bits = 0;
        struct difference found;

        random_bytes(&r, a, sizeof a);
        memcpy(b, a, sizeof b);
        for (uint64_t n = random_below(&r, 1000); n > 0; n--)
            b[random_below(&r, sizeof b)] = (uint8_t)random_next(&r);
        for (size_t j = 0; j < sectors * 512; j++) {
            want_bytes += a[j] != b[j];
            for (int bit = 0; bit < 8; bit++)
                want_bits += (a[j] ^ b[j]) >> bit & 1;
        }
        found = kernel_named(*state)->difference(a, b, sectors);
        assert_int_equal(found.bytes, want_bytes);
        assert_int_equal(found.bits, want_bits);
    }
}

static void counts_all_where_all_differ(void **state)
{
    static const uint8_t none[16 * 512];
    static uint8_t all[16 * 512];
    struct difference found;

    require_kernel(*state);
    memset(all, 0xff, sizeof all);
    found = kernel_named(*state)->difference(none, all, 16);
    assert_int_equal(found.bytes, sizeof all);
    assert_int_equal(found.bits, 8 * sizeof all);
}

static void make(const struct kernel *kernel, const struct keystream *stream, uint64_t q, uint64_t first, uint8_t *data,
                 size_t sectors)
{
    if (q == KEYSTREAM_Q_ALL)
        kernel->blocks(stream, first * 32, data, sectors * 32, KERNEL_CACHED);
    else
        kernel->sectors(stream, q, first, data, sectors, KERNEL_CACHED);
}

static void writes_the_same_anywhere_and_past_the_cache(void **state)
{
    enum { MOST = 40 };
    static const enum kernel_way ways[] = { KERNEL_CACHED, KERNEL_PAST_CACHE };
    struct random r = { 4 };

    require_kernel(*state);
    for (int i = 0; i < 2000; i++) {
        const struct kernel *const kernel = kernel_named(*state);
        const uint64_t q = (10 + random_below(&r, 500)) << 32, first = random_below(&r, 1 << 17);
        const size_t count = random_below(&r, MOST), blocks = random_below(&r, 32 * MOST);
        const size_t off = i % 4 == 0 ? 0 : random_below(&r, 64);
        struct guard g = guard_new(512 * MOST + 64, 1); /* a multiple of 64, so that it starts on 64 bytes */
        uint8_t keys[32];
        _Alignas(64) uint8_t want[512 * MOST + 64];
        const struct keystream stream = { .round_keys = keys, .left = random_next(&r), .right = random_next(&r) };

        random_bytes(&r, keys, sizeof keys);
        memset(want, 0x5a, sizeof want);
        memset(g.data, 0x5a, g.len);
        for (size_t j = 0; j < count; j++)
            kernel->sectors(&stream, q, first + j, want + off + 512 * j, 1, KERNEL_CACHED);
        kernel->sectors(&stream, q, first, g.data + off, count, ways[i % 2]);
        assert_memory_equal(g.data, want, sizeof want);
        for (size_t j = 0; j < blocks; j++)
            kernel->blocks(&stream, first + j, want + off + 16 * j, 1, KERNEL_CACHED);
        kernel->blocks(&stream, first, g.data + off, blocks, ways[i % 2]);
        assert_memory_equal(g.data, want, sizeof want);
        guard_free(&g);
    }
}

/* Every byte of a sector counts, in every one of the loops that a kernel has for the splits of a sector. */
static void sees_any_bit_that_is_wrong_whatever_the_split(void **state)
{
    enum { SECTORS = 5 };
    struct random r = { 3 };

    require_kernel(*state);
    for (unsigned k = 10; k <= 512; k++) {
        const struct kernel *const kernel = kernel_named(*state);
        const uint64_t q = k == 512 ? KEYSTREAM_Q_ALL : ((uint64_t)k << 32) + (random_next(&r) & 0xffffffff);
        uint8_t keys[32], data[SECTORS * 512];
        const struct keystream stream = { .round_keys = keys, .left = random_next(&r), .right = random_next(&r) };
        const uint64_t first = random_below(&r, 1 << 17);

        random_bytes(&r, keys, sizeof keys);
        make(kernel, &stream, q, first, data, SECTORS);
        assert_int_equal(kernel->match(&stream, q, first, data, SECTORS), SECTORS);
        assert_int_equal(kernel->match(&stream, q, first, data, 0), 0);
        for (int n = 0; n < 40; n++) {
            const size_t at = random_below(&r, sizeof data);

            data[at] ^= (uint8_t)(1 << random_below(&r, 8));
            if (kernel->match(&stream, q, first, data, SECTORS) != at / 512)
                fail_msg("k %u: a bit of byte %zu is not seen", k, at);
            make(kernel, &stream, q, first, data, SECTORS);
        }
    }
}

int main(int argc, char **argv)
{
    struct CMUnitTest tests[64];
    size_t count = 0;

    count = add_per_kernel(tests, count, "undoes the rounds of any block", undoes_the_rounds_of_any_block);
    count =
        add_per_kernel(tests, count, "counts the bytes and bits that differ", counts_the_bytes_and_bits_that_differ);
    count = add_per_kernel(tests, count, "counts all where all differ", counts_all_where_all_differ);
    count = add_per_kernel(tests, count, "writes the same anywhere and past the cache",
                           writes_the_same_anywhere_and_past_the_cache);
    count = add_per_kernel(tests, count, "sees any bit that is wrong, whatever the split",
                           sees_any_bit_that_is_wrong_whatever_the_split);
    cmocka_set_test_filter(argc > 1 ? argv[1] : NULL);
    return _cmocka_run_group_tests("kernel", tests, count, NULL, NULL);
}
