#include "os/files.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static FILE *open_at(const char *root, const char *path, va_list arguments)
{
    char name[4096];
    const int length = snprintf(name, sizeof name, "%s/", root);

    if (length < 0 || (size_t)length >= sizeof name)
        return NULL;
    if (vsnprintf(name + length, sizeof name - (size_t)length, path, arguments) >= (int)sizeof name - length)
        return NULL;
    return fopen(name, "re");
}

FILE *os_open(const char *root, const char *path, ...)
{
    va_list arguments;
    FILE *file;

    va_start(arguments, path);
    file = open_at(root, path, arguments);
    va_end(arguments);
    return file;
}

bool os_read(char *text, size_t size, const char *root, const char *path, ...)
{
    va_list arguments;
    FILE *file;
    size_t length;

    va_start(arguments, path);
    file = open_at(root, path, arguments);
    va_end(arguments);
    if (!file)
        return false;
    length = fread(text, 1, size - 1, file);
    fclose(file);
    while (length > 0 && text[length - 1] == '\n')
        length--;
    text[length] = '\0';
    return true;
}

bool os_read_line(char *text, size_t size, const char *root, const char *path, const char *key)
{
    const size_t length = strlen(key);
    FILE *const file = os_open(root, "%s", path);
    bool found = false;

    while (file && !found && fgets(text, (int)size, file)) {
        if (strncmp(text, key, length) != 0 || text[length] != ':')
            continue;
        memmove(text, text + length + 1, strlen(text + length + 1) + 1);
        found = true;
    }
    if (file)
        fclose(file);
    return found;
}

bool os_list_next(const char **list, unsigned *first, unsigned *last)
{
    char *end;

    while (**list == ',' || **list == ' ' || **list == '\t')
        ++*list;
    if (**list < '0' || **list > '9')
        return false;
    *first = *last = (unsigned)strtoul(*list, &end, 10);
    if (*end == '-')
        *last = (unsigned)strtoul(end + 1, &end, 10);
    *list = end;
    return *first <= *last && *last < OS_NUMBERS;
}

bool os_list_has(const char *list, unsigned number)
{
    unsigned first, last;

    while (os_list_next(&list, &first, &last)) {
        if (number >= first && number <= last)
            return true;
    }
    return false;
}
