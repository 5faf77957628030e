#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checksum.h"
#include "repeat.h"
#include "words.h"
#include "xml.h"

/* What the server said of a part: both are wanted again when all are made one. */
struct part {
    char tag[S3_TAG], sum[CHECKSUM_TEXT];
};

struct s3_upload {
    struct s3 *s3;
    char key[S3_KEY + 1];
    const struct s3_meta *meta;
    uint64_t size;
    bool single; /* put as it is */
    bool completed;
    char id[1024];
    unsigned count;
    struct part parts[];
};

static int begin(struct s3_upload *u, struct s3_error *error)
{
    const struct pair query[] = { { "uploads", "" } };
    struct exchange e = {
        .s3 = u->s3, .method = "POST", .key = u->key, .query = query, .query_count = 1, .fresh = true
    };
    struct exchange_names names;
    struct s3_error ignored;
    int r;

    exchange_add_meta(&e, u->meta, &names);
    if (!u->s3->is.plain)
        e.headers[e.header_count++] = (struct pair) { "x-amz-checksum-algorithm", "CRC32C" };
    r = repeat_run(&e, error);
    if (r == 0 && !xml_find(e.answer, e.answer_length, "InitiateMultipartUploadResult/UploadId", u->id, sizeof u->id)) {
        *error = (struct s3_error) { .number = EPROTO, .text = "the server gave the upload no name" };
        r = -EPROTO;
    }
    exchange_end(&e);
    /* An answer that was lost may have had a name that nobody knows. No part can be in that upload, so nothing is lost
     * where this key may not ask for it. */
    if (r == 0 && e.attempts > 1)
        s3_abort_others(u->s3, u->key, u->id, &ignored);
    return r;
}

int s3_upload_new(struct s3_upload **made, struct s3 *s3, const char *key, const struct s3_meta *meta, uint64_t size,
                  uint64_t part, struct s3_error *error)
{
    const bool single = size <= part;
    const uint64_t count = single ? 1 : (size - 1) / part + 1;
    struct s3_upload *const u = calloc(1, sizeof *u + count * sizeof *u->parts);
    int r;

    *made = NULL;
    if (!u) {
        words_of_memory(error);
        return -ENOMEM;
    }
    u->s3 = s3;
    u->meta = meta;
    u->size = size;
    u->single = single;
    u->count = (unsigned)count;
    snprintf(u->key, sizeof u->key, "%s", key);
    r = single ? 0 : begin(u, error);
    if (r < 0)
        free(u);
    else
        *made = u;
    return r;
}

/* Without its tag a part cannot become one of the object. */
static int note_part(struct part *part, const struct exchange *e, struct s3_error *error)
{
    const char *const tag = exchange_header(e, "etag"), *const sum = exchange_header(e, "x-amz-checksum-crc32c");

    if (!tag || strlen(tag) >= sizeof part->tag) {
        *error = (struct s3_error) { .number = EPROTO,
                                     .text = "the server gave a part no ETag; is there a proxy that removes it?" };
        return -EPROTO;
    }
    strcpy(part->tag, tag);
    strcpy(part->sum, sum && strcmp(sum, e->sum) == 0 ? sum : "");
    return 0;
}

int s3_upload_part(struct s3_upload *u, unsigned index, const struct s3_body *body, struct s3_error *error)
{
    char number[16];
    const struct pair query[] = { { "partNumber", number }, { "uploadId", u->id } };
    struct exchange e = {
        .s3 = u->s3, .method = "PUT", .key = u->key, .query = query, .query_count = 2, .body = body, .checked = true
    };
    int r;

    if (u->single) {
        r = s3_put(u->s3, u->key, u->meta, body, error);
        u->completed = r == 0;
        return r;
    }
    snprintf(number, sizeof number, "%u", index + 1);
    r = repeat_run(&e, error);
    if (r == 0)
        r = note_part(&u->parts[index], &e, error);
    exchange_end(&e);
    return r;
}

static char *list_parts(const struct s3_upload *u)
{
    char *text = NULL;
    size_t length;
    FILE *const file = open_memstream(&text, &length);

    if (!file)
        return NULL;
    fputs("<CompleteMultipartUpload>", file);
    for (unsigned i = 0; i < u->count; i++) {
        const struct part *const part = &u->parts[i];

        fprintf(file, "<Part><PartNumber>%u</PartNumber><ETag>%s</ETag>", i + 1, part->tag);
        if (part->sum[0])
            fprintf(file, "<ChecksumCRC32C>%s</ChecksumCRC32C>", part->sum);
        fputs("</Part>", file);
    }
    fputs("</CompleteMultipartUpload>", file);
    if (fclose(file) == 0)
        return text;
    free(text);
    return NULL;
}

/* Where the answer to the first attempt was lost, the second one, which may be libcurl's own, finds no upload, but the
 * object. */
