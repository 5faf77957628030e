#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <fodder/fodder.h>

#include "commands.h"

static const struct command *const commands[] = { &command_generate, &command_dataset, &command_verify, &command_report,
                                                  &command_measure,  &command_bench,   &command_info };

enum { COMMANDS = sizeof commands / sizeof *commands };

static void print_usage(FILE *file)
{
    fprintf(file, "Usage: fodder COMMAND [ARGUMENT]...\n\n"
                  "Test data for storage that reduces by just the dedup and compress ratio asked for.\n\n");
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(file, "  fodder %-10s %s\n", commands[i]->name, commands[i]->summary);
    fprintf(file, "\nfodder COMMAND --help tells the options of a command, fodder --version the version.\n");
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    }
    return NULL;
}

static enum exit_code dispatch(int argc, char **argv)
{
    const struct command *command;

    if (argc < 2) {
        print_usage(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("fodder %s\n", fodder_version());
        return EXIT_FINE;
    }
    if (strcmp(argv[1], "--tables") == 0) {
        for (size_t i = 0; i < COMMANDS; i++)
            options_table(commands[i]);
        return EXIT_FINE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        print_usage(stdout);
        return EXIT_FINE;
    }
    command = find_command(argv[1]);
    if (!command)
        return fail(EXIT_USAGE, "%s: no such command; see fodder --help", argv[1]);
    return command->run(argc - 1, argv + 1);
}

/* A file that is opened must not become a standard stream that was closed. What stands in for one fails when it is
 * used. */
static void hold_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0)
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
}

int main(int argc, char **argv)
{
    enum exit_code code;

    hold_standard_streams();
    code = dispatch(argc, argv);
    if ((fflush(stdout) == 0 && !ferror(stdout)) || code != EXIT_FINE)
        return (int)code;
    if (errno == EPIPE)
        return EXIT_FAILED;
    return (int)fail(EXIT_FAILED, "standard output: %s", strerror(errno));
}
