#include <stdarg.h>
#include <stdio.h>

#include "cli.h"

static void say_list(const char *format, va_list list)
{
    fputs("fodder: ", stderr);
    vfprintf(stderr, format, list);
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
