/* By Linux's system calls, so that no library is needed. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "os/pages.h"

bool place_built(void)
{
    return true;
}

int place_memory(void *base, size_t len, uint32_t node)
{
    enum {
        PREFERRED = 1,
        MAX_NODES = 1024,
        BITS = 8 * sizeof(unsigned long)
    }; /* MPOL_PREFERRED of linux/mempolicy.h */
    unsigned long mask[MAX_NODES / BITS + 1] = { 0 };

    if (node >= MAX_NODES)
        return -EINVAL;
    mask[node / BITS] = 1UL << node % BITS;
    return syscall(SYS_mbind, base, len, PREFERRED, mask, (unsigned long)MAX_NODES + 1, 0) == 0 ? 0 : -errno;
}
