#include <errno.h>
#include <string.h>

#include "list_page.h"
#include "repeat.h"

int s3_list(struct s3 *s3, const char *prefix, bool (*visit)(void *user, const char *key, uint64_t size), void *user,
            struct s3_error *error)
{
    struct list_page page = { .prefix = prefix, .visit = visit, .user = user };
    char token[sizeof page.token] = "";

    do {
        const struct pair query[] = {
            { "list-type", "2" }, { "encoding-type", "url" }, { "prefix", prefix }, { "continuation-token", token }
        };
        struct exchange e = { .s3 = s3, .method = "GET", .key = "", .query = query, .query_count = *token ? 4 : 3 };
        int r = repeat_run(&e, error);

        /* A token that comes again would go round forever. */
        if (r == 0 &&
            (!list_page_read(&page, e.answer, e.answer_length) || (*token && strcmp(token, page.token) == 0))) {
            *error = (struct s3_error) { .number = page.ended ? ECANCELED : EPROTO,
                                         .text = "the server's list cannot be read" };
            r = -error->number;
        }
        exchange_end(&e);
        if (r < 0)
            return r;
        strcpy(token, page.token);
    } while (page.truncated);
    return 0;
}
