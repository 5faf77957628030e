/* One request and its answer, once; repeat.c repeats it. */
#ifndef S3_EXCHANGE_H
#define S3_EXCHANGE_H

#include <pthread.h>
#include <stdatomic.h>

#include <curl/curl.h>

#include "address.h"
#include "profile.h"
#include "s3/s3.h"

enum { EXCHANGE_HEADERS = 20, EXCHANGE_NAME = 80, EXCHANGE_WORDS = 8 };

struct connection {
    CURL *curl;
    struct connection *next; /* of those that are free */
    char why[CURL_ERROR_SIZE];
};

struct s3 {
    struct s3_options is;
    struct profile profile;
    struct address address;
    char bucket[S3_BUCKET + 1];
    pthread_mutex_t lock; /* of the list */
    struct connection *idle;
    atomic_uint_fast64_t repeats;
    atomic_bool reached; /* the server has answered something */
};

struct exchange {
    struct s3 *s3;
    const char *method, *key; /* key: "" for the bucket */
    const struct pair *query;
    size_t query_count;
    struct pair headers[EXCHANGE_HEADERS]; /* names in lower case; what every request has is added */
    size_t header_count;
    const struct s3_body *body;
    const char *text;             /* or a body that is a text; NULL: none */
    const struct s3_taker *taker; /* of the bytes of a 2xx answer; NULL: they are kept as text */
    uint64_t from, most;          /* the range that it wants: where it begins, and how long it is at most */
    const char *tag;              /* of the object that it is of; empty: of any */
    bool checked;                 /* send the body's CRC32C */
    bool insistent;               /* stop() does not end it */
    bool fresh; /* on a new connection: on a kept one libcurl may send it twice, and none would know */

    /* The answer. */
    struct connection *connection; /* its headers can be asked for until the exchange is ended */
    long status;
    char *answer;
    size_t answer_length;
    uint64_t taken; /* bytes that the taker has */
    bool refused;   /* the taker wants no more */
    bool misfit;    /* what came is not of the range */
    bool stale;     /* what came is not of the object */
    unsigned attempts;
    uint64_t sent; /* of the body, at this attempt */
    char sum[16];  /* of the body, base64; empty where it was not made */
};

/* The names of the headers for an object's words. */
struct exchange_names {
    char text[EXCHANGE_WORDS][EXCHANGE_NAME];
};
/* Adds them; `names` must live as long as the exchange. */
void exchange_add_meta(struct exchange *exchange, const struct s3_meta *meta, struct exchange_names *names);
/* Sends the request and takes the answer: 0 where there is one, whatever its status, or what curl says. */
CURLcode exchange_run(struct exchange *exchange);
/* Was a stop asked for, and does it end this exchange? */
bool exchange_is_stopped(const struct exchange *exchange);
/* A header of the answer; NULL where it has none. */
const char *exchange_header(const struct exchange *exchange, const char *name);
/* Gives the connection back, and frees the answer. */
void exchange_end(struct exchange *exchange);

#endif
