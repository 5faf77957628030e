#define _GNU_SOURCE
#include "profile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a section of an INI file says of a key. A line that is indented belongs to a service's own settings. */
struct row {
    const char *key;
    char *to;
    size_t room;
};

static const char *set_or_null(const char *text)
{
    return text && *text ? text : NULL;
}

/* Without blanks and line ends around it. What fills all the room was too long; find_long() tells. */
static bool copy(char *to, size_t room, const char *from)
{
    static const char blanks[] = " \t\r\n";
    const char *const begin = from ? from + strspn(from, blanks) : "";
    size_t length = strlen(begin);

    while (length > 0 && strchr(blanks, begin[length - 1]))
        length--;
    length = length < room ? length : room - 1;
    memcpy(to, begin, length);
    to[length] = '\0';
    return length > 0;
}

/* Of three, the first that says something. */
static void copy_first(char *to, size_t room, const char *first, const char *second, const char *third)
{
    if (!copy(to, room, first) && !copy(to, room, second))
        copy(to, room, third);
}

static char *trim(char *text)
{
    char *end = text + strlen(text);

    while (end > text && strchr(" \t\r\n", end[-1]))
        *--end = '\0';
    return text + strspn(text, " \t");
}

static void take_line(char *line, const struct row *rows)
{
    char *const equals = strchr(line, '=');

    if (!equals)
        return;
    *equals = '\0';
    for (const struct row *row = rows; row->key; row++) {
        if (strcmp(trim(line), row->key) == 0 && row->to[0] == '\0')
            copy(row->to, row->room, equals + 1);
    }
}

/* Is "[profile name]" or "[name]" the section of that profile? */
static bool is_section(char *line, const char *profile)
{
    char *const name = trim(line + 1), *const end = strchr(name, ']');

    if (end)
        *end = '\0';
    return strcmp(trim(name), profile) == 0 ||
           (strncmp(name, "profile ", 8) == 0 && strcmp(trim(name + 8), profile) == 0);
}

/* Fills what is empty still. A file that is not there says nothing. */
static void read_file(const char *path, const char *profile, const struct row *rows)
{
    FILE *const file = path ? fopen(path, "re") : NULL;
    char *line = NULL;
    size_t room = 0;
    bool ours = false;

    while (file && getline(&line, &room, file) >= 0) {
        if (line[0] == '[')
            ours = is_section(line, profile);
        else if (ours && !strchr("#; \t", line[0]))
            take_line(line, rows);
    }
    free(line);
    if (file)
        fclose(file);
}

static void read_home(const char *variable, const char *name, const char *profile, const struct row *rows)
{
    const char *const given = set_or_null(getenv(variable)), *const home = getenv("HOME");
    char *path = NULL;

    if (!given && home && asprintf(&path, "%s/.aws/%s", home, name) < 0)
        path = NULL;
    read_file(given ? given : path, profile, rows);
    free(path);
}

/* A key's id, its secret and its token come from one place. */
static bool is_whole(struct profile *profile)
{
    if (profile->id[0] && profile->secret[0])
        return true;
    profile->id[0] = profile->secret[0] = profile->token[0] = '\0';
    return false;
}

static void read_key(struct profile *profile, bool environment, const char *name, const struct row *key)
{
    if (environment) {
        copy(profile->id, sizeof profile->id, getenv("AWS_ACCESS_KEY_ID"));
        copy(profile->secret, sizeof profile->secret, getenv("AWS_SECRET_ACCESS_KEY"));
        copy(profile->token, sizeof profile->token, getenv("AWS_SESSION_TOKEN"));
    }
    if (!is_whole(profile))
        read_home("AWS_SHARED_CREDENTIALS_FILE", "credentials", name, key);
    if (!is_whole(profile))
        read_home("AWS_CONFIG_FILE", "config", name, key);
}

static void read_environment(struct profile *profile, const struct s3_options *options)
{
    copy_first(profile->endpoint, sizeof profile->endpoint, options->endpoint, getenv("AWS_ENDPOINT_URL_S3"),
               getenv("AWS_ENDPOINT_URL"));
    copy_first(profile->region, sizeof profile->region, options->region, getenv("AWS_REGION"),
               getenv("AWS_DEFAULT_REGION"));
    copy(profile->bundle, sizeof profile->bundle, getenv("AWS_CA_BUNDLE"));
}

static int refuse(struct s3_error *error, const char *text, const char *what)
{
    *error = (struct s3_error) { .number = EACCES };
    snprintf(error->text, sizeof error->text, text, what);
    return -EACCES;
}

static const char *find_long(const struct row *rows)
{
    while (rows->key && strlen(rows->to) + 1 < rows->room)
        rows++;
    return rows->key;
}

int profile_read(struct profile *profile, const struct s3_options *options, struct s3_error *error)
{
    const char *const named = set_or_null(getenv("AWS_PROFILE"));
    const char *const name = options->profile ? options->profile : named ? named : "default";
    const struct row key[] = { { "aws_access_key_id", profile->id, sizeof profile->id },
                               { "aws_secret_access_key", profile->secret, sizeof profile->secret },
                               { "aws_session_token", profile->token, sizeof profile->token },
                               { 0 } };
    const struct row rest[] = { { "region", profile->region, sizeof profile->region },
                                { "endpoint_url", profile->endpoint, sizeof profile->endpoint },
                                { "ca_bundle", profile->bundle, sizeof profile->bundle },
                                { 0 } };

    *profile = (struct profile) { .id = "" };
    read_environment(profile, options);
    read_key(profile, !options->profile, name, key);
    read_home("AWS_CONFIG_FILE", "config", name, rest);
    if (profile->region[0] == '\0')
        strcpy(profile->region, "us-east-1");
    if (find_long(key) || find_long(rest))
        return refuse(error, "%s, or what stands for it in the environment, is too long",
                      find_long(key) ? find_long(key) : find_long(rest));
    if (is_whole(profile))
        return 0;
    return refuse(
        error,
        "no access key: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write both for the profile %s into "
        "~/.aws/credentials",
        name);
}
