#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "dataset/sizes.h"

enum { MILLION = 1000000, LONGEST_FIELD = 64, LONGEST_LINE = 3 * LONGEST_FIELD };

static bool parse_size(uint64_t *size, const char *text)
{
    return number_parse_size(size, text) && *size <= SIZES_MOST;
}

/* MIN-MAX; a size has no sign, so the first '-' parts them. */
static bool parse_span(uint64_t *min, uint64_t *max, const char *text)
{
    const char *const dash = strchr(text, '-');
    char low[LONGEST_FIELD];

    if (!dash || dash - text >= LONGEST_FIELD)
        return false;
    snprintf(low, sizeof low, "%.*s", (int)(dash - text), text);
    return parse_size(min, low) && parse_size(max, dash + 1) && *min <= *max;
}

/* MEDIAN,SIGMA[,MIN-MAX]; the limits stand in *sizes where none are given. */
static bool parse_lognormal(struct sizes *sizes, const char *text)
{
    char copy[LONGEST_LINE], *sigma, *limits;

    if (strlen(text) >= sizeof copy)
        return false;
    strcpy(copy, text);
    sigma = strchr(copy, ',');
    if (!sigma)
        return false;
    *sigma++ = '\0';
    limits = strchr(sigma, ',');
    if (limits)
        *limits++ = '\0';
    return parse_size(&sizes->median, copy) && sizes->median > 0 && number_parse_millionths(&sizes->sigma, sigma) &&
           sizes->sigma <= 8 * MILLION && (!limits || parse_span(&sizes->min, &sizes->max, limits));
}

int sizes_parse(struct sizes *sizes, const char *text, const char **why)
{
    static const char uniform[] = "uniform:", lognormal[] = "lognormal:";
    struct sizes s = { .rule = SIZES_FIXED, .min = 1, .max = SIZES_MOST };
    bool fine;

    if (strncmp(text, uniform, strlen(uniform)) == 0) {
        *why = "uniform:MIN-MAX takes two sizes from 0 to 4EiB, the smaller first, as in uniform:4KiB-1MiB";
        s.rule = SIZES_UNIFORM;
        fine = parse_span(&s.min, &s.max, text + strlen(uniform));
    } else if (strncmp(text, lognormal, strlen(lognormal)) == 0) {
        *why =
            "lognormal:MEDIAN,SIGMA[,MIN-MAX] takes a median from 1 to 4EiB, a sigma from 0 to 8 and perhaps limits, "
            "as in lognormal:64KiB,1.5,1KiB-1GiB";
        s.rule = SIZES_LOGNORMAL;
        fine = parse_lognormal(&s, text + strlen(lognormal));
    } else {
        *why = "it is a size up to 4EiB, uniform:MIN-MAX, lognormal:MEDIAN,SIGMA[,MIN-MAX] or csv:FILE, as in 4KiB";
        fine = parse_size(&s.min, text);
        s.max = s.min;
    }
    if (fine)
        *sizes = s;
    return fine ? 0 : -1;
}

/* Parts a line at its commas and cuts off the blanks; how many fields there are. */
static size_t part(char *line, char *fields[4])
{
    static const char blanks[] = " \t\r";
    size_t count = 0;

    for (char *next = line; next && count < 4; count++) {
        char *field = next, *end;

        next = strchr(next, ',');
        if (next)
            *next++ = '\0';
        field += strspn(field, blanks);
        end = field + strlen(field);
        while (end > field && strchr(blanks, end[-1]))
            *--end = '\0';
        fields[count] = field;
    }
    return count;
}

static const char *add_row(struct sizes *sizes, char *line)
{
    struct sizes_row *row;
    uint64_t weight, before;
    char *fields[4];
    const size_t count = part(line, fields);

    if (sizes->row_count == SIZES_ROWS)
        return "a histogram has at most 65536 rows";
    row = &sizes->rows[sizes->row_count];
    before = sizes->row_count > 0 ? row[-1].upto : 0;
    if (count != 2 && count != 3)
        return "a row is size,weight or min,max,weight, as in 4KiB,12.5";
    if (!parse_size(&row->min, fields[0]) || !parse_size(&row->max, fields[count - 2]) || row->min > row->max)
        return "sizes are 0 to 4EiB, the smaller first, as in 4KiB,64KiB,12.5";
    if (!number_parse_millionths(&weight, fields[count - 1]))
        return "a weight is a number with up to six decimals, as in 4KiB,12.5";
    if (__builtin_add_overflow(before, weight, &row->upto) || row->upto > INT64_MAX)
        return "all weights together are below 9223372036854; make them smaller";
    sizes->row_count++;
    return NULL;
}

