/* Compares what is written to the disk with what it is, and tells what is wrong. Any number of threads at once. */
#ifndef NBD_CHECK_H
#define NBD_CHECK_H

#include "nbd_disk.h"

/* The `len` bytes at data, written to the byte `at` of the disk. How many are wrong; nbdkit has been told then. */
uint64_t check_write(const struct disk *disk, uint64_t at, const void *data, uint32_t len);

/* The same for as many zeros. -1 where there is no memory, and nbdkit has been told. */
int check_zeros(const struct disk *disk, uint64_t at, uint32_t len, uint64_t *wrong);

#endif
