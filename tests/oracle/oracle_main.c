#include "oracle.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 1024, PLAIN = 64 };

static const char header[] =
    "# Bytes of format 1, made by the oracle (tests/oracle), a second implementation written from docs/format.md.\n"
    "# Remake: oracle --vectors < tests/vectors/cases.txt > tests/vectors/format1.txt\n"
    "#\n"
    "# SPEC OFFSET LENGTH VALUE, separated by single spaces:\n"
    "#   SPEC    the spec in canonical text form (section 2)\n"
    "#   OFFSET  of the first byte, decimal; offsets wrap at 2^64\n"
    "#   LENGTH  in bytes, decimal\n"
    "#   VALUE   the bytes in hex where LENGTH <= 64, else fnv: and the 64-bit FNV-1a hash of the bytes in hex\n"
    "#           (begin with 0xcbf29ce484222325; for each byte: h = (h ^ byte) * 0x100000001b3, mod 2^64)\n";

struct piece {
    uint8_t *bytes;
    size_t len;
};

static int fail(const char *const what, const char *const which)
{
    fprintf(stderr, "oracle: %s: %s\n", what, which);
    return -1;
}

static uint64_t fnv1a(const struct piece piece)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < piece.len; i++) {
        hash = (hash ^ piece.bytes[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

static void put_hex(const struct piece piece)
{
    for (size_t i = 0; i < piece.len; i++) {
        printf("%02x", piece.bytes[i]);
    }
}

static void put_hash(const struct piece piece)
{
    printf("%016" PRIx64, fnv1a(piece));
}

static void put_vector(const struct piece piece)
{
    if (piece.len <= PLAIN) {
        put_hex(piece);
        return;
    }
    printf("fnv:");
    put_hash(piece);
}

static int number(const char *const text, uint64_t *const value)
{
    char *end;
    errno = 0;
    *value = strtoull(text, &end, 10);
    const int good = *text >= '0' && *text <= '9' && *end == '\0' && errno == 0;
    return good ? 0 : fail("not a number", text);
}

static int make(const char *const spec_text, const char *const offset_text, const char *const length_text,
                struct piece *const piece)
{
    struct oracle_spec spec;
    uint64_t offset, length;
    if (oracle_parse(&spec, spec_text) != 0) {
        return fail("not a spec", spec_text);
    }
    if (number(offset_text, &offset) != 0 || number(length_text, &length) != 0) {
        return -1;
    }
    piece->len = (size_t)length;
    piece->bytes = length < PTRDIFF_MAX ? malloc(piece->len + 1) : NULL;
    if (piece->bytes == NULL) {
        return fail("out of memory", length_text);
    }
    struct oracle o;
    oracle_init(&o, &spec);
    oracle_read(&o, offset, piece->bytes, piece->len);
    return 0;
}

static int show(char *const args[3], void (*const put)(struct piece))
{
    struct piece piece;
    if (make(args[0], args[1], args[2], &piece) != 0) {
        return -1;
    }
    put(piece);
    putchar('\n');
    free(piece.bytes);
    return 0;
}

static int vector(const char *const line)
{
    char spec[LINE], offset[LINE], length[LINE], more;
    if (sscanf(line, "%1023s %1023s %1023s %c", spec, offset, length, &more) != 3) {
        return fail("not SPEC OFFSET LENGTH", line);
    }
    char *const args[3] = { spec, offset, length };
    printf("%s %s %s ", spec, offset, length);
    return show(args, put_vector);
}

static int vectors(void)
{
    char line[LINE];
    fputs(header, stdout);
    while (fgets(line, sizeof line, stdin) != NULL) {
        if (line[0] == '#') {
            fputs(line, stdout);
        } else if (vector(line) != 0) {
            return -1;
        }
    }
    return 0;
}

static int run(const int argc, char **const argv)
{
    if (argc == 2 && strcmp(argv[1], "--vectors") == 0) {
        return vectors();
    }
    if (argc == 5 && strcmp(argv[1], "--hash") == 0) {
        return show(argv + 2, put_hash);
    }
    if (argc == 4) {
        return show(argv + 1, put_hex);
    }
    return fail("usage", "oracle [--hash] SPEC OFFSET LENGTH, or oracle --vectors < cases.txt");
}

int main(const int argc, char **const argv)
{
    return run(argc, argv) == 0 && fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
