/* What every file of the command needs: words to the user and the exit codes. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdio.h>

enum exit_code { EXIT_FINE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_DIFFERS = 3 };

/* A text that others chose, such as a file's name: what is a control character or no UTF-8 becomes \x1b and the like,
 * so that it cannot command a terminal. */
void print_plain(FILE *file, const char *text);

/* One line to standard error, after "fodder: ", as print_plain() prints it. */
__attribute__((format(printf, 1, 2))) void say(const char *format, ...);
/* The same, and returns `code`, so that a function can end with it. */
__attribute__((format(printf, 2, 3))) enum exit_code fail(enum exit_code code, const char *format, ...);

#endif
