/* Options as tables: the parser, --help and the tests walk the same rows. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli.h"

struct option_row {
    const char *name;  /* without the dashes */
    char letter;       /* 0 where it has none */
    const char *value; /* what --help calls its value; NULL for a switch */
    const char *help;
    const char *words; /* what its value may be, with spaces between, for completions; NULL where that is no list */
    bool optional;     /* its value may be left out, and follows a '=' */
    enum { OPTION_SWITCH, OPTION_TEXT, OPTION_SIZE, OPTION_OTHER } kind;
    size_t place; /* in what the group sets: a bool, a const char *, a uint64_t; or what `set` is given */
    /* 0, or -1 with *why, a sentence that is static. `check`, which may be NULL, goes first; `set` is for OPTION_OTHER.
     */
    int (*check)(const char *value, const char **why);
    int (*set)(void *settings, const char *name, const char *value, const char **why);
};

struct option_group {
    const char *title;
    const struct option_row *rows; /* ends with a row without a name */
    size_t offset;                 /* of what the rows set, in the command's settings */
};

struct command {
    const char *name, *arguments, *summary;
    const struct option_group *groups; /* ends with a group without a title */
    const char *more;                  /* the end of --help */
    enum exit_code (*run)(int argc, char **argv);
};

/* Reads all options; operands[0 .. *count) are the other arguments, at most `most`. EXIT_FINE, or EXIT_USAGE after
 * saying why; `help` is set where --help was among them. */
enum exit_code options_parse(const struct command *command, int argc, char **argv, void *settings,
                             const char **operands, int most, int *count, int *help);
/* A percentage, such as 5, 0.1 or 5%, as a share of 1. False where it is no number; whether it is in range the caller
 * knows. */
bool options_percent(double *share, const char *value);
/* A number in digits, up to `most`. False where it is none, or more. */
bool options_count(uint64_t *number, const char *value, uint64_t most);
/* The check of options that need JSON, which a build may lack. */
int options_check_json(const char *value, const char **why);
void options_help(const struct command *command);
/* The command and its options as lines of fields with tabs between: completions and man pages are made of them. */
void options_table(const struct command *command);

#endif
