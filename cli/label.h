/* A file that says what its data are: the spec and the offset as extended attributes, where the file system takes them.
 */
#ifndef CLI_LABEL_H
#define CLI_LABEL_H

#include <stdbool.h>
#include <stdint.h>

#include <fodder/fodder.h>

struct label {
    char spec[FODDER_SPEC_TEXT];
    uint64_t offset;
};

/* False where the file system takes none. */
bool label_write(int fd, const struct label *label);
/* Before other data come: what was said is not so any more. */
void label_remove(int fd);
/* False where there is none. */
bool label_read(int fd, struct label *label);

#endif
