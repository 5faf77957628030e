/* Why a request failed, in words that name the remedy. */
#ifndef S3_WORDS_H
#define S3_WORDS_H

#include "exchange.h"

/* Fills *error from an answer, or from what curl says where there was none. */
void words_of(const struct exchange *exchange, CURLcode code, struct s3_error *error);
void words_of_stop(struct s3_error *error);
void words_of_memory(struct s3_error *error);

#endif
