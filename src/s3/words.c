#define _GNU_SOURCE
#include "words.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "xml.h"

/* What the server's words mean to who has to mend it; %s is the bucket or the access key, where one is named. */
static const struct row {
    const char *code;
    int number;
    const char *text;
    enum { NOTHING, BUCKET, KEY } names;
} rows[] = {
    { "NoSuchBucket", ENOENT, "there is no bucket %s; create it, or name another", BUCKET },
    { "NoSuchKey", ENOENT, "there is no such object in the bucket %s", BUCKET },
    { "NoSuchUpload", ENOENT, "the upload is gone: somebody, or a rule of the bucket %s, has aborted it", BUCKET },
    { "InvalidAccessKeyId", EACCES, "the server does not know the access key %s; check AWS_ACCESS_KEY_ID or --profile",
      KEY },
    { "SignatureDoesNotMatch", EACCES,
      "the secret is not that of the access key %s; check AWS_SECRET_ACCESS_KEY or --profile", KEY },
    { "AccessDenied", EACCES, "the access key %s is not allowed to do this", KEY },
    { "ExpiredToken", EACCES, "the session token has expired; get new credentials", NOTHING },
    { "InvalidToken", EACCES, "the session token is wrong; check AWS_SESSION_TOKEN, which may be an old one", NOTHING },
    { "XAmzContentSHA256Mismatch", EIO, "the data were changed on their way: the server found another hash", NOTHING },
    { "BadDigest", EIO, "the data were changed on their way: the server found another checksum", NOTHING },
    { "PreconditionFailed", ESTALE, "the object was put anew while it was read", NOTHING },
    { "EntityTooSmall", EINVAL, "the server wants larger parts; ask for them with --block", NOTHING },
    { "EntityTooLarge", EFBIG, "the server takes no object or part that large; ask for smaller parts with --block",
      NOTHING },
    { "QuotaExceeded", ENOSPC, "the quota is used up", NOTHING },
    { "XMinioStorageFull", ENOSPC, "the server's storage is full", NOTHING },
    { "InsufficientStorage", ENOSPC, "the server's storage is full", NOTHING },
    { "InvalidRange", ERANGE, "the object ends before that", NOTHING },
};

enum { ROWS = sizeof rows / sizeof *rows };

void words_of_stop(struct s3_error *error)
{
    *error = (struct s3_error) { .number = EINTR, .text = "it was stopped" };
}

void words_of_memory(struct s3_error *error)
{
    *error = (struct s3_error) { .number = ENOMEM };
    snprintf(error->text, sizeof error->text, "%s", strerror(ENOMEM));
}

static void words_of_silence(const struct exchange *e, CURLcode code, struct s3_error *error)
{
    const char *const said = e->connection && e->connection->why[0] ? e->connection->why : curl_easy_strerror(code);
    const char *const scheme = e->s3->address.scheme, *const host = e->s3->address.host;

    error->number = EIO;
    if (code == CURLE_ABORTED_BY_CALLBACK)
        words_of_stop(error);
    else if (code == CURLE_OUT_OF_MEMORY)
        words_of_memory(error);
    else if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE)
        snprintf(error->text, sizeof error->text,
                 "the certificate of %s is not trusted (%s); name the file of its authority in AWS_CA_BUNDLE, or trust "
                 "any with --insecure",
                 host, said);
    else
        snprintf(error->text, sizeof error->text, "no answer from %s://%s (%s)%s", scheme, host, said,
                 atomic_load(&e->s3->reached) ? "" : "; check --endpoint or AWS_ENDPOINT_URL");
}

/* Servers say what time it is. */
static void words_of_clock(const struct exchange *e, struct s3_error *error)
{
    const char *const date = exchange_header(e, "date");
    const time_t theirs = date ? curl_getdate(date, NULL) : -1;
    const double ahead = difftime(time(NULL), theirs);
    char off[64] = "not";

    if (theirs >= 0)
        snprintf(off, sizeof off, "%.0f s %s", fabs(ahead), ahead > 0 ? "ahead of" : "behind");
    error->number = EACCES;
    snprintf(error->text, sizeof error->text,
             "this machine's clock is %s the server's, which allows 15 minutes at most; set it, by NTP", off);
}

static void words_of_region(const struct exchange *e, struct s3_error *error)
{
    const char *const header = exchange_header(e, "x-amz-bucket-region");
    const char *const location = exchange_header(e, "location");
    char region[64] = "";

    if (!header)
        xml_find(e->answer, e->answer_length, "Error/Region", region, sizeof region);
    error->number = EINVAL;
    if (!header && !*region && location) {
        snprintf(error->text, sizeof error->text, "the server sends us on to %s; name it with --endpoint", location);
        return;
    }
    snprintf(error->text, sizeof error->text, "the bucket %s is in another region than %s%s%s; name it with --region",
             e->s3->bucket, e->s3->profile.region, header || *region ? ": " : "", header ? header : region);
}

static void words_of_code(const struct exchange *e, struct s3_error *error)
{
    const char *const given[] = { "", e->s3->bucket, e->s3->profile.id };
    char message[300] = "";

    for (size_t i = 0; i < ROWS; i++) {
        if (strcmp(rows[i].code, error->code) == 0) {
            const char *const blank = strstr(rows[i].text, "%s");
            const size_t before = blank ? (size_t)(blank - rows[i].text) : strlen(rows[i].text);

            error->number = rows[i].number;
            snprintf(error->text, sizeof error->text, "%.*s%s%s", (int)before, rows[i].text, given[rows[i].names],
                     blank ? blank + 2 : "");
            return;
        }
    }
    xml_find(e->answer, e->answer_length, "Error/Message", message, sizeof message);
    error->number = EIO;
    snprintf(error->text, sizeof error->text, "the server answers %ld%s%s%s%s", e->status, *error->code ? " " : "",
             error->code, *message ? ": " : "", message);
}

/* An answer to HEAD has no text, only a status. */
static void guess_code(const struct exchange *e, struct s3_error *error)
{
    const char *const guess = e->status == 404   ? "NoSuchKey"
                              : e->status == 403 ? "AccessDenied"
                              : e->status == 412 ? "PreconditionFailed"
                              : e->status == 507 ? "InsufficientStorage"
                                                 : "";

    strcpy(error->code, guess);
}

void words_of(const struct exchange *e, CURLcode code, struct s3_error *error)
{
    *error = (struct s3_error) { .status = (int)e->status };
    if (e->refused) {
        error->number = ECANCELED;
        return;
    }
    if (e->misfit) {
        error->number = EPROTO;
        strcpy(error->text,
               "the answer is not the range that was asked for; is there a proxy that does not know them?");
        return;
    }
    if (e->stale)
        strcpy(error->code, "PreconditionFailed");
    else if (!xml_find(e->answer, e->answer_length, "Error/Code", error->code, sizeof error->code)) {
        if (code != CURLE_OK && !(code == CURLE_SEND_ERROR && e->status >= 400)) {
            words_of_silence(e, code, error);
            return;
        }
        guess_code(e, error);
    }
    if (strcmp(error->code, "RequestTimeTooSkewed") == 0)
        words_of_clock(e, error);
    else if (e->status / 100 == 3 || strcmp(error->code, "AuthorizationHeaderMalformed") == 0)
        words_of_region(e, error);
    else
        words_of_code(e, error);
}
