#define _GNU_SOURCE
#include "label.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

static const char spec_name[] = "user.fodder.spec", offset_name[] = "user.fodder.offset";

bool label_write(int fd, const struct label *label)
{
    char number[24];
    const int digits = snprintf(number, sizeof number, "%" PRIu64, label->offset);

    return fsetxattr(fd, offset_name, number, (size_t)digits, 0) == 0 &&
           fsetxattr(fd, spec_name, label->spec, strlen(label->spec), 0) == 0;
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

bool label_read(int fd, struct label *label)
{
    char number[24];

    return read_text(fd, spec_name, label->spec, sizeof label->spec) &&
           read_text(fd, offset_name, number, sizeof number) && fodder_size_parse(&label->offset, number) == 0;
}
