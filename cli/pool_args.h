/* The options that say how many threads run and where. */
#ifndef CLI_POOL_ARGS_H
#define CLI_POOL_ARGS_H

#include <fodder/fodder.h>

#include "options.h"

struct pool_args {
    uint32_t threads; /* 0: none was said */
    uint32_t numa, node;
};

/* Of commands that take half of the CPUs where none is said, as a pool does, and of those that put all of them in. */
extern const struct option_row pool_rows_half[], pool_rows_all[];
/* The same without what places threads: of commands whose threads do their own I/O. */
extern const struct option_row pool_rows_threads[];

/* So many, or where none was said one for each CPU that may be used: `least` at least, and no more than may be said. */
unsigned pool_args_threads(const struct pool_args *args, unsigned least);

/* What fodder_pool_new() and fodder_pool_layout() take. With `verbose` each decision is said as it is taken. */
fodder_pool_options pool_args_options(const struct pool_args *args, bool verbose);

/* Can a pool with these options be on that machine? EXIT_USAGE after saying why not. */
enum exit_code pool_args_check(const struct pool_args *args, const fodder_topology *topology);

/* The pool, or EXIT_USAGE or EXIT_FAILED after saying why. */
enum exit_code pool_args_new(const struct pool_args *args, bool verbose, fodder_pool **pool);

#endif
