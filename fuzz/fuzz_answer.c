/* Anything as a server's answer: a list, or an error. */
#include "fuzz.h"
#include "s3/list_page.h"
#include "s3/xml.h"

static bool visit(void *user, const char *key, uint64_t size)
{
    size_t *const count = user;
    (void)size;

    CHECK(strlen(key) <= 3 * S3_KEY);
    return ++*count < 1000;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t count = 0;
    struct list_page page = { .prefix = "", .visit = visit, .user = &count };
    char code[64];

    list_page_read(&page, (const char *)data, size);
    CHECK(strlen(page.token) < sizeof page.token && page.ended == (count == 1000));
    if (xml_find((const char *)data, size, "Error/Code", code, sizeof code))
        CHECK(strlen(code) < sizeof code);
    return 0;
}
