#include "cpu/cpu.h"

#if defined(__x86_64__)

#include <cpuid.h>
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
    const bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vpopcntdq");

    return (aes ? CPU_AESNI : 0u) | (vaes ? CPU_VAES256 : 0u) | (vaes && wide ? CPU_VAES512 : 0u);
}

/* The leaf that tells of caches, one a subleaf: Intel's, and AMD's of the same form. */
static unsigned cache_leaf(void)
{
    return __builtin_cpu_is("intel") ? 4 : 0x8000001d;
}

/* Ways times partitions times line size times sets (Intel's manual, CPUID leaf 4); 0 where there is no such cache. */
static size_t cache_size(unsigned leaf, unsigned index)
{
    unsigned a, b, c, d;

    if (!__get_cpuid_count(leaf, index, &a, &b, &c, &d) || (a & 0x1f) == 0)
        return 0;
    return (size_t)((b >> 22) + 1) * ((b >> 12 & 0x3ff) + 1) * ((b & 0xfff) + 1) * ((size_t)c + 1);
}

size_t cpu_last_cache(void)
{
    enum { MOST_CACHES = 8 };
    const unsigned leaf = cache_leaf();
    size_t last = 0, size;

    for (unsigned i = 0; i < MOST_CACHES && (size = cache_size(leaf, i)) > 0; i++)
        last = size > last ? size : last;
    return last > 0 ? last : SIZE_MAX;
}

#endif
