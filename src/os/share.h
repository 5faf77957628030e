/* This process's share of the machine: CPUs by affinity, CPU time and memory by control groups. */
#ifndef OS_SHARE_H
#define OS_SHARE_H

#include <stdint.h>

#include "os/files.h"

/* The CPUs that the calling thread may run on, as a list; false where the system does not tell. */
bool share_cpus(char list[OS_LIST], const char *root);

/* The threads that make data where so many CPUs are ours: half of them, rounded down, at least 1. */
uint32_t share_threads(uint32_t cpus);

/* The nodes that it may have memory on, as a list. */
bool share_nodes(char list[OS_LIST], const char *root);

/* CPUs' worth of time that the quotas allow, the least of the group and all above it; 0 where there is none. */
double share_quota(const char *root);

/* Bytes that the groups' limits still allow; UINT64_MAX where there is none. */
uint64_t share_memory(const char *root);

#endif
