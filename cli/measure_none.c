/* fodder measure, in a build that lacks the codec libraries. */

#include "commands.h"

static enum exit_code run(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return fail(EXIT_USAGE,
                "measure: this fodder was built without it; install libzstd-dev, liblz4-dev, zlib1g-dev and "
                "libxxhash-dev, and build it again");
}

static const struct option_group groups[] = { { 0 } };

const struct command command_measure = {
    .name = "measure",
    .arguments = "PATH...|- [OPTION]...",
    .summary = "Tells what storage would make of any data (not in this build).",
    .groups = groups,
    .run = run,
};