static bool is_there(const struct s3_upload *u)
{
    char values[EXCHANGE_WORDS][512];
    struct s3_word words[EXCHANGE_WORDS + 1] = { { NULL, NULL, 0 } };
    struct s3_object object;
    struct s3_error ignored;
    bool same;

    for (size_t i = 0; u->meta && u->meta[i].name && i < EXCHANGE_WORDS; i++)
        words[i] = (struct s3_word) { u->meta[i].name, values[i], sizeof values[i] };
    same = s3_head(u->s3, u->key, &object, words, &ignored) == 0 && object.size == u->size;
    for (size_t i = 0; same && words[i].name; i++)
        same = strcmp(values[i], u->meta[i].value) == 0;
    return same;
}

static int complete(struct s3_upload *u, const char *list, struct s3_error *error)
{
    const struct pair query[] = { { "uploadId", u->id } };
    struct exchange e = {
        .s3 = u->s3, .method = "POST", .key = u->key, .query = query, .query_count = 1, .text = list
    };
    char between[64];
    int r = repeat_run(&e, error);

    if (r < 0 && strcmp(error->code, "NoSuchUpload") == 0 && is_there(u))
        r = 0;
    else if (r == 0 && !xml_find(e.answer, e.answer_length, "CompleteMultipartUploadResult", between, sizeof between) &&
             !is_there(u)) {
        *error = (struct s3_error) { .number = EPROTO, .text = "the server does not say that the object is whole" };
        r = -EPROTO;
    }
    u->completed = r == 0;
    exchange_end(&e);
    return r;
}

static void make_nothing(const void *user, uint64_t at, void *to, size_t len)
{
    (void)user, (void)at, (void)to, (void)len;
}

int s3_upload_complete(struct s3_upload *u, struct s3_error *error)
{
    static const struct s3_body nothing = { .make = make_nothing };
    char *list;
    int r;

    if (u->single)
        return u->completed ? 0 : s3_upload_part(u, 0, &nothing, error);
    list = list_parts(u);
    if (!list) {
        words_of_memory(error);
        return -ENOMEM;
    }
    r = complete(u, list, error);
    free(list);
    return r;
}

/* Also where the caller was asked to stop. */
static int abort_one(struct s3 *s3, const char *key, const char *id, struct s3_error *error)
{
    const struct pair query[] = { { "uploadId", id } };
    struct exchange e = {
        .s3 = s3, .method = "DELETE", .key = key, .query = query, .query_count = 1, .insistent = true
    };
    const int r = repeat_run(&e, error);

    exchange_end(&e);
    return r == -ENOENT ? 0 : r;
}

int s3_upload_free(struct s3_upload *u, struct s3_error *error)
{
    const bool begun = u && u->id[0] && !u->completed;
    const int r = begun ? abort_one(u->s3, u->key, u->id, error) : 0;

    free(u);
    return r;
}

/* Of a list of uploads, those of one key. */
struct others {
    const char *key, *mine;
    char found[S3_KEY + 1], id[1024];
    char ids[100][1024];
    unsigned count;
};

static bool on_upload(void *user, const char *path, const char *text)
{
    struct others *const o = user;

    if (strcmp(path, "ListMultipartUploadsResult/Upload/Key") == 0)
        snprintf(o->found, sizeof o->found, "%s", text);
    else if (strcmp(path, "ListMultipartUploadsResult/Upload/UploadId") == 0)
        snprintf(o->id, sizeof o->id, "%s", text);
    else if (strcmp(path, "ListMultipartUploadsResult/Upload") == 0 && strcmp(o->found, o->key) == 0 &&
             strcmp(o->id, o->mine) != 0 && o->count < sizeof o->ids / sizeof *o->ids)
        strcpy(o->ids[o->count++], o->id);
    return true;
}

static int find_others(struct s3 *s3, struct others *others, struct s3_error *error)
{
    const struct pair query[] = { { "uploads", "" }, { "prefix", others->key } };
    struct exchange e = { .s3 = s3, .method = "GET", .key = "", .query = query, .query_count = 2 };
    const struct xml_visitor visitor = { others, on_upload };
    int r = repeat_run(&e, error);

    if (r == 0 && (!e.answer || !xml_visit(e.answer, e.answer_length, &visitor))) {
        *error = (struct s3_error) { .number = EPROTO, .text = "the server's list of uploads cannot be read" };
        r = -EPROTO;
    }
    exchange_end(&e);
    return r;
}

int s3_abort_others(struct s3 *s3, const char *key, const char *mine, struct s3_error *error)
{
    struct others *const others = calloc(1, sizeof *others);
    int r;

    if (!others) {
        words_of_memory(error);
        return -ENOMEM;
    }
    others->key = key;
    others->mine = mine ? mine : "";
    r = find_others(s3, others, error);
    for (unsigned i = 0; r == 0 && i < others->count; i++)
        r = abort_one(s3, key, others->ids[i], error);
    free(others);
    return r;
}
