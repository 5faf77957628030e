/* Time, for rates and progress. */
#ifndef CLI_CLOCK_H
#define CLI_CLOCK_H

/* Seconds of a clock that only goes on; from when on is not told. */
double clock_seconds(void);
/* Seconds since 1970, as the hosts of a run share them. */
double clock_today(void);

#endif
