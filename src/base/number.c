#include "base/number.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <fodder/fodder.h>

#include "base/bits.h"

enum { MILLION = 1000000 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Appends decimal digits to *number; false once it would pass 64 bits. */
static bool take_digit(uint64_t *number, char digit)
{
    return !__builtin_mul_overflow(*number, 10, number) &&
           !__builtin_add_overflow(*number, (uint64_t)(digit - '0'), number);
}

/* Reads digits from *text on and moves it past them; at least one is wanted. */
static bool take_whole(uint64_t *out, const char **text)
{
    uint64_t number = 0;
    const char *p = *text;

    if (!is_digit(*p))
        return false;
    for (; is_digit(*p); p++) {
        if (!take_digit(&number, *p))
            return false;
    }
    *out = number;
    *text = p;
    return true;
}

/* Reads what may follow a decimal point as millionths; *exact is cleared where digits beyond the sixth are not 0. */
static bool take_fraction(uint64_t *out, bool *exact, const char **text)
{
    uint64_t fraction = 0;
    unsigned digits = 0;
    const char *p = *text;

    *exact = true;
    if (!is_digit(*p))
        return false;
    for (; is_digit(*p); p++, digits++) {
        if (digits < 6)
            fraction = fraction * 10 + (uint64_t)(*p - '0');
        else if (*p != '0')
            *exact = false;
        if (digits == 6 && *p >= '5')
            fraction++;
    }
    for (; digits < 6; digits++)
        fraction *= 10;
    *out = fraction;
    *text = p;
    return true;
}

static bool take_decimal(uint64_t *whole, uint64_t *millionths, bool *exact, const char **text)
{
    *millionths = 0;
    *exact = true;
    if (!take_whole(whole, text))
        return false;
    if (**text != '.')
        return true;
    (*text)++;
    return take_fraction(millionths, exact, text);
}

bool number_parse_whole(uint64_t *out, const char *text)
{
    uint64_t number;

    if (!take_whole(&number, &text) || *text != '\0')
        return false;
    *out = number;
    return true;
}

bool number_parse_millionths(uint64_t *out, const char *text)
{
    uint64_t whole, fraction, number;
    bool exact;

    if (!take_decimal(&whole, &fraction, &exact, &text) || *text != '\0')
        return false;
    if (__builtin_mul_overflow(whole, MILLION, &number) || __builtin_add_overflow(number, fraction, &number))
        return false;
    *out = number;
    return true;
}

/* "" is 1, "M" and "MiB" are 2^20, "MB" is 10^6; 0 is no suffix. */
static uint64_t suffix_factor(const char *suffix)
{
    static const char letters[] = "kMGTPE";
    const char first = suffix[0] == 'K' ? 'k' : suffix[0];
    const char *const found = first == '\0' ? NULL : strchr(letters, first);
    const bool decimal = suffix[0] != '\0' && strcmp(suffix + 1, "B") == 0;
    uint64_t factor = 1;

    if (suffix[0] == '\0')
        return 1;
    if (!found || !(decimal || suffix[1] == '\0' || strcmp(suffix + 1, "iB") == 0))
        return 0;
    for (const char *p = letters; p <= found; p++)
        factor *= decimal ? 1000 : 1024;
    return factor;
}

bool number_parse_size(uint64_t *out, const char *text)
{
    uint64_t whole, fraction, factor;
    bool exact;
    u128 size;

    if (!take_decimal(&whole, &fraction, &exact, &text) || !exact)
        return false;
    factor = suffix_factor(text);
    if (factor == 0 || whole > INT64_MAX / factor)
        return false;
    size = ((u128)whole * MILLION + fraction) * factor;
    if (size % MILLION != 0 || size / MILLION > INT64_MAX)
        return false;
    *out = (uint64_t)(size / MILLION);
    return true;
}

int fodder_size_parse(uint64_t *bytes, const char *text)
{
    return number_parse_size(bytes, text) ? 0 : FODDER_ERR_SIZE;
}

void number_print_whole(char text[NUMBER_TEXT], uint64_t number)
{
    snprintf(text, NUMBER_TEXT, "%" PRIu64, number);
}

void number_print_millionths(char text[NUMBER_TEXT], uint64_t millionths)
{
    int end = snprintf(text, NUMBER_TEXT, "%" PRIu64 ".%06" PRIu64, millionths / MILLION, millionths % MILLION);

    while (text[end - 1] == '0')
        text[--end] = '\0';
    if (text[end - 1] == '.')
        text[--end] = '\0';
}

void number_print_size(char text[NUMBER_TEXT], uint64_t bytes)
{
    static const struct {
        uint64_t factor;
        const char *suffix;
    } scales[] = { { 1 << 20, "MiB" }, { 1 << 10, "KiB" }, { 1, "" } };
    size_t i = 0;

    while (bytes % scales[i].factor != 0 || (bytes == 0 && scales[i].factor != 1))
        i++;
    snprintf(text, NUMBER_TEXT, "%" PRIu64 "%s", bytes / scales[i].factor, scales[i].suffix);
}
