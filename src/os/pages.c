#define _GNU_SOURCE
#include "os/pages.h"

#include <errno.h>
#include <linux/mman.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t round_up(size_t len, uint64_t page)
{
    return (size_t)((len + page - 1) / page * page);
}

static uint8_t *map(size_t len, int flags)
{
    void *const base = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

    return base == MAP_FAILED ? NULL : base;
}

static bool map_explicit(struct pages *pages, size_t len, uint64_t huge)
{
    const size_t whole = round_up(len, huge);
    /* Of that size, which need not be the system's default one. */
    const int flags = MAP_HUGETLB | (__builtin_ctzll(huge) << MAP_HUGE_SHIFT);
    uint8_t *const base = map(whole, flags);

    if (base)
        *pages = (struct pages) { base, whole, huge, true };
    return base != NULL;
}

/* On the boundary of a huge page, which mmap() does not promise: a page more than needed, less what sticks out. */
static bool map_huge(struct pages *pages, size_t len, uint64_t huge)
{
    const size_t whole = round_up(len, huge), more = whole + (size_t)huge;
    uint8_t *const base = map(more, 0);
    const size_t head = base ? (size_t)(-(uintptr_t)base % huge) : 0;

    if (!base)
        return false;
    if (head > 0)
        munmap(base, head);
    munmap(base + head + whole, more - head - whole);
    madvise(base + head, whole, MADV_HUGEPAGE);
    *pages = (struct pages) { base + head, whole, huge, false };
    return true;
}

static bool map_small(struct pages *pages, size_t len, bool never_huge)
{
    const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    const size_t whole = round_up(len, page);
    uint8_t *const base = map(whole, 0);

    if (!base)
        return false;
    if (never_huge)
        madvise(base, whole, MADV_NOHUGEPAGE);
    *pages = (struct pages) { base, whole, page, false };
    return true;
}

int pages_map(struct pages *pages, size_t len, enum pages_kind kind, uint64_t huge)
{
    if (len > SIZE_MAX / 2)
        return -ENOMEM;
    len = len > 0 ? len : 1;
    if (kind == PAGES_EXPLICIT && huge > 0 && map_explicit(pages, len, huge))
        return 0;
    if (kind != PAGES_SMALL && huge > 0 && len >= huge)
        return map_huge(pages, len, huge) ? 0 : -ENOMEM;
    return map_small(pages, len, kind == PAGES_SMALL) ? 0 : -ENOMEM;
}

void pages_unmap(struct pages *pages)
{
    if (pages->base)
        munmap(pages->base, pages->len);
    pages->base = NULL;
}
