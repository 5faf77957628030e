/* The table of all ways to move blocks. */
#include <string.h>

#include "sink/kinds.h"

static const struct sink_kind *const kinds[] = {
    &sink_null,  &sink_stream, &sink_file, &sink_pipe, &sink_direct,
#ifdef SINK_HAS_URING
    &sink_uring,
#endif
    &sink_s3,
};

const struct sink_kind *sink_kind_at(size_t index)
{
    return index < sizeof kinds / sizeof *kinds ? kinds[index] : NULL;
}

const struct sink_kind *sink_kind_named(const char *name)
{
    for (size_t i = 0; sink_kind_at(i); i++) {
        if (strcmp(kinds[i]->name, name) == 0)
            return kinds[i];
    }
    return NULL;
}
