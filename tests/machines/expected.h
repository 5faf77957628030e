/* What each machine's file must be read as, worked out by hand from what Linux says there. */
#ifndef MACHINES_EXPECTED_H
#define MACHINES_EXPECTED_H

#include <stdbool.h>
#include <stdint.h>

struct expected {
    const char *name;
    /* One number for each CPU. */
    const char *ids, *nodes_of, *cores, *caches, *usable_of;
    /* For each node: its id, CPUs, usable ones, bindable, KiB. */
    const char *nodes;
    const char *distances;
    uint32_t usable, total, threads;
    double quota;
    uint64_t cache_kib[3], memory_kib, huge_page, huge_page_free;
    /* The plan of a pool that places threads: how many on each node, by default and for thread_counts[]. */
    const char *spread[6];
    bool one_node;       /* by itself it leaves them to the system, all counted on the first node */
    uint32_t on_node[4]; /* the default number for each node alone; 0: that is refused */
};

static const uint32_t thread_counts[6] = { 0, 1, 2, 3, 7, 64 };

#define EIGHT   "0 1 2 3 4 5 6 7"
#define SIXTEEN EIGHT " 8 9 10 11 12 13 14 15"
#define ALL(n)  n " " n " " n " " n /* four CPUs */
#define ON_ONE                                                                                                         \
    {                                                                                                                  \
        "1", "1", "2", "3", "7", "64"                                                                                  \
    }
#define ON_FIRST "1+0", "2+0", "3+0", "7+0", "64+0"
#define ON_TWO   "1+0", "1+1", "2+1", "4+3", "32+32"
#define ON_FOUR                                                                                                        \
    {                                                                                                                  \
        "2+2+2+2", "1+0+0+0", "1+1+0+0", "1+1+1+0", "2+2+2+1", "16+16+16+16"                                           \
    }

enum { KIB_OF_GIB = 1 << 20, HUGE = 2 << 20 };

/* clang-format off */
static const struct expected machines[] = {
    { "uma-vm", "0 1", "0 0", "0 1", "0 0", "1 1", "0:2/2,1,10971340", "10",
      2, 2, 1, 0, { 32, 1024, 32768 }, 9437184, HUGE, 0,
      ON_ONE, true, { 1 } },
    { "two-sockets", SIXTEEN, ALL("0") " " ALL("1") " " ALL("0") " " ALL("1"), EIGHT " " EIGHT,
      ALL("0") " " ALL("4") " " ALL("0") " " ALL("4"), ALL("1 1 1 1"),
      "0:8/8,1,65701528 1:8/8,1,66026616", "10 21 21 10",
      16, 16, 8, 0, { 48, 2048, 36864 }, 120586240, HUGE, 512,
      { "4+4", ON_TWO }, false, { 4, 4 } },
    { "four-nodes", SIXTEEN, ALL("0") " " ALL("1") " " ALL("2") " " ALL("3"), SIXTEEN,
      ALL("0") " " ALL("4") " " ALL("8") " " ALL("12"), ALL("1 1 1 1"),
      "0:4/4,1,16736256 1:4/4,1,16777216 2:4/4,1,16777216 3:4/4,1,16777216",
      "10 16 32 32 16 10 32 32 32 32 10 16 32 32 16 10",
      16, 16, 8, 0, { 32, 512, 8192 }, 60817408, HUGE, 0,
      ON_FOUR, false, { 2, 2, 2, 2 } },
    { "snc", SIXTEEN, ALL("0") " " ALL("1") " " ALL("2") " " ALL("3"), SIXTEEN,
      ALL("0") " " ALL("0") " " ALL("8") " " ALL("8"), ALL("1 1 1 1"),
      "0:4/4,1,32883212 1:4/4,1,32883344 2:4/4,1,32883476 3:4/4,1,32883608",
      "10 11 21 21 11 10 21 21 21 21 10 11 21 21 11 10",
      16, 16, 8, 0, { 48, 2048, 61440 }, 125829120, HUGE, 0,
      ON_FOUR, false, { 2, 2, 2, 2 } },
    { "cxl", EIGHT, ALL("0") " " ALL("1"), EIGHT, ALL("0") " " ALL("4"), ALL("1 1"),
      "0:4/4,1,33554432 1:4/4,1,33554432 2:0/0,1,134217728", "10 21 24 21 10 24 24 24 10",
      8, 8, 4, 0, { 48, 2048, 30720 }, 190 * KIB_OF_GIB, HUGE, 0,
      { "2+2+0", "1+0+0", "1+1+0", "2+1+0", "4+3+0", "32+32+0" }, false, { 2, 2, 0 } },
    { "memoryless", EIGHT, ALL("0") " " ALL("1"), EIGHT, ALL("0") " " ALL("4"), ALL("1 1"),
      "0:4/4,1,33554432 1:4/4,0,0", "10 21 21 10",
      8, 8, 4, 0, { 32, 1024, 16384 }, 30 * KIB_OF_GIB, HUGE, 0,
      { "2+2", ON_TWO }, false, { 2, 2 } },
    { "offline", "0 1 2 5 8 9", "0 0 0 0 1 1", "0 0 2 5 8 8", "0 0 0 0 8 8", "1 1 1 1 1 1",
      "0:4/4,1,16777216 4:2/2,1,8388608", "10 20 40 10",
      6, 6, 3, 0, { 32, 512, 16384 }, 22 * KIB_OF_GIB, 0, 0,
      { "2+1", "1+0", "1+1", "2+1", "5+2", "43+21" }, false, { 2, 1 } },
    { "cgroup-v2", EIGHT, ALL("0 0"), "0 1 2 3 0 1 2 3", ALL("0 0"), ALL("1 1"), "0:8/8,1,16777216", "10",
      8, 2, 1, 2.5, { 32, 256, 8192 }, 3 * KIB_OF_GIB, HUGE, 0,
      ON_ONE, true, { 1 } },
    { "cgroup-v1", EIGHT, ALL("0 0"), "0 1 2 3 0 1 2 3", ALL("0 0"), ALL("1 1"), "0:8/8,1,16777216", "10",
      8, 1, 1, 1.5, { 32, 256, 8192 }, 3 * KIB_OF_GIB / 2, HUGE, 0,
      ON_ONE, true, { 1 } },
    { "cpuset", SIXTEEN, ALL("0 0") " " ALL("1 1"), SIXTEEN, ALL("0 0") " " ALL("8 8"),
      ALL("0") " " ALL("1") " " ALL("0 0"), "0:8/4,1,33554432 1:8/0,0,33554432", "10 21 21 10",
      4, 4, 2, 0, { 32, 1024, 25344 }, 60 * KIB_OF_GIB, HUGE, 0,
      { "2+0", ON_FIRST }, true, { 2, 0 } },
    { "bound", EIGHT, ALL("0") " " ALL("1"), EIGHT, ALL("0") " " ALL("4"), "0 0 0 1 " ALL("0"),
      "0:4/1,1,16777216 1:4/0,1,16777216", "10 21 21 10",
      1, 1, 1, 0, { 32, 1024, 16384 }, 30 * KIB_OF_GIB, HUGE, 0,
      { "1+0", ON_FIRST }, true, { 1, 0 } },
    { "no-sysfs", "0 1 2 3", ALL("0"), "0 1 2 3", ALL("0"), ALL("1"), "0:4/4,1,8388608", "10",
      4, 4, 2, 0, { 0, 0, 0 }, 7 * KIB_OF_GIB, 0, 0,
      { "2", "1", "2", "3", "7", "64" }, true, { 2 } },
};
/* clang-format on */

#endif
