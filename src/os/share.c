#define _GNU_SOURCE
#include "os/share.h"

#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "os/groups.h"

/* A mask as a list. */
static void print_mask(char list[OS_LIST], const unsigned char *mask, size_t bytes)
{
    size_t length = 0;

    list[0] = '\0';
    for (size_t i = 0; i < 8 * bytes; i++) {
        size_t end = i;

        if ((mask[i / 8] >> i % 8 & 1) == 0)
            continue;
        while (end + 1 < 8 * bytes && mask[(end + 1) / 8] >> (end + 1) % 8 & 1)
            end++;
        length += (size_t)snprintf(list + length, OS_LIST - length, "%zu-%zu,", i, end);
        i = end;
    }
}

bool share_cpus(char list[OS_LIST], const char *root)
{
    unsigned long mask[1024]; /* 65,536 CPUs; Linux has 8,192 at most */
    long bytes;

    if (root[0] != '\0')
        return os_read_line(list, OS_LIST, root, "proc/self/status", "Cpus_allowed_list");
    bytes = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
    if (bytes <= 0)
        return false;
    print_mask(list, (const unsigned char *)mask, (size_t)bytes);
    return true;
}

uint32_t share_threads(uint32_t cpus)
{
    return cpus > 1 ? cpus / 2 : 1;
}

bool share_nodes(char list[OS_LIST], const char *root)
{
    return os_read_line(list, OS_LIST, root, "proc/thread-self/status", "Mems_allowed_list") ||
           os_read_line(list, OS_LIST, root, "proc/self/status", "Mems_allowed_list");
}

/* cpu.max, "250000 100000" or "max 100000"; or the two files of version 1, where a quota of -1 is none. */
static bool read_quota(const char *root, const char *group, bool version1, double *quota, double *period)
{
    char text[64], more[64];

    if (!version1)
        return os_read(text, sizeof text, root, "%s/cpu.max", group) && sscanf(text, "%lf %lf", quota, period) == 2;
    return os_read(text, sizeof text, root, "%s/cpu.cfs_quota_us", group) &&
           os_read(more, sizeof more, root, "%s/cpu.cfs_period_us", group) && sscanf(text, "%lf", quota) == 1 &&
           sscanf(more, "%lf", period) == 1;
}

static void least_quota(void *user, const char *root, const char *group, bool version1)
{
    double *const least = user;
    double quota, period;

    if (read_quota(root, group, version1, &quota, &period) && quota > 0 && period > 0 &&
        (*least == 0 || quota / period < *least))
        *least = quota / period;
}

double share_quota(const char *root)
{
    double quota = 0;

    groups_visit(root, "cpu", least_quota, &quota);
    return quota;
}

static void least_memory(void *user, const char *root, const char *group, bool version1)
{
    uint64_t *const least = user;
    char limit_text[64], used_text[64];
    unsigned long long limit, used, left;

    if (!os_read(limit_text, sizeof limit_text, root, "%s/%s", group,
                 version1 ? "memory.limit_in_bytes" : "memory.max") ||
        !os_read(used_text, sizeof used_text, root, "%s/%s", group,
                 version1 ? "memory.usage_in_bytes" : "memory.current") ||
        sscanf(limit_text, "%llu", &limit) != 1 || sscanf(used_text, "%llu", &used) != 1)
        return;
    left = used < limit ? limit - used : 0;
    *least = left < *least ? left : *least;
}

uint64_t share_memory(const char *root)
{
    uint64_t memory = UINT64_MAX;

    groups_visit(root, "memory", least_memory, &memory);
    return memory;
}
