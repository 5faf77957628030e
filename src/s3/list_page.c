#define _GNU_SOURCE
#include "list_page.h"

#include <stdlib.h>
#include <string.h>

#include "xml.h"

/* Keys are asked for in percent, so that any byte can be in them; a '+' may stand for a blank then. */
static void decode(char *key)
{
    char *to = key;

    for (const char *from = key; *from != '\0'; from++, to++) {
        const char digits[] = { from[0] == '%' && from[1] ? from[1] : '\0', from[0] == '%' && from[1] ? from[2] : '\0',
                                '\0' };

        *to = *from == '+' ? ' ' : *from;
        if (digits[0] == '\0' || digits[1] == '\0')
            continue;
        *to = (char)strtoul(digits, NULL, 16);
        from += 2;
    }
    *to = '\0';
}

/* What is cut would be another key, or another page. */
static bool copy(char *to, size_t room, const char *text)
{
    const size_t length = strlen(text);

    if (length >= room)
        return false;
    memcpy(to, text, length + 1);
    return true;
}

/* False ends it, where the visitor wants no more, or a key is none that was asked for. */
static bool visit(struct list_page *page)
{
    if (page->encoded)
        decode(page->key);
    if (strncmp(page->key, page->prefix, strlen(page->prefix)) != 0)
        return false;
    page->ended = !page->visit(page->user, page->key, page->size);
    return !page->ended;
}

static bool on_element(void *user, const char *path, const char *text)
{
    struct list_page *const page = user;
    const char *const name = strchr(path, '/');

    if (!name)
        page->whole = strcmp(path, "ListBucketResult") == 0;
    else if (strcmp(name, "/IsTruncated") == 0)
        page->truncated = strcmp(text, "true") == 0;
    else if (strcmp(name, "/NextContinuationToken") == 0)
        return copy(page->token, sizeof page->token, text);
    else if (strcmp(name, "/Contents/Key") == 0)
        return copy(page->key, sizeof page->key, text);
    else if (strcmp(name, "/Contents/Size") == 0)
        page->size = strtoull(text, NULL, 10);
    else if (strcmp(name, "/Contents") == 0)
        return visit(page);
    return true;
}

/* The elements of a page come in any order; whether keys are encoded is known before the first of them. */
bool list_page_read(struct list_page *page, const char *answer, size_t length)
{
    const struct xml_visitor visitor = { page, on_element };
    char type[8] = "";

    page->token[0] = '\0';
    page->truncated = page->whole = false;
    xml_find(answer, length, "ListBucketResult/EncodingType", type, sizeof type);
    page->encoded = strcmp(type, "url") == 0;
    return answer && xml_visit(answer, length, &visitor) && page->whole && (!page->truncated || page->token[0]);
}
