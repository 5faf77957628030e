/* The machine's name. */
#ifndef CLI_MACHINE_H
#define CLI_MACHINE_H

#include <stddef.h>

/* The CPU's model, "unknown" where the system does not tell. root is NULL, or where another machine's /proc was copied.
 */
void machine_cpu_model(char *text, size_t size, const char *root);

#endif
