#define _GNU_SOURCE
#include "walk.h"

#include <errno.h>
#include <fts.h>
#include <search.h>
#include <stdlib.h>

struct identity {
    dev_t device;
    ino_t inode;
};

static int compare(const void *left, const void *right)
{
    const struct identity *const a = left, *const b = right;

    if (a->device != b->device)
        return a->device < b->device ? -1 : 1;
    return a->inode < b->inode ? -1 : a->inode > b->inode;
}

/* 1 where it was there, 0 where it is now, -1 without memory. */
static int remember(struct walk_links *links, const struct stat *status)
{
    struct identity *const identity = malloc(sizeof *identity);
    const void *const *place;

    if (!identity)
        return -1;
    *identity = (struct identity) { status->st_dev, status->st_ino };
    place = tsearch(identity, &links->root, compare);
    if (place && *place == identity)
        return 0;
    free(identity);
    return place ? 1 : -1;
}

void walk_links_free(struct walk_links *links)
{
    while (links->root) {
        struct identity *const identity = *(struct identity **)links->root;

        tdelete(identity, &links->root, compare);
        free(identity);
    }
}

static bool visit_file(const FTSENT *entry, const struct walk_visitor *visitor, struct walk_links *links)
{
    const int known = entry->fts_statp->st_nlink > 1 ? remember(links, entry->fts_statp) : 0;

    if (known < 0)
        return false;
    if (known == 0)
        return visitor->file(visitor->user, entry->fts_accpath, entry->fts_statp);
    if (visitor->link)
        visitor->link(visitor->user, entry->fts_path);
    return true;
}

static bool visit(const FTSENT *entry, const struct walk_visitor *visitor, struct walk_links *links)
{
    switch (entry->fts_info) {
    case FTS_F:
        return visit_file(entry, visitor, links);
    case FTS_DEFAULT: /* devices, pipes, sockets */
        return entry->fts_level > FTS_ROOTLEVEL || visitor->file(visitor->user, entry->fts_accpath, entry->fts_statp);
    case FTS_SLNONE: /* a link that was named and leads nowhere; opening it tells why */
        return visitor->file(visitor->user, entry->fts_accpath, entry->fts_statp);
    case FTS_DNR:
    case FTS_ERR:
    case FTS_NS:
        if (visitor->unreadable)
            visitor->unreadable(visitor->user, entry->fts_path, entry->fts_errno);
        return true;
    default: /* directories, on the way in and out; symbolic links */
        return true;
    }
}

bool walk(const char *path, const struct walk_visitor *visitor, struct walk_links *links)
{
    char *const paths[] = { (char *)path, NULL };
    /* COMFOLLOW: a link that the user names is meant to be followed. NOCHDIR: threads share the directory. */
    FTS *const fts =
        fts_open(paths, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR | (visitor->one_file_system ? FTS_XDEV : 0), NULL);
    bool fine = fts != NULL;
    const FTSENT *entry;

    errno = 0;
    while (fine && (entry = fts_read(fts)))
        fine = visit(entry, visitor, links);
    fine = fine && errno == 0;
    if (fts)
        fts_close(fts);
    return fine;
}
