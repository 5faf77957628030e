/* Sizes, rates and times as the command says them. */
#include "support.h"
#include "text.h"

struct row {
    double value;
    const char *text;
};

static void sizes_are_in_powers_of_1024(void **state)
{
    static const struct row rows[] = {
        { 0, "0 B" },
        { 1023, "1023 B" },
        { 1024, "1 KiB" },
        { 1536, "1.5 KiB" },
        { 12595, "12.3 KiB" },
        { 1 << 20, "1 MiB" },
        { 100.4 * (1 << 20), "100 MiB" },
        { 0x1p30, "1 GiB" },
        { 0x1p40, "1 TiB" },
        { 0x1p50, "1 PiB" },
        { 0x1p63, "8 EiB" },
        { 0x1p70, "1024 EiB" },
    };
    (void)state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(text_size(rows[i].value).text, rows[i].text);
}

static void rates_are_in_powers_of_1000(void **state)
{
    static const struct row rows[] = {
        { 999, "999 B/s" }, { 1000, "1 kB/s" },      { 1024, "1.02 kB/s" },
        { 2e6, "2 MB/s" },  { 3.14e9, "3.14 GB/s" }, { 5e15, "5000 TB/s" },
    };
    (void)state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(text_rate(rows[i].value).text, rows[i].text);
}

static void times_are_in_what_suits_them(void **state)
{
    static const struct row rows[] = {
        { 0.0125, "12.5 ms" },   { 0.1, "0.10 s" },     { 9.5, "9.50 s" },
        { 12.6, "13 s" },        { 59.6, "1 min 0 s" }, { 125, "2 min 5 s" },
        { 3599, "59 min 59 s" }, { 3600, "1 h 0 min" }, { 7325, "2 h 2 min" },
    };
    (void)state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(text_time(rows[i].value).text, rows[i].text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_in_powers_of_1024),
        cmocka_unit_test(rates_are_in_powers_of_1000),
        cmocka_unit_test(times_are_in_what_suits_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
