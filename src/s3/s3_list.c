#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "repeat.h"
#include "words.h"
#include "xml.h"

/* Of one page, what its elements have said so far. */
struct page {
    bool (*visit)(void *user, const char *key, uint64_t size);
    void *user;
    char key[3 * S3_KEY + 1], token[2048];
    uint64_t size;
    bool encoded, truncated, ended;
};

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

static void copy(char *to, size_t room, const char *text)
{
    strncpy(to, text, room - 1);
    to[room - 1] = '\0';
}

static bool on_element(void *user, const char *path, const char *text)
{
    struct page *const page = user;
    const char *const name = strchr(path, '/');

    if (!name)
        return true;
    if (strcmp(name, "/EncodingType") == 0)
        page->encoded = strcmp(text, "url") == 0;
    else if (strcmp(name, "/IsTruncated") == 0)
        page->truncated = strcmp(text, "true") == 0;
    else if (strcmp(name, "/NextContinuationToken") == 0)
        copy(page->token, sizeof page->token, text);
    else if (strcmp(name, "/Contents/Key") == 0)
        copy(page->key, sizeof page->key, text);
    else if (strcmp(name, "/Contents/Size") == 0)
        page->size = strtoull(text, NULL, 10);
    else if (strcmp(name, "/Contents") == 0) {
        if (page->encoded)
            decode(page->key);
        page->ended = !page->visit(page->user, page->key, page->size);
    }
    return !page->ended;
}

/* The elements of a page come in any order; whether keys are encoded is known before the first of them. */
static bool read_page(const struct exchange *e, struct page *page)
{
    const struct xml_visitor visitor = { page, on_element };
    char type[8] = "";

    page->token[0] = '\0';
    page->truncated = false;
    xml_find(e->answer, e->answer_length, "ListBucketResult/EncodingType", type, sizeof type);
    page->encoded = strcmp(type, "url") == 0;
    return e->answer && xml_visit(e->answer, e->answer_length, &visitor);
}

int s3_list(struct s3 *s3, const char *prefix, bool (*visit)(void *user, const char *key, uint64_t size), void *user,
            struct s3_error *error)
{
    struct page page = { .visit = visit, .user = user };
    char token[sizeof page.token] = "";

    do {
        const struct pair query[] = {
            { "list-type", "2" }, { "encoding-type", "url" }, { "prefix", prefix }, { "continuation-token", token }
        };
        struct exchange e = { .s3 = s3, .method = "GET", .key = "", .query = query, .query_count = *token ? 4 : 3 };
        int r = repeat_run(&e, error);

        if (r == 0 && !read_page(&e, &page)) {
            *error = (struct s3_error) { .number = page.ended ? ECANCELED : EPROTO,
                                         .text = "the server's list cannot be read" };
            r = -error->number;
        }
        exchange_end(&e);
        if (r < 0)
            return r;
        strcpy(token, page.token);
    } while (page.truncated && *token);
    return 0;
}
