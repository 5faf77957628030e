/* The kinds of sinks, one file each. */
#ifndef SINK_KINDS_H
#define SINK_KINDS_H

#include "sink/sink.h"

extern const struct sink_kind sink_null, sink_stream, sink_file, sink_pipe, sink_direct, sink_uring, sink_s3;

#endif
