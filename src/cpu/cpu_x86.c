#include "cpu/cpu.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <stdbool.h>

struct leaf {
    unsigned eax, ebx, ecx, edx;
};

static struct leaf cpuid_leaf(unsigned number)
{
    struct leaf leaf = { 0, 0, 0, 0 };

    __get_cpuid_count(number, 0, &leaf.eax, &leaf.ebx, &leaf.ecx, &leaf.edx);
    return leaf;
}

/* The register states that the operating system saves: asking is only allowed where OSXSAVE is set. */
static unsigned saved_states(const struct leaf *basic)
{
    unsigned low, high;

    if (!(basic->ecx & bit_OSXSAVE))
        return 0;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

uint32_t cpu_features(void)
{
    enum { YMM = 0x6, ZMM = 0xe6 }; /* XCR0: SSE and AVX; and opmask, both halves of ZMM */
    const struct leaf basic = cpuid_leaf(1), extended = cpuid_leaf(7);
    const unsigned saved = saved_states(&basic);
    const bool aes = (basic.ecx & bit_AES) && (basic.ecx & bit_SSE4_2) && (basic.ecx & bit_POPCNT);
    const bool vaes = aes && (extended.ecx & bit_VAES);
    const bool ymm = (saved & YMM) == YMM && (extended.ebx & bit_AVX2);
    const bool zmm = (saved & ZMM) == ZMM && (extended.ebx & bit_AVX512F) && (extended.ebx & bit_AVX512BW);

    return (aes ? CPU_AESNI : 0u) | (vaes && ymm ? CPU_VAES256 : 0u) | (vaes && ymm && zmm ? CPU_VAES512 : 0u);
}

#endif
