/* Memory in pages of a chosen size, and where it lies. */
#ifndef OS_PAGES_H
#define OS_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pages {
    uint8_t *base;
    size_t len;    /* mapped: whole pages */
    uint64_t page; /* bytes of the pages asked for */
    bool explicit_pages;
};

enum pages_kind { PAGES_SMALL, PAGES_HUGE, PAGES_EXPLICIT };

/* At least `len` bytes and one page, readable and writable; huge pages are of `huge` bytes, 0 where there are none.
 * What cannot be had in explicit pages comes in huge ones, what is shorter than those in small ones. 0 or -ENOMEM. */
int pages_map(struct pages *pages, size_t len, enum pages_kind kind, uint64_t huge);
/* Pages without a base are fine. */
void pages_unmap(struct pages *pages);

/* Is placing memory and threads built in? */
bool place_built(void);
/* Asks that a range, of whole pages, be taken from a node, or from another one where that is full. 0 or a negative
 * errno value: containers refuse it. */
int place_memory(void *base, size_t len, uint32_t node);
/* Keeps the calling thread on some CPUs. 0 or a negative errno value. */
int place_thread(const uint32_t *cpus, size_t count);

#endif
