/* The regular files below a path. */
#ifndef CLI_WALK_H
#define CLI_WALK_H

#include <stdbool.h>
#include <sys/stat.h>

struct walk_visitor {
    void *user;
    bool one_file_system; /* leave directories alone that lie on another one than the path */

    /* A regular file, or a path that was named and is a device, a pipe or a link that leads nowhere; symbolic links in
     * directories are not followed. False ends the walk. */
    bool (*file)(void *user, const char *path, const struct stat *status);
    /* Another name of a file that has been visited. May be NULL. */
    void (*link)(void *user, const char *path);
    /* What cannot be read, and the errno value. May be NULL. */
    void (*unreadable)(void *user, const char *path, int error);
};

/* Files that have several names, to visit each of them once. */
struct walk_links {
    void *root;
};

/* Visits all files below path. False where the visitor or memory ended it. */
bool walk(const char *path, const struct walk_visitor *visitor, struct walk_links *links);

void walk_links_free(struct walk_links *links);

#endif
