/* Small text files of /sys and /proc, of this machine or of a copy of another one's. */
#ifndef OS_FILES_H
#define OS_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* root is "" for this machine; path has no slash in front, and is printed. */
__attribute__((format(printf, 2, 3))) FILE *os_open(const char *root, const char *path, ...);

/* The file's text, cut at size - 1 bytes, without the line feed at its end. False where it cannot be read. */
__attribute__((format(printf, 4, 5))) bool os_read(char *text, size_t size, const char *root, const char *path, ...);

/* The value of the line that starts with `key` and a colon, without the blanks before it. */
bool os_read_line(char *text, size_t size, const char *root, const char *path, const char *key);

/* Linux numbers neither CPUs nor nodes so high. */
enum { OS_NUMBERS = 64 << 10 };

/* The next range of a list such as "0-3,7"; false at its end, or where no such range is next. *list moves on. */
bool os_list_next(const char **list, unsigned *first, unsigned *last);
bool os_list_has(const char *list, unsigned number);

/* Room for the list of any CPUs that Linux can have. */
enum { OS_LIST = 32 << 10 };

#endif
