/* SIGINT and SIGTERM ask for a stop; work ends at the next whole step and says what was done. */
#ifndef CLI_STOP_H
#define CLI_STOP_H

#include <stdbool.h>

void stop_listen(void);
bool stop_asked(void);
/* Which signal asked. */
const char *stop_name(void);

#endif
