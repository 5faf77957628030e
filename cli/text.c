#include "text.h"

#include <stdio.h>

static struct text scaled(double value, double base, const char *const *units)
{
    struct text t;

    while (value >= base - 0.5 && units[1]) { /* what would be rounded to the next unit belongs there */
        value /= base;
        units++;
    }
    snprintf(t.text, sizeof t.text, value >= 100 || value == (double)(long)value ? "%.0f %s" : "%.3g %s", value,
             *units);
    return t;
}

struct text text_size(double bytes)
{
    static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", NULL };

    return scaled(bytes, 1024, units);
}

struct text text_rate(double bytes_per_second)
{
    static const char *const units[] = { "B/s", "kB/s", "MB/s", "GB/s", "TB/s", NULL };

    return scaled(bytes_per_second, 1000, units);
}

struct text text_time(double seconds)
{
    struct text t;
    const long whole = (long)(seconds + 0.5);

    if (seconds < 0.1)
        snprintf(t.text, sizeof t.text, "%.3g ms", 1000 * seconds);
    else if (seconds < 10)
        snprintf(t.text, sizeof t.text, "%.2f s", seconds);
    else if (whole < 60)
        snprintf(t.text, sizeof t.text, "%ld s", whole);
    else if (whole < 3600)
        snprintf(t.text, sizeof t.text, "%ld min %ld s", whole / 60, whole % 60);
    else
        snprintf(t.text, sizeof t.text, "%ld h %ld min", whole / 3600, whole % 3600 / 60);
    return t;
}
