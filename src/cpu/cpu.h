/* What this CPU, and the operating system on it, lets us run. */
#ifndef CPU_CPU_H
#define CPU_CPU_H

#include <stddef.h>
#include <stdint.h>

enum cpu_feature {
    CPU_AESNI = 1 << 0,    /* 128-bit AES with SSE4.2 and POPCNT */
    CPU_VAES256 = 1 << 1,  /* 256-bit AES with AVX2 */
    CPU_VAES512 = 1 << 2,  /* 512-bit AES with AVX-512 F, BW, VBMI and VPOPCNTDQ */
    CPU_NEON_AES = 1 << 3, /* ARMv8's AES */
};

/* A set of enum cpu_feature. */
uint32_t cpu_features(void);

/* The size of the largest cache, in bytes; SIZE_MAX where it is not known. */
size_t cpu_last_cache(void);

#endif
