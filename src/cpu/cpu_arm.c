#include "cpu/cpu.h"

#if defined(__aarch64__) && defined(__linux__)

#include <sys/auxv.h>

/* Bit 3 of the hardware capabilities that Linux tells: arch/arm64's HWCAP_AES. */
#define AES_BIT (1ul << 3)

uint32_t cpu_features(void)
{
    return getauxval(AT_HWCAP) & AES_BIT ? CPU_NEON_AES : 0;
}

size_t cpu_last_cache(void)
{
    return SIZE_MAX;
}

#endif
