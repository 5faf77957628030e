#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

/* Bytes of the character that begins there; 0 where it is a control character (C0, DEL or C1) or no UTF-8. */
static size_t plain_length(const uint8_t *at)
{
    static const uint32_t least[] = { 0, 0, 0xa0, 0x800, 0x10000 }; /* C1 aside, codes have one form only */
    const size_t length = at[0] < 0xc0 ? 1 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
    uint32_t code = at[0] & (0x7fu >> length);

    if (length == 1)
        return at[0] >= ' ' && at[0] < 0x7f;
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (at[i] & 0x3f);
    }
    return code >= least[length] && code <= 0x10ffff && at[0] < 0xf8 ? length : 0;
}

/* The character that begins there, as it may be printed; of how many bytes it is made. */
static size_t plain_step(char plain[8], const uint8_t *at)
{
    const size_t length = plain_length(at);

    if (length > 0)
        memcpy(plain, at, length);
    else
        snprintf(plain, 8, "\\x%02x", *at);
    plain[length > 0 ? length : 4] = '\0';
    return length > 0 ? length : 1;
}

void print_plain(FILE *file, const char *text)
{
    char plain[8];

    while (*text != '\0') {
        text += plain_step(plain, (const uint8_t *)text);
        fputs(plain, file);
    }
}

/* In one piece: others may write to the same terminal or file. */
static void say_list(const char *format, va_list list)
{
    static const char name[] = "fodder: ";
    char text[4 * 4096]; /* a path has 4095 bytes at most */
    char line[sizeof name + 4 * sizeof text];
    size_t length = sizeof name - 1;

    vsnprintf(text, sizeof text, format, list);
    memcpy(line, name, sizeof name);
    for (const char *at = text; *at != '\0'; length += strlen(line + length))
        at += plain_step(line + length, (const uint8_t *)at);
    line[length++] = '\n';
    fwrite(line, 1, length, stderr);
}

void say(const char *format, ...)
{
    va_list list;

    va_start(list, format);
    say_list(format, list);
    va_end(list);
}

enum exit_code fail(enum exit_code code, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    say_list(format, list);
    va_end(list);
    return code;
}
