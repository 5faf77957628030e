/* --size as a rule, a histogram read from its file. */
#ifndef CLI_SIZE_ARGS_H
#define CLI_SIZE_ARGS_H

#include "dataset/sizes.h"

#include "cli.h"

/* EXIT_USAGE or EXIT_FAILED after saying why. Free the sizes with sizes_free(). */
enum exit_code size_args_read(struct sizes *sizes, const char *text);

#endif
