#include "quartiles.h"

#include <math.h>
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

struct spread spread_of(double *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (isnan(values[i]))
            return (struct spread) { NAN, NAN, NAN };
    }
    qsort(values, count, sizeof *values, compare);
    return (struct spread) { values[count / 4], values[count / 2], values[count - 1 - count / 4] };
}
