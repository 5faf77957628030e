/* --start-at: processes on many hosts begin together, without talking. */
#ifndef CLI_START_AT_H
#define CLI_START_AT_H

#include "options.h"

struct start_at {
    bool given;
    double time; /* in seconds since 1970 */
};

extern const struct option_row start_at_rows[];

/* Is the time still to come? Otherwise it says by how much it has passed. Goes before anything is opened for writing.
 */
enum exit_code start_at_check(const struct start_at *start);
/* Sleeps until then, and returns at once without a time. Not FINE where a signal ended it, which is told with
 * `nothing`, what has not been done. Signals must be listened to. */
enum exit_code start_at_wait(const struct start_at *start, bool quiet, const char *nothing);

#endif
