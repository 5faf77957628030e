/* Threads that move blocks, in the order in which they come, each with a call that waits. */
#ifndef SINK_WORKERS_H
#define SINK_WORKERS_H

#include "sink/sink.h"

/* Moves all of a block that it can; *error is an errno value, or 0. Returns how much was moved. */
typedef size_t work_fn(struct sink *sink, const struct sink_block *block, int *error);

/* The functions of a kind; sink->state is theirs. */
int workers_open(struct sink *sink, unsigned threads, work_fn *work, const char **why);
void workers_start(struct sink *sink, struct sink_block *block);
void workers_reap(struct sink *sink, bool wait);
void workers_close(struct sink *sink);

#endif
