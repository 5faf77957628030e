#define _GNU_SOURCE
#include "set_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A pipe that stands where a file should must not be waited for. */
enum { FLAGS = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK };

/* Another rank may be making the same ones. */
static bool make_dirs(int root, const char *path)
{
    char part[NAMES_TEXT];

    for (const char *end = path; *end != '\0';) {
        end += strspn(end, "/");
        end += strcspn(end, "/");
        memcpy(part, path, (size_t)(end - path));
        part[end - path] = '\0';
        if (mkdirat(root, part, 0777) < 0 && errno != EEXIST)
            return false;
    }
    return true;
}

static bool enter(struct set_dir *dir, const char *path, size_t length, bool make)
{
    set_dir_close(dir);
    memcpy(dir->path, path, length);
    dir->path[length] = '\0';
    dir->fd = openat(dir->root, dir->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir->fd < 0 && errno == ENOENT && make && make_dirs(dir->root, dir->path))
        dir->fd = openat(dir->root, dir->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return dir->fd >= 0;
}

/* The descriptor of the directory that a file lies in, and its name there. */
static int find(struct set_dir *dir, const char *name, const char **base, bool make)
{
    const char *const slash = strrchr(name, '/');
    const size_t length = slash ? (size_t)(slash - name) : 0;

    *base = slash ? slash + 1 : name;
    if (!slash)
        return dir->root;
    if (dir->fd >= 0 && strncmp(dir->path, name, length) == 0 && dir->path[length] == '\0')
        return dir->fd;
    return enter(dir, name, length, make) ? dir->fd : -1;
}

int set_dir_open(struct set_dir *dir, const char *name, int flags, bool make)
{
    const char *base;
    int at = find(dir, name, &base, make), fd;

    if (at < 0)
        return -1;
    fd = openat(at, base, flags | FLAGS, 0666);
    if (fd >= 0 || errno != ENOENT || !make || at == dir->root)
        return fd;
    set_dir_close(dir); /* somebody has removed it meanwhile */
    at = find(dir, name, &base, make);
    return at < 0 ? -1 : openat(at, base, flags | FLAGS, 0666);
}

bool set_dir_remove(struct set_dir *dir, const char *name)
{
    const char *base;
    const int at = find(dir, name, &base, false);

    return at >= 0 && unlinkat(at, base, 0) == 0;
}

void set_dir_close(struct set_dir *dir)
{
    if (dir->fd >= 0)
        close(dir->fd);
    dir->fd = -1;
}
