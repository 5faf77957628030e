#define _GNU_SOURCE
#include "page.h"

#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "page_html.h" /* page_head and page_tail: page.html before and after its mark, made by embed.py */

static bool put(const char *text, size_t length, FILE *file)
{
    return fwrite(text, 1, length, file) == length;
}

/* Without a '<' nothing in the data ends the script that they lie in; only a JSON text can hold one. */
static bool put_data(const char *text, size_t length, FILE *file)
{
    const char *const end = text + length;

    while (text < end) {
        const char *const found = memchr(text, '<', (size_t)(end - text));
        const char *const stop = found ? found : end;

        if (!put(text, (size_t)(stop - text), file) || (found && fputs("\\u003c", file) == EOF))
            return false;
        text = found ? found + 1 : end;
    }
    return true;
}

/* The object as text, to be freed; NULL with errno where there is no memory. */
static char *print(const struct json *object, size_t *length)
{
    char *text = NULL;
    FILE *const memory = open_memstream(&text, length);
    const bool printed = memory && json_write(object, memory);

    if (memory && fclose(memory) == 0 && printed)
        return text; /* NULL where fclose() had no memory to cut it to its length: glibc 2.36 then returns 0 */
    free(text);
    return NULL;
}

bool page_write(const void *object, FILE *file)
{
    size_t length = 0;
    char *const text = print(object, &length);
    const bool written = text && put(page_head, sizeof page_head, file) && put_data(text, length, file) &&
                         put(page_tail, sizeof page_tail, file) && fflush(file) == 0;

    free(text);
    return written;
}
