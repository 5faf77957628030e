/* Copies of machines' /sys and /proc, unpacked: NAME.txt has a line "PATH CONTENT" for each file, \n and \t in it stand
 * for what they are in C; lines that start with # are comments. */
#ifndef MACHINES_UNPACK_H
#define MACHINES_UNPACK_H

#include "support.h"

/* Where the texts are: tests/machines. */
extern const char *machine_folder;
/* Where one is unpacked. */
extern char machine_root[32];

/* Of a test: they make the root, empty, and remove it. */
int machine_setup(void **state);
int machine_teardown(void **state);

/* Unpacks a machine, and reads its topology. */
fodder_topology *machine_read(const char *machine);
/* One more file, or another content. */
void machine_write(const char *path, const char *text);

#endif
