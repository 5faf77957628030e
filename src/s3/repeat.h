/* Requests until they are answered, and what is told where they are not. */
#ifndef S3_REPEAT_H
#define S3_REPEAT_H

#include "exchange.h"

/* Was the exchange, whose code curl gave, answered as it should be? Otherwise *error says why not, in words. */
bool repeat_is_fine(const struct exchange *exchange, CURLcode code, struct s3_error *error);
/* After the attempt of that number, from 1 on: waits, and says that another one is worth it; the exchange is ended
 * then.
 */
bool repeat_again(struct exchange *exchange, CURLcode code, unsigned attempt, struct s3_error *error);
/* Runs it until it is answered, or nothing helps: 0, or a negative errno value. exchange_end() it in either case. */
int repeat_run(struct exchange *exchange, struct s3_error *error);

#endif
