/* A page with charts of what was measured: one file that needs no network. */
#ifndef CLI_PAGE_H
#define CLI_PAGE_H

#include <stdbool.h>
#include <stdio.h>

/* page.html with the object, a struct json, in it. False where memory or the file failed; errno says which. */
bool page_write(const void *object, FILE *file);

#endif