/* Copies a line without the blanks before it; false where it is longer than any row, or holds a 0. */
static bool copy_line(char line[LONGEST_LINE], const char *from, const char *end)
{
    while (from < end && (*from == ' ' || *from == '\t' || *from == '\r'))
        from++;
    if (from < end && *from == '#')
        end = from;
    if (end - from >= LONGEST_LINE || memchr(from, '\0', (size_t)(end - from)))
        return false;
    memcpy(line, from, (size_t)(end - from));
    line[end - from] = '\0';
    return true;
}

/* A first line may say what the columns are. */
static bool is_title(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '"';
}

static const char *add_rows(struct sizes *sizes, const char *text, const char *end, size_t *number)
{
    const char *why = NULL;
    static const char mark[] = "\xef\xbb\xbf"; /* which spreadsheets put before UTF-8 */
    bool first = true;

    if (end - text >= 3 && memcmp(text, mark, 3) == 0)
        text += 3;
    for (*number = 1; text < end && !why; ++*number) {
        const char *const feed = memchr(text, '\n', (size_t)(end - text));
        const char *const stop = feed ? feed : end;
        char line[LONGEST_LINE];

        if (!copy_line(line, text, stop))
            why = "this is no row of a histogram: it is too long, or no text";
        else if (*line != '\0' && !(first && is_title(*line)))
            why = add_row(sizes, line);
        first = first && !why && *line == '\0';
        text = stop + 1;
    }
    --*number;
    return why;
}

int sizes_parse_rows(struct sizes *sizes, const char *text, size_t length, const char **why, size_t *line)
{
    struct sizes s = { .rule = SIZES_HISTOGRAM, .rows = calloc(SIZES_ROWS, sizeof *s.rows) };

    *line = 0;
    *why = "no memory";
    if (!s.rows)
        return -ENOMEM;
    *why = add_rows(&s, text, text + length, line);
    if (!*why && (s.row_count == 0 || s.rows[s.row_count - 1].upto == 0)) {
        *line = 0;
        *why = "it has no row with a weight above 0, as 4KiB,12.5 is one";
    }
    if (*why) {
        sizes_free(&s);
        return -1;
    }
    *sizes = s;
    return 0;
}

void sizes_free(struct sizes *sizes)
{
    free(sizes->rows);
    sizes->rows = NULL;
}

void sizes_print(char text[SIZES_TEXT], const struct sizes *sizes)
{
    char min[NUMBER_TEXT], max[NUMBER_TEXT], median[NUMBER_TEXT], sigma[NUMBER_TEXT];
    const bool limits = sizes->min != 1 || sizes->max != SIZES_MOST;

    number_print_size(min, sizes->min);
    number_print_size(max, sizes->max);
    number_print_size(median, sizes->median);
    number_print_millionths(sigma, sizes->sigma);
    if (sizes->rule == SIZES_HISTOGRAM)
        snprintf(text, SIZES_TEXT, "csv");
    else if (sizes->rule == SIZES_FIXED)
        snprintf(text, SIZES_TEXT, "%s", min);
    else if (sizes->rule == SIZES_UNIFORM)
        snprintf(text, SIZES_TEXT, "uniform:%s-%s", min, max);
    else if (limits)
        snprintf(text, SIZES_TEXT, "lognormal:%s,%s,%s-%s", median, sigma, min, max);
    else
        snprintf(text, SIZES_TEXT, "lognormal:%s,%s", median, sigma);
}

void sizes_print_row(char text[SIZES_TEXT], const struct sizes *sizes, size_t i)
{
    const struct sizes_row *const row = &sizes->rows[i];
    char min[NUMBER_TEXT], max[NUMBER_TEXT], weight[NUMBER_TEXT];

    number_print_size(min, row->min);
    number_print_size(max, row->max);
    number_print_millionths(weight, row->upto - (i > 0 ? row[-1].upto : 0));
    snprintf(text, SIZES_TEXT, "%s,%s,%s", min, max, weight);
}
