/* The machine that the command runs on, for manifests and `fodder info`. */
#ifndef CLI_MACHINE_H
#define CLI_MACHINE_H

#include <stddef.h>

/* CPUs that this process may run on. */
unsigned machine_cpus(void);
/* NUMA nodes, 1 where the system does not tell. */
unsigned machine_nodes(void);
/* The CPU's model, "unknown" where the system does not tell. */
void machine_cpu_model(char *text, size_t size);

#endif
