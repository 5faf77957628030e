#define _GNU_SOURCE
#include "repeat.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "words.h"

/* Until the server has answered once, the name or the port may just be wrong; and who stops us does not wait long for
 * what has to be done yet. */
enum { FIRST_ATTEMPTS = 6, LAST_ATTEMPTS = 3 };

static bool may_pass_without_answer(CURLcode code)
{
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_UPLOAD_FAILED:
    case CURLE_WEIRD_SERVER_REPLY:
        return true;
    default:
        return false;
    }
}

static bool may_pass(const struct exchange *e, CURLcode code, const struct s3_error *error)
{
    static const char *const codes[] = { "RequestTimeout", "XAmzContentSHA256Mismatch", "BadDigest",
                                         "InternalError",  "OperationAborted",          "IncompleteBody",
                                         "SlowDown" };

    /* An answer that broke off before it said what is wrong is none. */
    if (code != CURLE_OK && code != CURLE_WRITE_ERROR && (e->status < 400 || !*error->code))
        return may_pass_without_answer(code);
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (strcmp(error->code, codes[i]) == 0)
            return true;
    }
    return e->status == 408 || e->status == 429 || e->status == 500 || (e->status >= 502 && e->status <= 504);
}

/* Some errors are found only when the answer has begun: its status says fine, its text does not. */
bool repeat_is_fine(const struct exchange *e, CURLcode code, struct s3_error *error)
{
    if (e->status > 0)
        atomic_store(&e->s3->reached, true);
    if (code == CURLE_OK && e->status / 100 == 2 && (!e->answer || !strstr(e->answer, "<Error>")))
        return true;
    words_of(e, code, error);
    return false;
}

static double drawn(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)((uint64_t)now.tv_nsec / 1000 * 2654435761 % 1000) / 1000;
}

/* False where a stop was asked for. */
static bool wait_before(const struct exchange *e, unsigned attempt)
{
    const double most = fmin(0.1 * exp2(attempt - 1), 10), seconds = most * (1 - drawn() / 2);
    const struct timespec slice = { .tv_nsec = 20 * 1000 * 1000 };

    for (double waited = 0; waited < seconds && !exchange_is_stopped(e); waited += 0.02)
        nanosleep(&slice, NULL);
    return !exchange_is_stopped(e);
}

static unsigned most_attempts(const struct exchange *e)
{
    const struct s3_options *const is = &e->s3->is;
    unsigned most = is->attempts;

    if (!atomic_load(&e->s3->reached) && most > FIRST_ATTEMPTS)
        most = FIRST_ATTEMPTS;
    return most > LAST_ATTEMPTS && is->stop && is->stop() ? LAST_ATTEMPTS : most;
}

bool repeat_again(struct exchange *e, CURLcode code, unsigned attempt, struct s3_error *error)
{
    const size_t length = strlen(error->text);

    if (!may_pass(e, code, error))
        return false;
    if (attempt < most_attempts(e)) {
        exchange_end(e);
        if (wait_before(e, attempt)) {
            atomic_fetch_add(&e->s3->repeats, 1);
            return true;
        }
        words_of_stop(error);
        return false;
    }
    snprintf(error->text + length, sizeof error->text - length, "; it was tried %u time%s", attempt,
             attempt == 1 ? "" : "s");
    return false;
}

int repeat_run(struct exchange *e, struct s3_error *error)
{
    for (unsigned attempt = 1;; attempt++) {
        const CURLcode code = exchange_run(e);

        if (repeat_is_fine(e, code, error))
            return 0;
        if (!repeat_again(e, code, attempt, error))
            return -error->number;
    }
}
