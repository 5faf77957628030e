/* What many measurements come to. */
#ifndef CLI_QUARTILES_H
#define CLI_QUARTILES_H

#include <stddef.h>

struct spread {
    double low, median, high; /* quartiles */
};

/* Of count values, which it sorts. Not a number among them makes all three so. */
struct spread spread_of(double *values, size_t count);

#endif
