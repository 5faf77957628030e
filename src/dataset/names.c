#include "dataset/names.h"

#include <string.h>

enum { LEAST_K_DIGITS = 9, LEAST_DIR_DIGITS = 6, LONGEST_PART = 255 };

static unsigned digits_of(uint64_t number, unsigned least)
{
    unsigned digits = 1;

    for (; number >= 10; number /= 10)
        digits++;
    return digits > least ? digits : least;
}

/* One piece of a pattern: a number, or a character. */
struct piece {
    size_t length; /* in the pattern */
    enum { LITERAL, FILE_NUMBER, DIR_NUMBER } kind;
};

static struct piece piece_at(const char *pattern)
{
    if (strncmp(pattern, "{k}", 3) == 0)
        return (struct piece) { 3, FILE_NUMBER };
    if (strncmp(pattern, "{dir}", 5) == 0)
        return (struct piece) { 5, DIR_NUMBER };
    return (struct piece) { 1, LITERAL };
}

static unsigned piece_digits(const struct names *names, struct piece piece)
{
    return piece.kind == FILE_NUMBER ? names->k_digits : names->dir_digits;
}

static bool has(const char *pattern, int kind)
{
    for (; *pattern != '\0'; pattern += piece_at(pattern).length) {
        if ((int)piece_at(pattern).kind == kind)
            return true;
    }
    return false;
}

bool names_have_dirs(const struct names *names)
{
    return has(names->pattern, DIR_NUMBER);
}

static size_t length_of(const struct names *names)
{
    size_t length = 0;

    for (const char *p = names->pattern; *p != '\0'; p += piece_at(p).length)
        length += piece_at(p).kind == LITERAL ? 1 : piece_digits(names, piece_at(p));
    return length;
}

static bool has_bad_character(const char *pattern)
{
    for (; *pattern != '\0'; pattern += piece_at(pattern).length) {
        const unsigned char c = (unsigned char)*pattern;

        if (piece_at(pattern).kind == LITERAL && (c < ' ' || c == 0x7f || c == '{' || c == '}'))
            return true;
    }
    return false;
}

/* Parts between slashes: none empty, "." or "..", none too long. */
static bool has_bad_part(const char *name)
{
    for (;;) {
        const size_t length = strcspn(name, "/");

        if (length == 0 || length > LONGEST_PART || (length <= 2 && strncmp(name, "..", length) == 0))
            return true;
        if (name[length] == '\0')
            return false;
        name += length + 1;
    }
}

int names_of(struct names *names, const char *pattern, uint64_t per_dir, uint64_t files, const char **why)
{
    const uint64_t last = files > 0 ? files - 1 : 0;
    const struct names n = { .pattern = pattern,
                             .per_dir = per_dir,
                             .k_digits = digits_of(last, LEAST_K_DIGITS),
                             .dir_digits = digits_of(last / per_dir, LEAST_DIR_DIGITS) };
    char name[NAMES_TEXT];

    *why = "a pattern contains {k}, the file's number, so that no two names are equal, as in d{dir}/f{k}";
    if (!has(pattern, FILE_NUMBER))
        return -1;
    *why = "braces are for {k} and {dir} only, and control characters are for nobody, as in d{dir}/f{k}";
    if (has_bad_character(pattern))
        return -1;
    *why = "a name is relative, without empty, . and .. parts, and has at most 255 bytes between slashes and 1023 in "
           "all, as d{dir}/f{k}";
    if (length_of(&n) >= NAMES_TEXT)
        return -1;
    names_print(name, &n, 0);
    if (has_bad_part(name))
        return -1;
    *names = n;
    return 0;
}

static void print_digits(char *at, uint64_t number, unsigned digits)
{
    while (digits > 0) {
        at[--digits] = (char)('0' + number % 10);
        number /= 10;
    }
}

size_t names_print(char name[NAMES_TEXT], const struct names *names, uint64_t k)
{
    size_t length = 0;

    for (const char *p = names->pattern; *p != '\0'; p += piece_at(p).length) {
        const struct piece piece = piece_at(p);

        if (piece.kind == LITERAL) {
            name[length++] = *p;
            continue;
        }
        print_digits(name + length, piece.kind == FILE_NUMBER ? k : k / names->per_dir, piece_digits(names, piece));
        length += piece_digits(names, piece);
    }
    name[length] = '\0';
    return length;
}

/* Where in every name the first {k} stands. */
static size_t place_of_k(const struct names *names)
{
    size_t place = 0;

    for (const char *p = names->pattern; piece_at(p).kind != FILE_NUMBER; p += piece_at(p).length)
        place += piece_at(p).kind == LITERAL ? 1 : names->dir_digits;
    return place;
}

bool names_find(uint64_t *k, const struct names *names, const char *name)
{
    const size_t place = place_of_k(names);
    char wanted[NAMES_TEXT];
    uint64_t number = 0;

    if (strlen(name) != length_of(names))
        return false;
    for (unsigned i = 0; i < names->k_digits; i++)
        number = number * 10 + (uint64_t)(name[place + i] - '0');
    names_print(wanted, names, number); /* where there was no digit, the number is another */
    *k = number;
    return strcmp(wanted, name) == 0;
}
