#define _GNU_SOURCE
#include "verifying.h"

#include <errno.h>
#include <string.h>

#include "stop.h"
#include "walk.h"

/* --strict: files that are not of the set. */
static bool visit_name(void *user, const char *name)
{
    struct verifying *const job = user;
    uint64_t k;

    if (names_find(&k, &job->set->names, name) && k < job->set->files)
        return !stop_asked();
    job->found.strays++;
    if (!job->found.args->json && !job->found.args->quiet) {
        print_plain(stdout, name);
        printf(": this does not belong to the set\n");
    }
    return !stop_asked();
}

static bool visit_any(void *user, const char *path, const struct stat *status)
{
    const struct verifying *const job = user;
    const char *const name = path + strlen(job->found.args->dir);
    (void)status;

    return visit_name(user, name + strspn(name, "/"));
}

static void visit_unreadable(void *user, const char *path, int error)
{
    struct verifying *const job = user;

    job->found.unreadable++;
    say("%s: %s", path, strerror(error));
}

static void list_strays(struct verifying *job)
{
    struct s3_error error;

    if (set_objects_list(&job->objects, visit_name, job, &error) == 0 || stop_asked())
        return;
    job->found.unreadable++;
    say("%s: %s", job->found.args->dir, error.text);
}

void verify_strays(struct verifying *job)
{
    const struct walk_visitor visitor = { .user = job, .file = visit_any, .unreadable = visit_unreadable };
    struct walk_links links = { 0 };
    bool whole;

    if (job->objects.s3) {
        list_strays(job);
        return;
    }
    whole = walk(job->found.args->dir, &visitor, &links);
    walk_links_free(&links);
    if (!whole && !stop_asked())
        visit_unreadable(job, job->found.args->dir, ENOMEM); /* what else ends a walk */
}
