/* The control groups that hold a controller for this process: Linux's cgroups, version 1 and 2. */
#ifndef OS_GROUPS_H
#define OS_GROUPS_H

#include "os/files.h"

/* Visits the directory of the process's own group and of each one above it up to the root of what is mounted, in both
 * hierarchies where both exist. `group` is a path for os_read(). */
void groups_visit(const char *root, const char *controller,
                  void (*visit)(void *user, const char *root, const char *group, bool version1), void *user);

#endif
