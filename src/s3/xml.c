#include "xml.h"

#include <string.h>

#include <expat.h>

enum { PATH = 256, TEXT = 8192 };

struct reading {
    XML_Parser parser;
    const struct xml_visitor *visitor;
    char path[PATH], text[TEXT];
    size_t length; /* of text */
    bool ended;
};

static void on_start(void *user, const char *name, const char **attributes)
{
    struct reading *const r = user;
    const size_t length = strlen(r->path);
    (void)attributes;

    r->length = 0;
    if (length + 1 + strlen(name) >= PATH) {
        r->ended = true;
        XML_StopParser(r->parser, XML_FALSE);
        return;
    }
    if (length > 0)
        strcat(r->path, "/");
    strcat(r->path, name);
}

static void on_text(void *user, const char *text, int length)
{
    struct reading *const r = user;
    const size_t room = TEXT - 1 - r->length, len = (size_t)length < room ? (size_t)length : room;

    memcpy(r->text + r->length, text, len);
    r->length += len;
}

static void on_end(void *user, const char *name)
{
    struct reading *const r = user;
    char *const slash = strrchr(r->path, '/');
    (void)name;

    r->text[r->length] = '\0';
    if (!r->ended && !r->visitor->element(r->visitor->user, r->path, r->text)) {
        r->ended = true;
        XML_StopParser(r->parser, XML_FALSE);
    }
    r->length = 0;
    *(slash ? slash : r->path) = '\0';
}

bool xml_visit(const char *text, size_t length, const struct xml_visitor *visitor)
{
    struct reading reading = { .parser = XML_ParserCreate(NULL), .visitor = visitor };
    bool fine;

    if (!reading.parser)
        return false;
    XML_SetUserData(reading.parser, &reading);
    XML_SetElementHandler(reading.parser, on_start, on_end);
    XML_SetCharacterDataHandler(reading.parser, on_text);
    fine = XML_Parse(reading.parser, text, (int)length, 1) == XML_STATUS_OK && !reading.ended;
    XML_ParserFree(reading.parser);
    return fine;
}

struct search {
    const char *path;
    char *value;
    size_t room;
    bool found;
};

static bool look(void *user, const char *path, const char *text)
{
    struct search *const search = user;

    if (strcmp(path, search->path) != 0)
        return true;
    search->found = strlen(text) < search->room;
    if (search->found)
        strcpy(search->value, text);
    return false;
}

bool xml_find(const char *text, size_t length, const char *path, char *value, size_t room)
{
    struct search search = { path, value, room, false };
    const struct xml_visitor visitor = { &search, look };

    if (text)
        xml_visit(text, length, &visitor);
    return search.found;
}
