#define _GNU_SOURCE
#include "exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "checksum.h"
#include "sign.h"

/* What is made and sent at a time; of an answer that is text, the most that is kept. */
enum { PIECE = 256 << 10, MOST_ANSWER = 16 << 20 };

static const char unsigned_payload[] = "UNSIGNED-PAYLOAD";

/* Everything of a request that lives until it is answered. */
struct request {
    char time[SIGN_TIME], payload[SIGN_HASH];
    struct pair headers[EXCHANGE_HEADERS + 8]; /* the caller's, and what every request has */
    size_t header_count;
    char *path, *query, *url, *authorization;
    struct curl_slist *lines;
};

static struct connection *take_connection(struct s3 *s3)
{
    struct connection *connection;

    pthread_mutex_lock(&s3->lock);
    connection = s3->idle;
    if (connection)
        s3->idle = connection->next;
    pthread_mutex_unlock(&s3->lock);
    if (connection)
        return connection;
    connection = calloc(1, sizeof *connection);
    if (connection && !(connection->curl = curl_easy_init())) {
        free(connection);
        connection = NULL;
    }
    return connection;
}

static size_t send_piece(char *to, size_t size, size_t count, void *user)
{
    struct exchange *const e = user;
    const uint64_t left = e->body->len - e->sent;
    const size_t len = left < size * count ? (size_t)left : size * count;

    if (len > 0)
        e->body->make(e->body->user, e->sent, to, len);
    e->sent += len;
    return len;
}

/* A connection that was kept may be found broken when the body is under way. */
static int seek_body(void *user, curl_off_t at, int origin)
{
    struct exchange *const e = user;

    if (origin != SEEK_SET)
        return CURL_SEEKFUNC_FAIL;
    e->sent = (uint64_t)at;
    return CURL_SEEKFUNC_OK;
}

static bool keep(struct exchange *e, const void *data, size_t len)
{
    char *grown;

    if (e->answer_length + len > MOST_ANSWER)
        return false;
    grown = realloc(e->answer, e->answer_length + len + 1);
    if (!grown)
        return false;
    memcpy(grown + e->answer_length, data, len);
    e->answer = grown;
    e->answer_length += len;
    grown[e->answer_length] = '\0';
    return true;
}

/* What does not know ranges, or tags, answers with all of an object from its start on, or with another object. */
static bool is_asked_for(struct exchange *e, long status, size_t len)
{
    const char *const range = exchange_header(e, "content-range"), *const tag = exchange_header(e, "etag");
    const char *const start = status == 206 && range ? strpbrk(range, "0123456789") : NULL;

    e->misfit = (start ? strtoull(start, NULL, 10) : 0) != e->from || len > e->most - e->taken;
    e->stale = *e->tag && tag && strcmp(tag, e->tag) != 0;
    return !e->misfit && !e->stale;
}

static size_t receive(char *data, size_t size, size_t count, void *user)
{
    struct exchange *const e = user;
    long status = 0;

    curl_easy_getinfo(e->connection->curl, CURLINFO_RESPONSE_CODE, &status);
    if (!e->taker || status / 100 != 2)
        return keep(e, data, size * count) ? size * count : 0;
    if (!is_asked_for(e, status, size * count))
        return 0;
    e->refused = !e->taker->take(e->taker->user, data, size * count);
    if (e->refused)
        return 0;
    e->taken += size * count;
    return size * count;
}

bool exchange_is_stopped(const struct exchange *e)
{
    return !e->insistent && e->s3->is.stop && e->s3->is.stop();
}

static int ask_stop(void *user, curl_off_t download, curl_off_t downloaded, curl_off_t upload, curl_off_t uploaded)
{
    (void)download, (void)downloaded, (void)upload, (void)uploaded;

    return exchange_is_stopped(user);
}

static void add(struct request *request, const char *name, const char *value)
{
    request->headers[request->header_count++] = (struct pair) { name, value };
}

/* Just before it is sent: the sum of a large body takes its time. */
static bool note_time(char text[SIGN_TIME])
{
    const time_t now = time(NULL);
    struct tm utc;

    return gmtime_r(&now, &utc) && strftime(text, SIGN_TIME, "%Y%m%dT%H%M%SZ", &utc) > 0;
}

static void make_from_text(const void *user, uint64_t at, void *to, size_t len)
{
    memcpy(to, (const char *)user + at, len);
}

/* Over TLS nobody can change the payload, and it is signed without its hash, as AWS's own tools do. */
static bool sum_body(struct exchange *e, struct request *request)
{
    static const struct s3_body none = { .make = make_from_text };
    const bool open = e->s3->address.secure && e->body, summed = e->checked && !e->s3->is.plain;

    if (!checksum_body(e->body ? e->body : &none, open ? NULL : request->payload, summed ? e->sum : NULL))
        return false;
    if (open)
        strcpy(request->payload, unsigned_payload);
    return true;
}

static int by_name(const void *left, const void *right)
{
    return strcmp(((const struct pair *)left)->name, ((const struct pair *)right)->name);
}

