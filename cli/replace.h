/* A file that takes another's place only once it is whole, so that a failure leaves the former one, or none. */
#ifndef CLI_REPLACE_H
#define CLI_REPLACE_H

#include <stdbool.h>
#include <stdio.h>

/* Can a file be written there? Leaves nothing behind. False with errno. */
bool replace_possible(const char *path);

/* What `write` makes of the content becomes the file of that path, with the mode of the one that was there. Where no
 * file can lie beside it, and to what is no regular file, it is written directly. False with errno; `write` sets it. */
bool replace_file(const char *path, bool (*write)(const void *content, FILE *file), const void *content);

#endif
