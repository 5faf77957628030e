#define _GNU_SOURCE
#include "start_at.h"

#include <ctype.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "stop.h"
#include "text.h"

/* A time farther ahead is a slip of the pen. */
static const double most_ahead = 24 * 3600;
/* Lateness that nobody sees in a run of many hosts, whose clocks differ by as much. */
static const double slack = 0.01;

/* Digits, perhaps with a fraction: seconds. How many characters that was; 0 where it is none. */
static size_t read_seconds(double *seconds, const char *text)
{
    const size_t whole = strspn(text, "0123456789"), point = text[whole] == '.';
    const size_t digits = point ? strspn(text + whole + 1, "0123456789") : 0;

    if (whole == 0 || (point && digits == 0))
        return 0;
    *seconds = strtod(text, NULL);
    return whole + point + digits;
}

/* 2026-11-25T22:00:00Z, perhaps with a fraction of the second. */
static bool read_iso(double *time, const char *text)
{
    static const char form[] = "dddd-dd-ddTdd:dd:dd";
    struct tm parts = { 0 }, again;
    double second = 0;
    time_t whole;

    for (size_t i = 0; i < sizeof form - 1; i++) {
        if (form[i] == 'd' ? !isdigit((unsigned char)text[i]) : text[i] != form[i])
            return false;
    }
    if (!strptime(text, "%Y-%m-%dT%H:%M:%S", &parts) || strcmp(text + 17 + read_seconds(&second, text + 17), "Z") != 0)
        return false;
    again = parts;
    whole = timegm(&again); /* makes 2 March of 30 February */
    *time = (double)whole + second - floor(second);
    return again.tm_mday == parts.tm_mday && again.tm_sec == parts.tm_sec;
}

static int set_time(void *place, const char *name, const char *value, const char **why)
{
    struct start_at *const start = place;
    const size_t length = read_seconds(&start->time, value);
    (void)name;

    start->given = true;
    *why = "a time is seconds since 1970, such as 1795644000 or 1795644000.5, or UTC, such as 2026-11-25T22:00:00Z";
    return (length > 0 && value[length] == '\0') || read_iso(&start->time, value) ? 0 : -1;
}

/* clang-format off */
const struct option_row start_at_rows[] = {
    { .name = "start-at", .value = "TIME", .kind = OPTION_OTHER, .set = set_time,
      .help = "make all ready, then wait until TIME: seconds since 1970, or 2026-11-25T22:00:00Z" },
    { 0 },
};
/* clang-format on */

enum exit_code start_at_check(const struct start_at *start)
{
    const double ahead = start->time - clock_today();

    if (!start->given)
        return EXIT_FINE;
    if (ahead < 0)
        return fail(EXIT_USAGE, "--start-at: that time has passed %s ago, by this host's clock; nothing was written",
                    text_time(-ahead).text);
    if (ahead > most_ahead)
        return fail(EXIT_USAGE, "--start-at: that is %s ahead, by this host's clock; 24 hours is the most",
                    text_time(ahead).text);
    return EXIT_FINE;
}

static void draw(double ahead)
{
    fprintf(stderr, "\r\033[Kwaits %s for --start-at", text_time(ahead).text);
    fflush(stderr);
}

/* Until `time`, or a fifth of a second: a signal that comes just before the sleep is seen after it. */
static void sleep_towards(double time, double ahead)
{
    const double until = ahead > 0.2 ? time - ahead + 0.2 : time;
    const struct timespec at = { (time_t)until, (long)(1e9 * (until - floor(until))) };

    clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &at, NULL);
}

enum exit_code start_at_wait(const struct start_at *start, bool quiet, const char *nothing)
{
    const bool drawn = start->given && !quiet && isatty(STDERR_FILENO);
    double ahead = start->time - clock_today();

    if (start->given && ahead < -slack)
        say("--start-at: it took too long to make all ready: this begins %s late", text_time(-ahead).text);
    while (start->given && ahead > 0 && !stop_asked()) {
        if (drawn)
            draw(ahead);
        sleep_towards(start->time, ahead);
        ahead = start->time - clock_today();
    }
    if (drawn)
        fputs("\r\033[K", stderr);
    if (!stop_asked() || !start->given)
        return EXIT_FINE;
    return fail(EXIT_FAILED, "%s while it waited for --start-at; %s", stop_name(), nothing);
}
