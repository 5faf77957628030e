/* What is signed and how, where keys and endpoints come from, what a checksum is, what answers say. The server is
 * tested in tests/s3. */
#define _GNU_SOURCE
#include "support.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "s3/address.h"
#include "s3/checksum.h"
#include "s3/list_page.h"
#include "s3/profile.h"
#include "s3/sign.h"
#include "s3/xml.h"

#define NOTHING    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define UNRESERVED "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/* What AWS has published: its test suite for signature version 4 (without the cases of headers that fodder never sends,
 * and of paths that S3 does not normalize), and the examples of the Amazon S3 API Reference. */
struct vector {
    const char *name, *method, *key;
    struct pair query[4], headers[8]; /* without those of `every` */
    const char *payload, *signature;
};

static const struct vector suite[] = {
    { "get-vanilla", "GET", "", .signature = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31" },
    { "session-token", "GET", "",
      .headers = { { "x-amz-security-token", "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267" } },
      .signature = "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8" },
    { "query-order-key",
      "GET",
      "",
      { { "Param1", "value2" }, { "Param1", "Value1" } },
      .signature = "eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1" },
    { "query-order-value",
      "GET",
      "",
      { { "Param1", "value2" }, { "Param1", "value1" } },
      .signature = "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694" },
    { "query-order-encoded",
      "GET",
      "",
      { { "Param-3", "Value3" }, { "Param", "Value2" }, { "\xe1\x88\xb4", "Value1" } },
      .signature = "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac" },
    { "query-unreserved",
      "GET",
      "",
      { { UNRESERVED, UNRESERVED } },
      .signature = "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197" },
    { "empty-query-key",
      "GET",
      "",
      { { "Param1", "value1" } },
      .signature = "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb" },
    { "query-order-key-case",
      "GET",
      "",
      { { "Param2", "value2" }, { "Param1", "value1" } },
      .signature = "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500" },
    { "utf8-query",
      "GET",
      "",
      { { "\xe1\x88\xb4", "bar" } },
      .signature = "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04" },
    { "utf8", "GET", "\xe1\x88\xb4", .signature = "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85" },
    { "unreserved", "GET", UNRESERVED,
      .signature = "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f" },
    { "space", "GET", "example space/",
      .signature = "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741" },
    { "header-key-sort", "POST", "", .headers = { { "my-header1", "value1" } },
      .signature = "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c" },
    { "post-query",
      "POST",
      "",
      { { "Param1", "value1" } },
      .signature = "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11" },
    { "form", "POST", "", .headers = { { "content-type", "application/x-www-form-urlencoded" } },
      .payload = "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e",
      .signature = "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a" },
};

static const struct vector reference[] = {
    { "GET object", "GET", "test.txt", .headers = { { "range", "bytes=0-9" } },
      .signature = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41" },
    { "PUT object", "PUT", "test$file.text",
      .headers = { { "date", "Fri, 24 May 2013 00:00:00 GMT" }, { "x-amz-storage-class", "REDUCED_REDUNDANCY" } },
      .payload = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
      .signature = "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd" },
    { "GET bucket lifecycle",
      "GET",
      "",
      { { "lifecycle", "" } },
      .signature = "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543" },
    { "list objects",
      "GET",
      "",
      { { "prefix", "J" }, { "max-keys", "2" } },
      .signature = "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7" },
};

static int by_name(const void *left, const void *right)
{
    return strcmp(((const struct pair *)left)->name, ((const struct pair *)right)->name);
}

static void check_vector(const struct vector *v, const struct sign_key *key, const char *time, const struct pair *every,
                         size_t every_count)
{
    const struct address none = { .base = "" };
    struct pair headers[16];
    size_t queries = 0, count = every_count;
    struct sign_request request = { .method = v->method, .time = time, .payload = v->payload ? v->payload : NOTHING };
    char *authorization, *path = address_path(&none, v->key), *query;

    memcpy(headers, every, every_count * sizeof *every);
    for (; v->headers[count - every_count].name; count++)
        headers[count] = v->headers[count - every_count];
    while (queries < 4 && v->query[queries].name)
        queries++;
    for (size_t i = 0; i < count; i++) {
        if (!headers[i].value)
            headers[i].value = request.payload;
    }
    qsort(headers, count, sizeof *headers, by_name);
    query = address_query(v->query, queries);
    request.path = path;
    request.query = query;
    request.headers = headers;
    request.header_count = count;
    authorization = sign_authorization(&request, key);
    if (!strstr(authorization, v->signature))
        fail_msg("%s: %s, not %s", v->name, authorization, v->signature);
    free(authorization);
    free(path);
    free(query);
}

static void signatures_are_those_of_the_published_suite(void **state)
{
    const struct sign_key key = { "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "us-east-1", "service" };
    const struct pair every[] = { { "host", "example.amazonaws.com" }, { "x-amz-date", "20150830T123600Z" } };
    (void)state;

    for (size_t i = 0; i < sizeof suite / sizeof *suite; i++)
        check_vector(&suite[i], &key, "20150830T123600Z", every, 2);
}

static void signatures_are_those_of_the_reference(void **state)
{
    const struct sign_key key = { "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1",
                                  "s3" };
    const struct pair every[] = { { "host", "examplebucket.s3.amazonaws.com" },
                                  { "x-amz-date", "20130524T000000Z" },
                                  { "x-amz-content-sha256", NULL } };
    (void)state;

    for (size_t i = 0; i < sizeof reference / sizeof *reference; i++)
        check_vector(&reference[i], &key, "20130524T000000Z", every, 3);
}

static void addresses_have_the_bucket_where_the_style_wants_it(void **state)
{
    static const struct {
        const char *endpoint, *bucket;
        bool virtual_host;
        const char *host, *base;
    } rows[] = {
        { "http://127.0.0.1:9000", "b", false, "127.0.0.1:9000", "/b" },
        { "http://127.0.0.1:80/", "b", false, "127.0.0.1", "/b" },
        { "https://gate.example/s3/", "b", false, "gate.example", "/s3/b" },
        { "https://s3.eu-west-1.amazonaws.com", "b", true, "b.s3.eu-west-1.amazonaws.com", "" },
        { "https://host:443", "b", true, "b.host", "" },
        { "https://host:8443", "b", true, "b.host:8443", "" },
        { "http://[::1]:9000", "b", false, "[::1]:9000", "/b" },
        { "http://host", "tenant:a b?c", false, "host", "/tenant%3Aa%20b%3Fc" },
        { "http://host", "a.b_c", true, "a.b_c.host", "" },
    };
    (void)state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct address address;

        assert_true(address_of(&address, rows[i].endpoint, rows[i].bucket, rows[i].virtual_host));
        assert_string_equal(address.host, rows[i].host);
        assert_string_equal(address.base, rows[i].base);
        assert_int_equal(address.secure, strncmp(rows[i].endpoint, "https", 5) == 0);
    }
}

static void endpoints_that_are_none_are_refused(void **state)
{
    static const char *const endpoints[] = { "", "127.0.0.1 9000", "ftp://host", "http://", "file:///tmp" };
    struct address address;
    (void)state;

    for (size_t i = 0; i < sizeof endpoints / sizeof *endpoints; i++)
        assert_false(address_of(&address, endpoints[i], "b", false));
}

static void buckets_that_no_host_can_have_are_refused(void **state)
{
    char bucket[S3_BUCKET + 1] = "", endpoint[200] = "http://";
    struct address address;
    (void)state;

    memset(bucket, 'b', S3_BUCKET);
    memset(endpoint + 7, 'h', 100);
    assert_true(address_of(&address, endpoint, bucket, false));
    assert_false(address_of(&address, endpoint, bucket, true)); /* too long together */
    assert_false(address_of(&address, "http://host", "a/b", true));
    assert_false(address_of(&address, "http://host", "a b", true));
    memset(bucket, '?', S3_BUCKET); /* three characters each */
    assert_true(address_of(&address, endpoint, bucket, false));
    assert_int_equal(strlen(address.base), 1 + 3 * S3_BUCKET);
}

static void only_plain_bucket_names_go_into_a_host(void **state)
{
    (void)state;
    assert_true(address_fits_host("my-bucket1"));
    assert_false(address_fits_host("my.bucket"));
    assert_false(address_fits_host("My-bucket"));
    assert_false(address_fits_host("-bucket"));
    assert_false(address_fits_host("ab"));
}

struct bytes {
    const uint8_t *data;
};

static void make_bytes(const void *user, uint64_t at, void *to, size_t len)
{
    memcpy(to, ((const struct bytes *)user)->data + at, len);
}

/* The check value of CRC-32C, 0xe3069283 of "123456789", and the zeros of RFC 3720, B.4. */
static void checksums_are_those_of_the_standards(void **state)
{
    static const uint8_t zeros[32];
    const struct bytes digits = { (const uint8_t *)"123456789" }, nothing = { zeros };
    const struct s3_body nine = { 9, &digits, make_bytes }, none = { 0, &nothing, make_bytes };
    const struct s3_body thirty_two = { 32, &nothing, make_bytes };
    char sha256[SIGN_HASH], sum[CHECKSUM_TEXT];
    (void)state;

    assert_true(checksum_body(&nine, sha256, sum));
    assert_string_equal(sum, "4waSgw==");
    assert_string_equal(sha256, "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225");
    assert_true(checksum_body(&none, sha256, sum));
    assert_string_equal(sum, "AAAAAA==");
    assert_string_equal(sha256, NOTHING);
    assert_true(checksum_body(&thirty_two, NULL, sum));
    assert_string_equal(sum, "ipE2qg==");
}

/* A body that is larger than a piece is summed as one. */
static void checksums_go_over_all_pieces(void **state)
{
    enum { SIZE = 3 * 65536 + 5 };
    uint8_t *const data = calloc(1, SIZE);
    const struct bytes bytes = { data };
    const struct s3_body body = { SIZE, &bytes, make_bytes };
    char before[SIGN_HASH], after[SIGN_HASH], sum[2][CHECKSUM_TEXT];
    (void)state;

    assert_true(checksum_body(&body, before, sum[0]));
    data[2 * 65536 + 7] = 1;
    assert_true(checksum_body(&body, after, sum[1]));
    assert_string_not_equal(before, after);
    assert_string_not_equal(sum[0], sum[1]);
    free(data);
}

static const char credentials[] =
    "[default]\naws_access_key_id = FILEKEY\naws_secret_access_key=FILESECRET\n"
    "# a comment\n[other]\naws_access_key_id=OTHERKEY\naws_secret_access_key=OTHERSECRET\n"
    "aws_session_token = TOKEN\n";
static const char config[] = "[default]\nregion = eu-central-1\ns3 =\n  endpoint_url = http://not-this\n"
                             "[profile other]\nregion=eu-north-1\nendpoint_url=http://127.0.0.1:1234\n";

static void write_text(const char *name, const char *text)
{
    FILE *const file = fopen(name, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int clear_environment(void **state)
{
    static const char *const names[] = { "AWS_ACCESS_KEY_ID",   "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
                                         "AWS_REGION",          "AWS_DEFAULT_REGION",    "AWS_ENDPOINT_URL",
                                         "AWS_ENDPOINT_URL_S3", "AWS_PROFILE",           "AWS_CA_BUNDLE" };
    static char dir[] = "/tmp/fodder-s3-XXXXXX";
    static bool made;
    (void)state;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unsetenv(names[i]);
    made = made || mkdtemp(dir);
    if (!made || chdir(dir) < 0)
        return -1;
    write_text("credentials", credentials);
    write_text("config", config);
    setenv("AWS_SHARED_CREDENTIALS_FILE", "credentials", 1);
    setenv("AWS_CONFIG_FILE", "config", 1);
    return 0;
}

static int remove_files(void **state)
{
    char dir[128];
    (void)state;

    unlink("credentials");
    unlink("config");
    return getcwd(dir, sizeof dir) && chdir("/") == 0 ? rmdir(dir) : -1;
}

static void the_files_say_who_we_are(void **state)
{
    const struct s3_options options = { .endpoint = NULL };
    struct profile profile;
    struct s3_error error;
    (void)state;

    assert_int_equal(clear_environment(state), 0);
    assert_int_equal(profile_read(&profile, &options, &error), 0);
    assert_string_equal(profile.id, "FILEKEY");
    assert_string_equal(profile.secret, "FILESECRET");
    assert_string_equal(profile.token, "");
    assert_string_equal(profile.region, "eu-central-1");
    assert_string_equal(profile.endpoint, "");
}

static void a_profile_is_chosen_by_option_or_environment(void **state)
{
    const struct s3_options named = { .profile = "other" }, unnamed = { .profile = NULL };
    struct profile profile;
    struct s3_error error;
    (void)state;

    assert_int_equal(clear_environment(state), 0);
    setenv("AWS_ACCESS_KEY_ID", "ENVKEY", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "ENVSECRET", 1);
    assert_int_equal(profile_read(&profile, &named, &error), 0);
    assert_string_equal(profile.id, "OTHERKEY");
    assert_string_equal(profile.token, "TOKEN");
    assert_string_equal(profile.region, "eu-north-1");
    assert_string_equal(profile.endpoint, "http://127.0.0.1:1234");
    setenv("AWS_PROFILE", "other", 1);
    assert_int_equal(profile_read(&profile, &unnamed, &error), 0);
    assert_string_equal(profile.id, "ENVKEY"); /* as AWS's tools have it */
    assert_string_equal(profile.region, "eu-north-1");
}

static void the_environment_goes_before_the_files(void **state)
{
    const struct s3_options options = { .region = "from-option" };
    struct profile profile;
    struct s3_error error;
    (void)state;

    assert_int_equal(clear_environment(state), 0);
    setenv("AWS_ACCESS_KEY_ID", "ENVKEY", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "ENVSECRET", 1);
    setenv("AWS_SESSION_TOKEN", "ENVTOKEN", 1);
    setenv("AWS_REGION", "from-environment", 1);
    setenv("AWS_ENDPOINT_URL", "http://general", 1);
    setenv("AWS_ENDPOINT_URL_S3", "http://of-s3", 1);
    assert_int_equal(profile_read(&profile, &options, &error), 0);
    assert_string_equal(profile.id, "ENVKEY");
    assert_string_equal(profile.secret, "ENVSECRET");
    assert_string_equal(profile.token, "ENVTOKEN");
    assert_string_equal(profile.region, "from-option");
    assert_string_equal(profile.endpoint, "http://of-s3");
}

/* Half a key in the environment is none: a secret of another place would not fit it. */
static void keys_are_whole_or_missing(void **state)
{
    const struct s3_options options = { .profile = NULL }, nobody = { .profile = "nobody" };
    struct profile profile;
    struct s3_error error;
    (void)state;

    assert_int_equal(clear_environment(state), 0);
    setenv("AWS_ACCESS_KEY_ID", "ENVKEY", 1);
    assert_int_equal(profile_read(&profile, &options, &error), 0);
    assert_string_equal(profile.id, "FILEKEY");
    assert_int_equal(profile_read(&profile, &nobody, &error), -EACCES);
    assert_non_null(strstr(error.text, "nobody"));
    assert_non_null(strstr(error.text, "AWS_ACCESS_KEY_ID"));
}

/* As editors on other systems, and shells, leave them. */
static void blanks_around_words_are_not_of_them(void **state)
{
    const struct s3_options options = { .profile = NULL };
    struct profile profile;
    struct s3_error error;
    (void)state;

    assert_int_equal(clear_environment(state), 0);
    write_text("credentials",
               "[ default ]\r\n; a comment = 1\r\naws_access_key_id=\tK \r\naws_secret_access_key\t= a b=/+ "
               "\r\n\r\nno equals sign\r\n[other]\r\naws_session_token = no\r\n");
    setenv("AWS_REGION", " moon \n", 1);
    assert_int_equal(profile_read(&profile, &options, &error), 0);
    assert_string_equal(profile.id, "K");
    assert_string_equal(profile.secret, "a b=/+");
    assert_string_equal(profile.token, "");
    assert_string_equal(profile.region, "moon");
}

static void a_key_is_of_one_file(void **state)
{
    const struct s3_options options = { .profile = NULL };
    struct profile profile;
    struct s3_error error;
    (void)state;

    assert_int_equal(clear_environment(state), 0);
    write_text("config", "[default]\naws_access_key_id=C\naws_secret_access_key=CS\naws_session_token=CT\n");
    assert_int_equal(profile_read(&profile, &options, &error), 0);
    assert_string_equal(profile.id, "FILEKEY");
    assert_string_equal(profile.token, "");
    write_text("credentials", "[default]\naws_access_key_id=HALF\naws_session_token=HALF\n");
    assert_int_equal(profile_read(&profile, &options, &error), 0);
    assert_string_equal(profile.id, "C");
    assert_string_equal(profile.secret, "CS");
    assert_string_equal(profile.token, "CT");
}

static void long_tokens_are_whole_or_refused(void **state)
{
    const struct s3_options options = { .profile = NULL };
    const size_t most = sizeof((struct profile *)0)->token - 2;
    struct profile profile;
    struct s3_error error;
    char *const token = malloc(most + 2);
    (void)state;

    assert_int_equal(clear_environment(state), 0);
    setenv("AWS_ACCESS_KEY_ID", "ENVKEY", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "ENVSECRET", 1);
    memset(token, 't', most + 1);
    token[most] = token[most + 1] = '\0';
    setenv("AWS_SESSION_TOKEN", token, 1);
    assert_int_equal(profile_read(&profile, &options, &error), 0);
    assert_string_equal(profile.token, token);
    token[most] = 't';
    setenv("AWS_SESSION_TOKEN", token, 1);
    assert_int_equal(profile_read(&profile, &options, &error), -EACCES);
    assert_non_null(strstr(error.text, "aws_session_token"));
    free(token);
}

struct seen {
    char text[512];
};

static bool note(void *user, const char *path, const char *text)
{
    struct seen *const seen = user;
    const size_t length = strlen(seen->text);

    snprintf(seen->text + length, sizeof seen->text - length, "%s=%s;", path, text);
    return strcmp(path, "stop") != 0;
}

static void answers_are_read_element_by_element(void **state)
{
    static const char answer[] =
        "<?xml version=\"1.0\"?><E xmlns=\"http://x/\"><A>1 &amp; &quot;2&quot;</A><B><C/></B></E>";
    struct seen seen = { "" };
    const struct xml_visitor visitor = { &seen, note };
    char value[4];
    (void)state;

    assert_true(xml_visit(answer, strlen(answer), &visitor));
    assert_string_equal(seen.text, "E/A=1 & \"2\";E/B/C=;E/B=;E=;");
    assert_false(xml_find(answer, strlen(answer), "E/A", value, sizeof value)); /* no room */
    assert_true(xml_find("<a>b</a>", 8, "a", value, sizeof value));
    assert_string_equal(value, "b");
    assert_false(xml_find(NULL, 0, "a", value, sizeof value));
}

static void what_is_no_xml_is_told(void **state)
{
    static const char *const texts[] = { "", "<a>", "<a></b>", "<html><br></html>", "<stop>1</stop>" };
    struct seen seen = { "" };
    const struct xml_visitor visitor = { &seen, note };
    (void)state;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_false(xml_visit(texts[i], strlen(texts[i]), &visitor));
}

/* A server may answer anything: what is nested too deep ends it, and long texts are cut. */
static void strange_xml_harms_nothing(void **state)
{
    enum { DEPTH = 200, LENGTH = 20000 };
    char *const text = malloc(DEPTH * 8 + LENGTH + 16), *at = text;
    struct seen seen = { "" };
    const struct xml_visitor visitor = { &seen, note };
    (void)state;

    for (int i = 0; i < DEPTH; i++)
        at = stpcpy(at, "<ab>");
    for (int i = 0; i < DEPTH; i++)
        at = stpcpy(at, "</ab>");
    assert_false(xml_visit(text, strlen(text), &visitor));
    at = stpcpy(text, "<a>");
    memset(at, 'x', LENGTH);
    strcpy(at + LENGTH, "</a>");
    assert_true(xml_visit(text, strlen(text), &visitor));
    free(text);
}

struct keys {
    char text[512];
    unsigned most;
};

static bool note_key(void *user, const char *key, uint64_t size)
{
    struct keys *const keys = user;
    const size_t length = strlen(keys->text);

    snprintf(keys->text + length, sizeof keys->text - length, "%s=%" PRIu64 ";", key, size);
    return --keys->most > 0;
}

#define LIST(text) "<?xml version=\"1.0\"?><ListBucketResult xmlns=\"http://x/\">" text "</ListBucketResult>"
#define ONE(key)   "<Contents><Key>" key "</Key><Size>5</Size></Contents>"

static void lists_are_read_page_by_page(void **state)
{
    static const struct {
        const char *answer, *keys, *token;
        bool fine;
    } rows[] = {
        { LIST(""), "", "", true },
        { LIST(ONE("p/a") "<Contents><Size>5497558138880</Size><Key>p/b</Key></Contents>"), "p/a=5;p/b=5497558138880;",
          "", true },
        { LIST(ONE("p/a+%41&amp;")), "p/a+%41&=5;", "", true },
        { LIST(ONE("p/a+%41%2b%") "<EncodingType>url</EncodingType>"), "p/a A+%=5;", "", true },
        { LIST("<NextContinuationToken>t</NextContinuationToken><IsTruncated>true</IsTruncated>"), "", "t", true },
        { LIST("<IsTruncated>true</IsTruncated>"), "", "", false },
        { LIST("<IsTruncated>false</IsTruncated>"), "", "", true },
        { LIST(ONE("p/a") ONE("q/a")), "p/a=5;", "", false }, /* not what was asked for */
        { LIST(ONE("p")), "", "", false },
        { LIST(ONE("p/1") ONE("p/2") ONE("p/3") ONE("p/4")), "p/1=5;p/2=5;p/3=5;", "", false }, /* enough */
        { "<html></html>", "", "", false },
        { "<ListBucketResult><Contents>", "", "", false },
        { "", "", "", false },
    };
    (void)state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct keys keys = { .most = 3 };
        struct list_page page = { .prefix = "p/", .visit = note_key, .user = &keys };

        if (list_page_read(&page, rows[i].answer, strlen(rows[i].answer)) != rows[i].fine ||
            strcmp(keys.text, rows[i].keys) != 0 || strcmp(page.token, rows[i].token) != 0 ||
            page.ended != (keys.most == 0))
            fail_msg("%s: %s, token %s", rows[i].answer, keys.text, page.token);
    }
}

/* What is too long is an error, not something shorter. */
static void long_keys_and_tokens_are_whole_or_refused(void **state)
{
    static const char *const names[] = { "<Contents><Key>p/%0*d</Key></Contents>",
                                         "<NextContinuationToken>%0*d</NextContinuationToken>" };
    static const int most[] = { 3 * S3_KEY - 2, 2047 };
    (void)state;

    for (size_t i = 0; i < 2; i++) {
        for (int more = 0; more < 2; more++) {
            struct keys keys = { .most = 3 };
            struct list_page page = { .prefix = "p/", .visit = note_key, .user = &keys };
            char text[4096], answer[4200];

            snprintf(text, sizeof text, names[i], most[i] + more, 0);
            snprintf(answer, sizeof answer, LIST("%s"), text);
            assert_int_equal(list_page_read(&page, answer, strlen(answer)), more == 0);
            assert_int_equal(strlen(page.token), i == 1 && more == 0 ? most[i] : 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_are_those_of_the_published_suite),
        cmocka_unit_test(signatures_are_those_of_the_reference),
        cmocka_unit_test(addresses_have_the_bucket_where_the_style_wants_it),
        cmocka_unit_test(endpoints_that_are_none_are_refused),
        cmocka_unit_test(buckets_that_no_host_can_have_are_refused),
        cmocka_unit_test(only_plain_bucket_names_go_into_a_host),
        cmocka_unit_test(checksums_are_those_of_the_standards),
        cmocka_unit_test(checksums_go_over_all_pieces),
        cmocka_unit_test(the_files_say_who_we_are),
        cmocka_unit_test(a_profile_is_chosen_by_option_or_environment),
        cmocka_unit_test(the_environment_goes_before_the_files),
        cmocka_unit_test(keys_are_whole_or_missing),
        cmocka_unit_test(blanks_around_words_are_not_of_them),
        cmocka_unit_test(a_key_is_of_one_file),
        cmocka_unit_test(long_tokens_are_whole_or_refused),
        cmocka_unit_test(answers_are_read_element_by_element),
        cmocka_unit_test(what_is_no_xml_is_told),
        cmocka_unit_test(strange_xml_harms_nothing),
        cmocka_unit_test(lists_are_read_page_by_page),
        cmocka_unit_test(long_keys_and_tokens_are_whole_or_refused),
    };

    return cmocka_run_group_tests(tests, clear_environment, remove_files);
}
