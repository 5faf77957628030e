/* The disk: which data it is, where they begin, how large it is, and what becomes of a write. */
#ifndef NBD_DISK_H
#define NBD_DISK_H

#include <fodder/fodder.h>
#include <stdbool.h>

enum disk_writes {
    DISK_CHECK,  /* wrong bytes are told, and the write fails */
    DISK_REPORT, /* they are told, and it succeeds */
    DISK_REFUSE  /* there are no writes */
};

struct disk {
    fodder_spec spec;
    uint64_t offset, size; /* the bytes of the data set that it is; size is 0 until it is given */
    enum disk_writes writes;
    bool whole, field, seed; /* given: the spec as one text, a field of it, the seed */

    fodder_plan *plan;
    char text[FODDER_SPEC_TEXT]; /* the spec */
};

/* Takes a parameter of nbdkit's command line. 0, or -1 once nbdkit has been told why not. */
int disk_set(struct disk *disk, const char *name, const char *value);

/* After the last parameter: the plan. disk_close() ends it. 0, or -1 once nbdkit has been told why not. */
int disk_open(struct disk *disk);
void disk_close(struct disk *disk);

#endif
