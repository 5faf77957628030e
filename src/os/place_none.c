/* A build without placing: -Dnuma=disabled. */
#include <errno.h>

#include "os/pages.h"

bool place_built(void)
{
    return false;
}

int place_memory(void *base, size_t len, uint32_t node)
{
    (void)base, (void)len, (void)node;
    return -ENOSYS;
}
