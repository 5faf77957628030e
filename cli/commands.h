/* The commands of fodder, one file each; main.c has the table. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "options.h"

extern const struct command command_bench, command_dataset, command_generate, command_info, command_measure,
    command_report, command_verify;

#endif
