/* Texts as specs and as sizes: what is read is valid, and prints as a text that reads as the same. */
#include "fuzz.h"

static void try_spec(const char *text)
{
    const fodder_spec before = FODDER_SPEC(.seed = 1);
    fodder_spec spec = before, again;
    char printed[FODDER_SPEC_TEXT], reprinted[FODDER_SPEC_TEXT];
    const char *why = NULL;

    if (fodder_spec_parse(&spec, text, &why) < 0) {
        CHECK(why && memcmp(&spec, &before, sizeof spec) == 0);
        return;
    }
    CHECK(fodder_spec_check(&spec, NULL) == 0);
    CHECK(fodder_spec_print(&spec, printed, sizeof printed) == 0);
    CHECK(fodder_spec_parse(&again, printed, NULL) == 0);
    CHECK(fodder_spec_print(&again, reprinted, sizeof reprinted) == 0);
    CHECK(strcmp(printed, reprinted) == 0);
}

static void try_size(const char *text)
{
    uint64_t bytes = 12345, again;
    char digits[32];

    if (fodder_size_parse(&bytes, text) < 0) {
        CHECK(bytes == 12345);
        return;
    }
    CHECK(bytes <= INT64_MAX);
    snprintf(digits, sizeof digits, "%llu", (unsigned long long)bytes);
    CHECK(fodder_size_parse(&again, digits) == 0 && again == bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *const text = malloc(size + 1);

    CHECK(text);
    memcpy(text, data, size);
    text[size] = '\0';
    try_spec(text);
    try_size(text);
    free(text);
    return 0;
}
