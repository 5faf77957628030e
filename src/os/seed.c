/* Random bytes of the system. */
#include <errno.h>
#include <sys/random.h>

#include <fodder/fodder.h>

int fodder_fresh_seed(uint64_t *seed)
{
    uint64_t drawn;

    if (getrandom(&drawn, sizeof drawn, 0) != sizeof drawn)
        return -errno;
    *seed = drawn;
    return 0;
}
