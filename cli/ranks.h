/* Of the processes that share a data set, which is this one? Said by the options, or by the engine that started it. */
#ifndef CLI_RANKS_H
#define CLI_RANKS_H

#include <stdbool.h>
#include <stdint.h>

#include "json.h"
#include "options.h"

struct ranks {
    uint64_t rank, world;           /* this one of so many */
    bool rank_given, world_given;   /* by an option */
    const char *engine;             /* that said one of them or both; NULL where none did */
    bool engine_rank, engine_world; /* which */
};

/* --rank and --world, of a struct ranks. */
extern const struct option_row ranks_rows[];

/* What no option has said is taken from the environment; where nobody says it, this is rank 0 of 1. What cannot be is
 * told, with the name of the variable. */
enum exit_code ranks_settle(struct ranks *ranks);
/* A line on standard error where an engine has said it. */
void ranks_tell(const struct ranks *ranks);
/* "rank", "world" and "ranks_from". */
void ranks_json(const struct ranks *ranks, struct json *object);

#endif
