#include "cpu/cpu.h"

#if !defined(__x86_64__)

uint32_t cpu_features(void)
{
    return 0;
}

#endif
