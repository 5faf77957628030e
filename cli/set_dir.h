/* The directory of a data set: the one that a thread works in is kept open, so that a file costs one look-up. */
#ifndef CLI_SET_DIR_H
#define CLI_SET_DIR_H

#include <stdbool.h>

#include "dataset/names.h"

struct set_dir {
    int root;              /* borrowed */
    int fd;                /* of `path` below it; -1 where none is open */
    char path[NAMES_TEXT]; /* without a final slash */
};

/* Opens the file of that name in it, with flags as openat() has them; with `make` its directories are made where they
 * are missing. The descriptor, or -1 with errno. */
int set_dir_open(struct set_dir *dir, const char *name, int flags, bool make);
/* Removes it. False with errno. */
bool set_dir_remove(struct set_dir *dir, const char *name);
void set_dir_close(struct set_dir *dir);

#endif
