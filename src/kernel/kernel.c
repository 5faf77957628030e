#include "kernel/kernel.h"

#include <string.h>

static const struct kernel *const kernels[] = {
#if defined(__x86_64__)
    &kernel_vaes512,
    &kernel_vaes256,
    &kernel_aesni,
#elif defined(__aarch64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    &kernel_neon,
#endif
    &kernel_scalar,
};

enum { KERNELS = sizeof kernels / sizeof *kernels };

const struct kernel *kernel_at(size_t index)
{
    return index < KERNELS ? kernels[index] : NULL;
}

const struct kernel *kernel_named(const char *name)
{
    for (size_t i = 0; i < KERNELS; i++) {
        if (strcmp(kernels[i]->name, name) == 0)
            return kernels[i];
    }
    return NULL;
}

const struct kernel *kernel_best(uint32_t features)
{
    size_t i = 0;

    while (kernels[i]->needs & ~features)
        i++; /* ends at the scalar kernel, which needs nothing */
    return kernels[i];
}
