/* Every kind of sink moves what it is given to its place, reads it back, and tells what failed. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sink/sink.h"
#include "support.h"

enum { BLOCK = 16384, DEPTH = 5, BLOCKS = 40, SIZE = BLOCKS * BLOCK + 777 };

void *__real_calloc(size_t count, size_t size);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument);

static int allowed = -1; /* calls that succeed; -1: all */

static int is_refused(void)
{
    return allowed == 0 || (allowed > 0 && allowed-- == 0);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return is_refused() ? NULL : __real_calloc(count, size);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument)
{
    return is_refused() ? EAGAIN : __real_pthread_create(thread, attributes, run, argument);
}

struct file {
    char path[32];
    int fd, direct_fd;
};

static struct file file_new(void)
{
    struct file file = { .path = "/var/tmp/fodder-sink-XXXXXX" };

    file.fd = mkstemp(file.path);
    assert_true(file.fd >= 0);
    file.direct_fd = open(file.path, O_RDWR | O_DIRECT);
    return file;
}

static void file_free(struct file *file)
{
    close(file->fd);
    if (file->direct_fd >= 0)
        close(file->direct_fd);
    unlink(file->path);
}

static uint8_t byte_of(uint64_t at)
{
    return (uint8_t)(at * 2654435761u >> 13);
}

static struct sink *sink_on(const struct sink_kind *kind, const struct file *file, bool reading)
{
    const struct sink_options options = { .kind = kind,
                                          .fd = file->fd,
                                          .direct_fd = kind->direct ? file->direct_fd : -1,
                                          .reading = reading,
                                          .block = BLOCK,
                                          .depth = DEPTH };
    struct sink *sink = NULL;
    const char *why = "";

    if (sink_new(&sink, &options, &why) < 0)
        print_message("%s: %s\n", kind->name, why);
    return sink;
}

static void write_all(struct sink *sink)
{
    struct sink_block *block;

    for (uint64_t at = 0; at < SIZE && (block = sink_take(sink)); at += block->len) {
        const size_t len = SIZE - at < BLOCK ? SIZE - at : BLOCK;

        for (size_t i = 0; i < len; i++)
            block->data[i] = byte_of(at + i);
        sink_put(sink, block, at, len);
    }
}

/* Reads with `step` bytes from the begin of one block to that of the next; the end comes early. */
static void read_all(struct sink *sink, uint64_t step)
{
    struct sink_block *block;
    uint64_t asked = 0, seen = 0;

    do {
        while (sink_ask(sink, asked, BLOCK))
            asked += step;
        block = sink_next(sink);
        assert_non_null(block);
        assert_int_equal(block->at, seen);
        assert_int_equal(block->error, 0);
        assert_int_equal(block->moved, seen >= SIZE ? 0 : SIZE - seen < BLOCK ? SIZE - seen : BLOCK);
        for (size_t i = 0; i < block->moved; i++)
            assert_int_equal(block->data[i], byte_of(seen + i));
        seen += step;
    } while (block->moved == BLOCK);
}

static bool fits(const struct sink_kind *kind, const struct file *file)
{
    return strcmp(kind->name, "null") != 0 && strcmp(kind->name, "pipe") != 0 && !kind->parts &&
           (!kind->direct || file->direct_fd >= 0);
}

static void every_kind_writes_and_reads(void **state)
{
    (void)state;

    for (size_t i = 0; sink_kind_at(i); i++) {
        const struct sink_kind *const kind = sink_kind_at(i);
        struct file file = file_new();
        struct sink *sink = fits(kind, &file) ? sink_on(kind, &file, false) : NULL;

        assert_ptr_equal(sink_kind_named(kind->name), kind);
        if (sink) {
            write_all(sink);
            assert_int_equal(sink_finish(sink), 0);
            assert_int_equal(sink_whole(sink), SIZE);
            assert_true(sink->idle >= 0 && sink->held_up >= 0);
            sink_free(sink);
            assert_int_equal(lseek(file.fd, 0, SEEK_END), SIZE);
            assert_int_equal(lseek(file.fd, 0, SEEK_SET), 0);
            sink = sink_on(kind, &file, true);
            read_all(sink, BLOCK);
            sink_free(sink);
        }
        if (sink && !kind->waits) {
            sink = sink_on(kind, &file, true);
            read_all(sink, 3 * BLOCK);
            sink_free(sink);
        }
        file_free(&file);
    }
    assert_null(sink_kind_named("tape"));
}

static void what_fails_first_is_told_and_nothing_lies_behind_it(void **state)
{
    const struct rlimit before = { RLIM_INFINITY, RLIM_INFINITY }, limit = { 10 * BLOCK + 4096, RLIM_INFINITY };
    (void)state;

    signal(SIGXFSZ, SIG_IGN);
    for (size_t i = 0; sink_kind_at(i); i++) {
        const struct sink_kind *const kind = sink_kind_at(i);
        struct file file = file_new();
        struct sink *const sink = fits(kind, &file) ? sink_on(kind, &file, false) : NULL;

        if (sink) {
            assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
            write_all(sink);
            assert_int_equal(sink_finish(sink), -EFBIG);
            assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
            assert_int_equal(sink_whole(sink), 10 * BLOCK + 4096);
            assert_null(sink_take(sink));
            assert_true(lseek(file.fd, 0, SEEK_END) <= 10 * BLOCK + 4096);
            sink_free(sink);
        }
        file_free(&file);
    }
}

static bool at_once(void)
{
    return true;
}

static void who_wants_to_stop_gets_no_more_blocks(void **state)
{
    struct file file = file_new();
    struct sink *const sink = sink_on(sink_kind_named("file"), &file, false);
    (void)state;

    sink_put(sink, sink_take(sink), 0, BLOCK);
    sink->is.stop = at_once;
    assert_null(sink_take(sink));
    assert_int_equal(sink_finish(sink), 0);
    assert_int_equal(sink_whole(sink), BLOCK);
    sink_free(sink);
    file_free(&file);
}

static void what_is_missing_is_told(void **state)
{
    struct file file = file_new();
    (void)state;

    for (size_t i = 0; sink_kind_at(i); i++) {
        for (int calls = 0; fits(sink_kind_at(i), &file); calls++) {
            struct sink *sink;

            allowed = calls;
            sink = sink_on(sink_kind_at(i), &file, false);
            allowed = -1;
            assert_true(calls < 40);
            if (!sink)
                continue;
            sink_free(sink);
            break;
        }
    }
    file_free(&file);
}

static void blocks_suit_the_page_cache(void **state)
{
    const struct sink_kind *const kind = sink_kind_named("direct");
    struct file file = file_new();
    struct sink *sink = NULL;
    const char *why = NULL;
    (void)state;

    assert_int_equal(
        sink_new(&sink,
                 &(struct sink_options) { .kind = kind, .fd = file.fd, .direct_fd = file.direct_fd, .block = 1000 },
                 &why),
        -EINVAL);
    assert_non_null(strstr(why, "multiple of 4096"));
    assert_null(sink);
    file_free(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_writes_and_reads),
        cmocka_unit_test(what_fails_first_is_told_and_nothing_lies_behind_it),
        cmocka_unit_test(who_wants_to_stop_gets_no_more_blocks),
        cmocka_unit_test(what_is_missing_is_told),
        cmocka_unit_test(blocks_suit_the_page_cache),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
