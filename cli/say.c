#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

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

void print_plain(FILE *file, const char *text)
{
    const uint8_t *at = (const uint8_t *)text;

    while (*at != '\0') {
        const size_t length = plain_length(at);

        if (length > 0)
            fwrite(at, 1, length, file);
        else
            fprintf(file, "\\x%02x", *at);
        at += length > 0 ? length : 1;
    }
}

static void say_list(const char *format, va_list list)
{
    char text[4 * 4096]; /* a path has 4095 bytes at most */

    vsnprintf(text, sizeof text, format, list);
    fputs("fodder: ", stderr);
    print_plain(stderr, text);
    fputc('\n', stderr);
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
