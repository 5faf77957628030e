/* The servers' answers, which are XML. */
#ifndef S3_XML_H
#define S3_XML_H

#include <stdbool.h>
#include <stddef.h>

struct xml_visitor {
    void *user;
    /* At the end of each element: its path, such as Error/Code, and the text directly in it. False ends the visit. */
    bool (*element)(void *user, const char *path, const char *text);
};

/* False where it is no XML, or the visitor ended it. */
bool xml_visit(const char *text, size_t length, const struct xml_visitor *visitor);
/* The text of the first element of that path; false where there is none, or no room. */
bool xml_find(const char *text, size_t length, const char *path, char *value, size_t room);

#endif
