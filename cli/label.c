#define _GNU_SOURCE
#include "label.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

static const char spec_name[] = "user.fodder.spec", offset_name[] = "user.fodder.offset";

bool label_write(int fd, const char *spec, uint64_t offset)
{
    char number[24];
    const int digits = snprintf(number, sizeof number, "%" PRIu64, offset);

    return fsetxattr(fd, offset_name, number, (size_t)digits, 0) == 0 &&
           fsetxattr(fd, spec_name, spec, strlen(spec), 0) == 0;
}

void label_remove(int fd)
{
    fremovexattr(fd, spec_name);
    fremovexattr(fd, offset_name);
}

static bool read_text(int fd, const char *name, char *text, size_t size)
{
    const ssize_t n = fgetxattr(fd, name, text, size - 1);

    if (n <= 0)
        return false;
    text[n] = '\0';
    return true;
}

bool label_read(int fd, fodder_spec *spec, uint64_t *offset)
{
    char text[FODDER_SPEC_TEXT], number[24];

    return read_text(fd, spec_name, text, sizeof text) && fodder_spec_parse(spec, text, NULL) == 0 &&
           read_text(fd, offset_name, number, sizeof number) && fodder_size_parse(offset, number) == 0;
}
