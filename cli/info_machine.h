/* What fodder info tells of the machine, and of where a pool would run on it. */
#ifndef CLI_INFO_MACHINE_H
#define CLI_INFO_MACHINE_H

#include <stdbool.h>

#include "json.h"
#include "pool_args.h"

/* Both are false without memory. */
bool machine_print(const fodder_topology *topology, const fodder_pool_options *options);
bool machine_put(struct json *object, const fodder_topology *topology, const fodder_pool_options *options);

#endif
