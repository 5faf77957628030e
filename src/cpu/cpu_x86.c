#include "cpu/cpu.h"

#if defined(__x86_64__)

#include <stdbool.h>

/* clang does not know VAES by name; every CPU that has it has the wide carry-less multiplication as well, and the other
 * way. */
#if defined(__clang__)
#define VAES "vpclmulqdq"
#else
#define VAES "vaes"
#endif

/* The compiler's run time has asked the CPU once, before main, and knows which registers the operating system saves. To
 * ask again would cost 20 us and more for each plan in a virtual machine, where the instruction traps. */
uint32_t cpu_features(void)
{
    const bool aes =
        __builtin_cpu_supports("aes") && __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt");
    const bool vaes = aes && __builtin_cpu_supports(VAES) && __builtin_cpu_supports("avx2");
    const bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");

    return (aes ? CPU_AESNI : 0u) | (vaes ? CPU_VAES256 : 0u) | (vaes && wide ? CPU_VAES512 : 0u);
}

#endif
