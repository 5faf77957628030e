/* What this build of the command has, of what a build may lack. */
#ifndef CLI_BUILT_H
#define CLI_BUILT_H

#include <stdbool.h>

struct built_part {
    const char *name; /* NULL after the last */
    bool there;
};

extern const struct built_part built_parts[];

#endif
