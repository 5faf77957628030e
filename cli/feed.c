#define _GNU_SOURCE
#include "feed.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <fodder/fodder.h>

#include "source.h"
#include "stop.h"
#include "walk.h"

/* ---- How much there is */

struct expected {
    uint64_t bytes;
    bool known;
};

static bool add_expected(void *user, const char *path, const struct stat *status)
{
    struct expected *const expected = user;
    struct source source = { .file = { .fd = -1, .direct_fd = -1 } };

    if (S_ISREG(status->st_mode)) {
        expected->bytes += (uint64_t)status->st_size;
    } else if (S_ISBLK(status->st_mode) && source_open(&source, path, NULL) == EXIT_FINE) {
        expected->bytes += source.size;
        source_close(&source);
    } else {
        expected->known = false;
    }
    return !stop_asked();
}

uint64_t feed_expected(const char *const *paths, int count, bool one_file_system)
{
    struct expected expected = { .known = true };
    const struct walk_visitor visitor = { .user = &expected, .one_file_system = one_file_system, .file = add_expected };
    struct walk_links links = { NULL };

    for (int i = 0; i < count && expected.known; i++)
        expected.known = strcmp(paths[i], "-") != 0 && walk(paths[i], &visitor, &links);
    walk_links_free(&links);
    return expected.known ? expected.bytes : 0;
}

/* ---- Reading it */

struct reading {
    struct feed *feed;
    struct measured *measured;
};

static void fail_with(struct feed *feed, int r)
{
    if (r < 0 && feed->code == EXIT_FINE)
        feed->code = fail(EXIT_FAILED, "measuring: %s", fodder_strerror(r));
}

static bool goes_on(const struct feed *feed)
{
    return feed->code == EXIT_FINE && !stop_asked();
}

static void count_unreadable(void *user, const char *path, int error)
{
    struct reading *const reading = user;

    say("%s: %s", path, strerror(error));
    reading->measured->unreadable++;
}

static void count_link(void *user, const char *path)
{
    struct reading *const reading = user;

    (void)path;
    reading->measured->links++;
}

/* Reads a source to its end; how many bytes, or -1 with errno. */
static int64_t read_all(struct feed *feed, const struct source *source)
{
    uint64_t bytes = 0;

    while (goes_on(feed)) {
        size_t room = 0; /* what it stays where making room fails */
        void *const place = measure_engine_room(feed->engine, &room);
        const int64_t n = place ? source_read(source, place, room) : 0;

        if (n < 0)
            return -1;
        fail_with(feed, measure_engine_put(feed->engine, (size_t)n));
        bytes += (uint64_t)n;
        feed->done += (uint64_t)n;
        progress_step(feed->progress, feed->done);
        if ((size_t)n < room)
            break;
        /* The disk works while the CPUs do. */
        posix_fadvise(source->file.fd, (off_t)(source->begin + bytes), (off_t)room, POSIX_FADV_WILLNEED);
    }
    return (int64_t)bytes;
}

static bool is_changed(const struct stat *before, const struct stat *after)
{
    return after->st_size != before->st_size || after->st_mtim.tv_sec != before->st_mtim.tv_sec ||
           after->st_mtim.tv_nsec != before->st_mtim.tv_nsec;
}

static void count_holes(struct measured *measured, const struct stat *status)
{
    const uint64_t taken = (uint64_t)status->st_blocks * 512, size = (uint64_t)status->st_size;

    measured->holes += size > taken ? size - taken : 0;
}

static void read_source(struct reading *reading, const struct source *source)
{
    struct stat before, after;
    const bool regular = fstat(source->file.fd, &before) == 0 && S_ISREG(before.st_mode);
    const int64_t bytes = read_all(reading->feed, source);

    fail_with(reading->feed, measure_engine_cut(reading->feed->engine));
    if (bytes < 0) {
        count_unreadable(reading, source->file.name, errno);
        return;
    }
    reading->measured->files++;
    if (regular && bytes >= before.st_size) /* of a part nobody knows what holes are in it */
        count_holes(reading->measured, &before);
    if (regular && goes_on(reading->feed) && fstat(source->file.fd, &after) == 0)
        reading->measured->changed +=
            is_changed(&before, &after) || (source->seekable && (uint64_t)bytes != source->size);
}

static bool read_file(void *user, const char *path, const struct stat *status)
{
    struct reading *const reading = user;
    struct source source = { .file = { .fd = -1, .direct_fd = -1 } };

    (void)status;
    if (source_open(&source, path, NULL) == EXIT_FINE)
        read_source(reading, &source);
    else
        reading->measured->unreadable++;
    source_close(&source);
    return goes_on(reading->feed);
}

void feed_path(struct feed *feed, const char *path, struct measured *measured)
{
    struct reading reading = { feed, measured };
    const struct walk_visitor visitor = { .user = &reading,
                                          .one_file_system = feed->one_file_system,
                                          .file = read_file,
                                          .link = count_link,
                                          .unreadable = count_unreadable };

    if (strcmp(path, "-") == 0)
        read_file(&reading, path, NULL);
    else if (!walk(path, &visitor, feed->links) && goes_on(feed))
        count_unreadable(&reading, path, errno);
    fail_with(feed, measure_engine_flush(feed->engine));
}
