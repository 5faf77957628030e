/* A build without pinning: -Dpinning=disabled. */
#include <errno.h>

#include "os/pages.h"

int place_thread(const uint32_t *cpus, size_t count)
{
    (void)cpus, (void)count;
    return -ENOSYS;
}
