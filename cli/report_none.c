/* fodder report, in a build that lacks JSON. */

#include "commands.h"

static enum exit_code run(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return fail(EXIT_USAGE, "report: this fodder was built without JSON; install libjansson-dev and build it again");
}

static const struct option_group groups[] = { { 0 } };

const struct command command_report = {
    .name = "report",
    .arguments = "FILE...|- [OPTION]...",
    .summary = "Puts the results of many ranks together (not in this build).",
    .groups = groups,
    .run = run,
};
