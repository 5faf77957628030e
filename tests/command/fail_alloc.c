/* Preloaded into the command: allocation number FAIL_ALLOC, from 1 on, fails; FAIL_ALLOC_COUNT names a file for how
 * many there were. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t align, size_t size);

static long count, failing;

__attribute__((constructor)) static void start(void)
{
    const char *const number = getenv("FAIL_ALLOC");

    failing = number ? atol(number) : 0;
    count = 0;
}

__attribute__((destructor)) static void finish(void)
{
    const char *const path = getenv("FAIL_ALLOC_COUNT");
    const long counted = count;
    FILE *const file = path ? fopen(path, "w") : NULL;

    if (!file)
        return;
    fprintf(file, "%ld", counted);
    fclose(file);
}

static int fails(void)
{
    if (++count != failing)
        return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t number, size_t size)
{
    return fails() ? NULL : __libc_calloc(number, size);
}

void *realloc(void *old, size_t size)
{
    return fails() ? NULL : __libc_realloc(old, size);
}

void *aligned_alloc(size_t align, size_t size)
{
    return fails() ? NULL : __libc_memalign(align, size);
}
