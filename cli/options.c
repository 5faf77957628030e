#define _GNU_SOURCE
#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fodder/fodder.h>

#include "json.h"

enum { MAX_OPTIONS = 64, FIRST_ID = 256, HELP_ID = FIRST_ID + MAX_OPTIONS };

/* The rows of all groups in the form that getopt_long wants. */
struct option_index {
    struct {
        const struct option_row *row;
        size_t offset;
    } entries[MAX_OPTIONS];
    int count;
    struct option longs[MAX_OPTIONS + 2];
    char letters[2 * MAX_OPTIONS + 4];
};

static void add_letter(char *letters, const struct option_row *row)
{
    const size_t end = strlen(letters);

    letters[end] = row->letter;
    letters[end + 1] = row->value ? ':' : '\0';
    letters[end + 2] = '\0';
}

static int argument_of(const struct option_row *row)
{
    return row->optional ? optional_argument : row->value ? required_argument : no_argument;
}

static void index_rows(struct option_index *index, const struct command *command)
{
    *index = (struct option_index) { .letters = ":h" }; /* ':' makes getopt tell a missing value apart */
    for (const struct option_group *g = command->groups; g->title; g++) {
        for (const struct option_row *row = g->rows; row->name; row++) {
            const int n = index->count++;

            index->entries[n].row = row;
            index->entries[n].offset = g->offset;
            index->longs[n] = (struct option) { row->name, argument_of(row), NULL, FIRST_ID + n };
            if (row->letter)
                add_letter(index->letters, row);
        }
    }
    index->longs[index->count] = (struct option) { "help", no_argument, NULL, HELP_ID };
}

static int find_id(const struct option_index *index, int id)
{
    for (int n = 0; n < index->count; n++) {
        if (id == FIRST_ID + n || id == index->entries[n].row->letter)
            return n;
    }
    return -1;
}

static enum exit_code refuse(const struct command *command, int id, char **argv)
{
    const char *const given = argv[optind - 1];
    char letter[3] = { '-', (char)optopt, '\0' };
    const char *const name = optopt > 0 && optopt < FIRST_ID ? letter : given;

    if (id == ':')
        return fail(EXIT_USAGE, "%s: a value is missing; see fodder %s --help", name, command->name);
    if (optopt >= FIRST_ID)
        return fail(EXIT_USAGE, "%s: this option takes no value; see fodder %s --help", given, command->name);
    if (isdigit(optopt))
        return fail(EXIT_USAGE, "-%c: numbers have no sign here; see fodder %s --help", optopt, command->name);
    return fail(EXIT_USAGE, "%s: no such option, or the beginning of several; see fodder %s --help", name,
                command->name);
}

static int set_value(const struct option_row *row, void *place, const char *value, const char **why)
{
    switch (row->kind) {
    case OPTION_SWITCH:
        *(bool *)place = true;
        return 0;
    case OPTION_TEXT:
        *(const char **)place = value;
        return 0;
    case OPTION_SIZE:
        *why = fodder_strerror(FODDER_ERR_SIZE);
        return fodder_size_parse(place, value);
    default:
        return row->set(place, row->name, value, why);
    }
}

static enum exit_code take_option(const struct option_index *index, int n, void *settings)
{
    const struct option_row *const row = index->entries[n].row;
    void *const place = (char *)settings + index->entries[n].offset + row->place;
    const char *why = "it is not valid";

    if ((!row->check || row->check(optarg, &why) == 0) && set_value(row, place, optarg, &why) == 0)
        return EXIT_FINE;
    return fail(EXIT_USAGE, "--%s%s%s: %s", row->name, optarg ? " " : "", optarg ? optarg : "", why);
}

bool options_count(uint64_t *number, const char *value, uint64_t most)
{
    char *end;

    errno = 0;
    *number = strtoull(value, &end, 10);
    return value[0] >= '0' && value[0] <= '9' && *end == '\0' && errno == 0 && *number <= most;
}

bool options_percent(double *share, const char *value)
{
    char *end;

    *share = strtod(value, &end) / 100;
    return end != value && (*end == '\0' || strcmp(end, "%") == 0);
}

int options_check_json(const char *value, const char **why)
{
    (void)value;
    *why = "this fodder was built without JSON; install libjansson-dev and build it again";
    return json_built() ? 0 : -1;
}

enum exit_code options_parse(const struct command *command, int argc, char **argv, void *settings,
                             const char **operands, int most, int *count, int *help)
{
    struct option_index index;
    int id;

    index_rows(&index, command);
    opterr = 0;
    *help = 0;
    while ((id = getopt_long(argc, argv, index.letters, index.longs, NULL)) != -1) {
        const int n = find_id(&index, id);

        if (id == 'h' || id == HELP_ID) {
            *help = 1;
            return EXIT_FINE;
        }
        if (n < 0)
            return refuse(command, id, argv);
        if (take_option(&index, n, settings) != EXIT_FINE)
            return EXIT_USAGE;
    }
    *count = argc - optind;
    if (*count > most)
        return fail(EXIT_USAGE, "%s: one argument too many; see fodder %s --help", argv[optind + most], command->name);
    for (int i = 0; i < *count; i++)
        operands[i] = argv[optind + i];
    return EXIT_FINE;
}

static void print_row(const struct option_row *row)
{
    char left[64];
    const char letter[] = { '-', row->letter, ',', ' ', '\0' };

    snprintf(left, sizeof left, "%s--%s%s%s%s", row->letter ? letter : "    ", row->name,
             row->optional ? "[="
             : row->value  ? " "
                           : "",
             row->value ? row->value : "", row->optional ? "]" : "");
    printf("  %-24s  %s\n", left, row->help);
}

void options_help(const struct command *command)
{
    printf("Usage: fodder %s%s%s\n\n%s\n", command->name, *command->arguments ? " " : "", command->arguments,
           command->summary);
    for (const struct option_group *g = command->groups; g->title; g++) {
        printf("\n%s:\n", g->title);
        for (const struct option_row *row = g->rows; row->name; row++)
            print_row(row);
    }
    if (command->more)
        printf("\n%s", command->more);
}

static const char *text_or_nothing(const char *text)
{
    return text ? text : "";
}

void options_table(const struct command *command)
{
    printf("command\t%s\t%s\t%s\n", command->name, command->arguments, command->summary);
    for (const struct option_group *g = command->groups; g->title; g++) {
        for (const struct option_row *row = g->rows; row->name; row++)
            printf("option\t%s\t%s\t%.1s\t%s\t%s\t%s\t%s\n", command->name, row->name, &row->letter,
                   text_or_nothing(row->value), row->optional ? "optional" : "", text_or_nothing(row->words),
                   row->help);
    }
}
