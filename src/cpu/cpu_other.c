#include "cpu/cpu.h"

#if !defined(__x86_64__) && !(defined(__aarch64__) && defined(__linux__))

uint32_t cpu_features(void)
{
    return 0;
}

size_t cpu_last_cache(void)
{
    return SIZE_MAX;
}

#endif
