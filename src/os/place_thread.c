#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>

#include "os/pages.h"

int place_thread(const uint32_t *cpus, size_t count)
{
    enum { MAX_CPUS = 8192 }; /* what Linux can have */
    cpu_set_t *const set = CPU_ALLOC(MAX_CPUS);
    const size_t size = CPU_ALLOC_SIZE(MAX_CPUS);
    int r;

    if (!set)
        return -ENOMEM;
    CPU_ZERO_S(size, set);
    for (size_t i = 0; i < count; i++)
        CPU_SET_S(cpus[i], size, set);
    r = sched_setaffinity(0, size, set) == 0 ? 0 : -errno;
    CPU_FREE(set);
    return r;
}
