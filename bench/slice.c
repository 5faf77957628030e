#define _GNU_SOURCE
#include "slice.h"

#include <linux/perf_event.h>
#include <math.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"

/* A counter of this thread's cycles, or -1: virtual machines and containers often have none. */
static int cycle_counter(void)
{
    static int counter = -2;
    struct perf_event_attr attr = {
        .type = PERF_TYPE_HARDWARE,
        .size = sizeof attr,
        .config = PERF_COUNT_HW_CPU_CYCLES,
        .exclude_kernel = 1,
        .exclude_hv = 1,
    };

    if (counter == -2)
        counter = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0UL);
    return counter;
}

static double cycles(void)
{
    uint64_t count;

    if (cycle_counter() < 0 || read(cycle_counter(), &count, sizeof count) != sizeof count)
        return NAN;
    return (double)count;
}

struct slice slice_run(const struct bench_case *c, const fodder_plan *plan, uint8_t *buffer, size_t size)
{
    enum { LENGTH = 32 << 20 };
    const size_t repeats = size < LENGTH ? LENGTH / size : 1;
    const double bytes = (double)(repeats * size);
    static uint64_t offset;
    double start, start_cycles;

    buffer += c->off;
    case_prepare(c, plan, buffer, size);
    start_cycles = cycles();
    start = clock_seconds();
    for (size_t i = 0; i < repeats; i++, offset += size)
        case_run(c, plan, offset & (UINT64_MAX >> 2), buffer, size);
    return (struct slice) { .rate = bytes / (clock_seconds() - start), .cycles = (cycles() - start_cycles) / bytes };
}
