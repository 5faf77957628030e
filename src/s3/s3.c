#define _GNU_SOURCE
#include "s3/s3.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repeat.h"
#include "words.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void begin_curl(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static int refuse(struct s3_error *error, int number, const char *text, const char *what)
{
    *error = (struct s3_error) { .number = number };
    snprintf(error->text, sizeof error->text, text, what);
    return -number;
}

static int find_address(struct s3 *s3, struct s3_error *error)
{
    const bool own = s3->profile.endpoint[0] == '\0';
    const bool virtual_host =
        s3->is.addressing == S3_VIRTUAL || (s3->is.addressing == S3_AUTO && own && address_fits_host(s3->bucket));

    if (own)
        snprintf(s3->profile.endpoint, sizeof s3->profile.endpoint, "https://s3.%s.amazonaws.com", s3->profile.region);
    if (address_of(&s3->address, s3->profile.endpoint, s3->bucket, virtual_host))
        return 0;
    if (virtual_host && address_of(&s3->address, s3->profile.endpoint, s3->bucket, false))
        return refuse(error, EINVAL, "the bucket %s cannot be in a host's name; use --addressing path", s3->bucket);
    return refuse(error, EINVAL, "the endpoint %s is no URL such as http://127.0.0.1:9000", s3->profile.endpoint);
}

int s3_new(struct s3 **made, const struct s3_options *options, const char *bucket, struct s3_error *error)
{
    struct s3 *const s3 = calloc(1, sizeof *s3);
    int r;

    *made = NULL;
    pthread_once(&once, begin_curl);
    if (!s3) {
        words_of_memory(error);
        return -ENOMEM;
    }
    s3->is = *options;
    pthread_mutex_init(&s3->lock, NULL);
    snprintf(s3->bucket, sizeof s3->bucket, "%s", bucket);
    r = profile_read(&s3->profile, options, error);
    if (r == 0)
        r = find_address(s3, error);
    if (r < 0)
        s3_free(s3);
    else
        *made = s3;
    return r;
}

void s3_free(struct s3 *s3)
{
    if (!s3)
        return;
    while (s3->idle) {
        struct connection *const connection = s3->idle;

        s3->idle = connection->next;
        curl_easy_cleanup(connection->curl);
        free(connection);
    }
    pthread_mutex_destroy(&s3->lock);
    explicit_bzero(&s3->profile, sizeof s3->profile);
    free(s3);
}

uint64_t s3_repeats(const struct s3 *s3)
{
    return atomic_load(&s3->repeats);
}

int s3_put(struct s3 *s3, const char *key, const struct s3_meta *meta, const struct s3_body *body,
           struct s3_error *error)
{
    struct exchange e = { .s3 = s3, .method = "PUT", .key = key, .body = body, .checked = true };
    struct exchange_names names;
    int r;

    exchange_add_meta(&e, meta, &names);
    r = repeat_run(&e, error);
    exchange_end(&e);
    return r;
}

static void note_tag(const struct exchange *e, struct s3_object *object)
{
    const char *const tag = exchange_header(e, "etag");

    snprintf(object->tag, sizeof object->tag, "%s", tag && strlen(tag) < sizeof object->tag ? tag : "");
}

/* An answer to HEAD has a status only; one to GET says what is wrong. */
static int ask_why(struct s3 *s3, const char *key, struct s3_error *error)
{
    struct exchange e = {
        .s3 = s3, .method = "GET", .key = key, .headers = { { "range", "bytes=0-0" } }, .header_count = 1
    };
    struct s3_error better;

    if (repeat_run(&e, &better) < 0)
        *error = better;
    exchange_end(&e);
    return -error->number;
}

int s3_head(struct s3 *s3, const char *key, struct s3_object *object, const struct s3_word *words,
            struct s3_error *error)
{
    struct exchange e = { .s3 = s3, .method = "HEAD", .key = key };
    const int r = repeat_run(&e, error);
    const char *const length = r == 0 ? exchange_header(&e, "content-length") : NULL;

    *object = (struct s3_object) { .size = length ? strtoull(length, NULL, 10) : 0 };
    if (r == 0)
        note_tag(&e, object);
    for (; words && words->name; words++) {
        char name[EXCHANGE_NAME];
        const char *value;

        snprintf(name, sizeof name, "x-amz-meta-%s", words->name);
        value = r == 0 ? exchange_header(&e, name) : NULL;
        snprintf(words->value, words->room, "%s", value ? value : "");
    }
    exchange_end(&e);
    return r < 0 && error->status >= 400 ? ask_why(s3, key, error) : r;
}

/* Of an answer that came up to `end`: "bytes 0-9/1234", or the length of an object that came as a whole. */
static uint64_t size_in(const struct exchange *e, uint64_t end)
{
    const char *const range = exchange_header(e, "content-range"), *const slash = range ? strchr(range, '/') : NULL;
    const char *const length = e->status == 200 ? exchange_header(e, "content-length") : NULL;
    const char *const size = slash && slash[1] != '*' ? slash + 1 : length;

    return size ? strtoull(size, NULL, 10) : end;
}

/* Once from `at` on. What came is taken even where the rest did not. */
static bool get_once(struct exchange *e, uint64_t at, uint64_t len, const struct s3_object *object, CURLcode *code,
                     struct s3_error *error)
{
    char range[64];

    snprintf(range, sizeof range, "bytes=%" PRIu64 "-%" PRIu64, at, at + len - 1);
    e->from = at;
    e->most = len;
    e->tag = object->tag;
    e->header_count = 0;
    e->headers[e->header_count++] = (struct pair) { "range", range };
    if (object->tag[0])
        e->headers[e->header_count++] = (struct pair) { "if-match", object->tag };
    *code = exchange_run(e);
    return repeat_is_fine(e, *code, error);
}

/* A range that begins where the object has ended is refused; most answers tell its size. */
static bool is_past_end(const struct exchange *e, uint64_t at, struct s3_object *object)
{
    if (e->status != 416)
        return false;
    object->size = size_in(e, at);
    return true;
}

/* Fewer bytes may be answered than were asked for: the others are asked for next. */
static bool goes_on(struct exchange *e, uint64_t taken, struct s3_error *error)
{
    exchange_end(e);
    if (taken > 0)
        return true;
    *error = (struct s3_error) { .number = EPROTO, .text = "the answer is empty where the object has not ended" };
    return false;
}

int s3_get(struct s3 *s3, const char *key, uint64_t at, uint64_t len, struct s3_object *object,
           const struct s3_taker *taker, struct s3_error *error)
{
    struct exchange e = { .s3 = s3, .method = "GET", .key = key, .taker = taker };
    unsigned attempt = 1;
    uint64_t done = 0;
    int r = 0;

    while (done < len && r == 0) {
        CURLcode code;
        const bool fine = get_once(&e, at + done, len - done, object, &code, error);
        const uint64_t taken = e.taken;

        done += taken;
        if (fine || (taken > 0 && e.status / 100 == 2)) {
            note_tag(&e, object);
            object->size = size_in(&e, at + done);
        }
        if ((fine && at + done >= object->size) || is_past_end(&e, at + done, object))
            break;
        attempt = taken > 0 ? 1 : attempt;
        if (fine ? !goes_on(&e, taken, error) : !repeat_again(&e, code, attempt++, error))
            r = -error->number;
    }
    exchange_end(&e);
    return r;
}