static bool add_lines(struct request *request)
{
    for (size_t i = 0; i < request->header_count; i++) {
        const struct pair *const header = &request->headers[i];
        struct curl_slist *grown;
        char *line;

        if (asprintf(&line, *header->value ? "%s: %s" : "%s;", header->name, header->value) < 0)
            return false;
        grown = curl_slist_append(request->lines, line);
        free(line);
        if (!grown)
            return false;
        request->lines = grown;
    }
    return true;
}

static bool sign(struct exchange *e, struct request *request)
{
    const struct profile *const profile = &e->s3->profile;
    const struct sign_key key = { profile->id, profile->secret, profile->region, "s3" };
    struct sign_request what;

    for (size_t i = 0; i < e->header_count; i++)
        add(request, e->headers[i].name, e->headers[i].value);
    add(request, "host", e->s3->address.host);
    add(request, "x-amz-date", request->time);
    add(request, "x-amz-content-sha256", request->payload);
    if (profile->token[0])
        add(request, "x-amz-security-token", profile->token);
    if (e->sum[0])
        add(request, "x-amz-checksum-crc32c", e->sum);
    qsort(request->headers, request->header_count, sizeof *request->headers, by_name);
    what = (struct sign_request) { e->method,        request->path,         request->query,
                                   request->headers, request->header_count, request->payload,
                                   request->time };
    request->authorization = sign_authorization(&what, &key);
    if (!request->authorization)
        return false;
    add(request, "authorization", request->authorization);
    add(request, "content-type", e->text ? "application/xml" : "application/octet-stream");
    return add_lines(request);
}

static bool make_request(struct exchange *e, struct request *request)
{
    const struct address *const address = &e->s3->address;

    request->path = address_path(address, e->key);
    request->query = address_query(e->query, e->query_count);
    return request->path && request->query &&
           asprintf(&request->url, "%s://%s%s%s%s", address->scheme, address->host, request->path,
                    *request->query ? "?" : "", request->query) > 0 &&
           sum_body(e, request) && note_time(request->time) && sign(e, request);
}

static void free_request(struct request *request)
{
    free(request->path);
    free(request->query);
    free(request->url);
    free(request->authorization);
    curl_slist_free_all(request->lines);
}

static void set_up_body(struct exchange *e, CURL *curl)
{
    if (strcmp(e->method, "HEAD") == 0)
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    if (strcmp(e->method, "PUT") == 0 || strcmp(e->method, "POST") == 0) {
        curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)(e->body ? e->body->len : 0));
    }
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, send_piece);
    curl_easy_setopt(curl, CURLOPT_READDATA, e);
    curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, seek_body);
    curl_easy_setopt(curl, CURLOPT_SEEKDATA, e);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, e);
    curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, (long)PIECE);
    curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, (long)PIECE);
}

static void set_up(struct exchange *e, const struct request *request)
{
    const struct s3 *const s3 = e->s3;
    CURL *const curl = e->connection->curl;

    curl_easy_reset(curl); /* keeps the connection */
    curl_easy_setopt(curl, CURLOPT_URL, request->url);
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "fodder");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, request->lines);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, e->method);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, e->connection->why);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, e->fresh ? 1L : 0L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)(1000 * s3->is.timeout));
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)(s3->is.timeout + 0.999));
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, ask_stop);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, e);
    if (s3->profile.bundle[0])
        curl_easy_setopt(curl, CURLOPT_CAINFO, s3->profile.bundle);
    if (s3->is.insecure) {
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    set_up_body(e, curl);
}

void exchange_add_meta(struct exchange *e, const struct s3_meta *meta, struct exchange_names *names)
{
    for (size_t i = 0; meta && meta[i].name && i < EXCHANGE_WORDS; i++) {
        snprintf(names->text[i], EXCHANGE_NAME, "x-amz-meta-%s", meta[i].name);
        e->headers[e->header_count++] = (struct pair) { names->text[i], meta[i].value };
    }
}

CURLcode exchange_run(struct exchange *e)
{
    struct s3_body text = { .user = e->text, .make = make_from_text, .len = e->text ? strlen(e->text) : 0 };
    struct request request = { .url = NULL };
    CURLcode code = CURLE_OUT_OF_MEMORY;

    if (e->text)
        e->body = &text;
    e->attempts++;
    e->status = 0;
    e->sent = e->taken = 0;
    e->sum[0] = '\0';
    e->connection = take_connection(e->s3);
    if (e->connection && make_request(e, &request)) {
        e->connection->why[0] = '\0';
        set_up(e, &request);
        code = curl_easy_perform(e->connection->curl);
        curl_easy_getinfo(e->connection->curl, CURLINFO_RESPONSE_CODE, &e->status);
    }
    free_request(&request);
    if (e->text)
        e->body = NULL;
    return code;
}

const char *exchange_header(const struct exchange *e, const char *name)
{
    struct curl_header *header;

    return curl_easy_header(e->connection->curl, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK ? header->value
                                                                                                  : NULL;
}

void exchange_end(struct exchange *e)
{
    if (e->connection) {
        pthread_mutex_lock(&e->s3->lock);
        e->connection->next = e->s3->idle;
        e->s3->idle = e->connection;
        pthread_mutex_unlock(&e->s3->lock);
    }
    e->connection = NULL;
    free(e->answer);
    e->answer = NULL;
    e->answer_length = 0;
}
