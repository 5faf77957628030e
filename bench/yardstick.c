#define _GNU_SOURCE
#include "yardstick.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#include "clock.h"

/* Less than this is set faster than threads are woken, so nobody would share it; fodder's pool does not (SHARE_FROM).
 */
enum { SHARE_FROM = 1 << 20, HUGE_PAGE = 2 << 20, LINE = 64 };

struct share {
    pthread_t thread;
    char *dst;
    size_t len, repeats;
};

static void *set_share(void *argument)
{
    const struct share *const share = argument;

    for (size_t i = 0; i < share->repeats; i++) {
        memset(share->dst, YARDSTICK_VALUE, share->len);
        /* The compiler may not make one memset of many. */
        __asm__ volatile("" : : "r"(share->dst) : "memory");
    }
    return NULL;
}

/* The calling thread has the first share. */
static bool set_all(char *dst, size_t size, size_t repeats, unsigned threads)
{
    struct share shares[YARDSTICK_THREADS];
    const unsigned count = size < SHARE_FROM ? 1 : threads;
    const size_t each = size / count & ~(size_t)(LINE - 1);
    unsigned started = 1;

    for (unsigned i = 0; i < count; i++) {
        const size_t len = i + 1 < count ? each : size - i * each;

        shares[i] = (struct share) { .dst = dst + i * each, .len = len, .repeats = repeats };
    }
    while (started < count && pthread_create(&shares[started].thread, NULL, set_share, &shares[started]) == 0)
        started++;
    set_share(&shares[0]);
    for (unsigned i = 1; i < started; i++)
        pthread_join(shares[i].thread, NULL);
    return started == count;
}

static void *map(size_t size, bool huge)
{
    void *const memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        return NULL;
    /* A kernel without huge pages refuses; then small ones it is. */
    (void)madvise(memory, size, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
    return memory;
}

static bool have(struct yardstick *yardstick, size_t size)
{
    const size_t whole = (size + HUGE_PAGE - 1) & ~(size_t)(HUGE_PAGE - 1);

    if (yardstick->size >= size)
        return true;
    yardstick_free(yardstick);
    yardstick->memory = map(whole, true);
    if (!yardstick->memory)
        return false;
    yardstick->size = whole;
    memset(yardstick->memory, YARDSTICK_VALUE, whole);
    return true;
}

double yardstick_memset(struct yardstick *yardstick, size_t chunk, size_t repeats, unsigned threads)
{
    double start;

    if (!have(yardstick, chunk))
        return -1;
    start = clock_seconds();
    return set_all(yardstick->memory, chunk, repeats, threads) ? clock_seconds() - start : -1;
}

double yardstick_fresh(size_t size, unsigned threads, bool huge)
{
    const double start = clock_seconds();
    char *const memory = map(size, huge);
    const bool good = memory && set_all(memory, size, 1, threads);
    const double seconds = clock_seconds() - start;

    if (memory)
        munmap(memory, size);
    return good ? seconds : -1;
}

void yardstick_free(struct yardstick *yardstick)
{
    if (yardstick->memory)
        munmap(yardstick->memory, yardstick->size);
    *yardstick = (struct yardstick) { .memory = NULL };
}
