/* A file that says what its data are: the spec and the offset as extended attributes, where the file system takes them.
 */
#ifndef CLI_LABEL_H
#define CLI_LABEL_H

#include <stdbool.h>
#include <stdint.h>

#include <fodder/fodder.h>

/* False where the file system takes none. */
bool label_write(int fd, const char *spec, uint64_t offset);
/* Before other data come: what was said is not so any more. */
void label_remove(int fd);
/* False where there is none, or it is not a label that this version can read. */
bool label_read(int fd, fodder_spec *spec, uint64_t *offset);

#endif
