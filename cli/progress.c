#define _GNU_SOURCE
#include "progress.h"

#include <stdio.h>
#include <unistd.h>

#include "clock.h"
#include "text.h"

struct progress progress_start(uint64_t total, bool quiet)
{
    const double start = clock_seconds();

    return (struct progress) {
        .shown = !quiet && isatty(STDERR_FILENO), .total = total, .start = start, .last = start, .today = clock_today()
    };
}

void progress_step(struct progress *p, uint64_t done)
{
    const double time = p->shown ? clock_seconds() : 0, rate = (double)done / (time - p->start);

    if (!p->shown || done == 0 || time - p->last < 0.2)
        return;
    p->last = time;
    p->drawn = true;
    fprintf(stderr, "\r\033[K%3.0f %%  %s of %s  %s  %s left", 100 * (double)done / (double)p->total,
            text_size((double)done).text, text_size((double)p->total).text, text_rate(rate).text,
            text_time((double)(p->total - done) / rate).text);
    fflush(stderr);
}

void progress_add(struct progress_sum *sum, unsigned thread, size_t bytes)
{
    const uint64_t done = atomic_fetch_add_explicit(&sum->bytes, bytes, memory_order_relaxed) + bytes;

    if (thread == 0)
        progress_step(&sum->progress, done < sum->progress.total ? done : sum->progress.total);
}

struct span progress_end(struct progress *p)
{
    if (p->drawn)
        fputs("\r\033[K", stderr);
    return (struct span) { p->today, clock_seconds() - p->start };
}
