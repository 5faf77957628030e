#define _GNU_SOURCE
#include "replace.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct place {
    char real[PATH_MAX]; /* the file itself, not a link to it */
    char beside[PATH_MAX];
    mode_t mode;
};

/* Where a link to nowhere leads. */
static bool follow(const char *link, char real[PATH_MAX])
{
    const int fd = open(link, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    const bool found = fd >= 0 && realpath(link, real);

    if (fd >= 0)
        close(fd);
    return found && unlink(real) == 0;
}

/* False with errno where the path is neither a regular file nor free: a device, a directory. */
static bool find_place(struct place *place, const char *path)
{
    const mode_t mask = umask(0);
    struct stat status;

    umask(mask);
    place->mode = 0666 & ~mask;
    if (strlen(path) >= sizeof place->real) {
        errno = ENAMETOOLONG;
        return false;
    }
    if (lstat(path, &status) < 0) {
        strcpy(place->real, path);
        return errno == ENOENT && *path != '\0';
    }
    if (stat(path, &status) < 0)
        return errno == ENOENT && follow(path, place->real);
    errno = S_ISDIR(status.st_mode) ? EISDIR : EEXIST;
    if (!S_ISREG(status.st_mode))
        return false;
    place->mode = status.st_mode & 0777;
    return realpath(path, place->real) != NULL;
}

/* A new file in the same directory; its descriptor, or -1 with errno. */
static int make_beside(struct place *place)
{
    static const char name[] = ".fodder-XXXXXX";
    const char *const slash = strrchr(place->real, '/');
    const size_t length = slash ? (size_t)(slash + 1 - place->real) : 0;

    if (length + sizeof name > sizeof place->beside) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(place->beside, place->real, length);
    memcpy(place->beside + length, name, sizeof name);
    return mkostemp(place->beside, O_CLOEXEC);
}

bool replace_possible(const char *path)
{
    struct place place;
    const int fd = find_place(&place, path) ? make_beside(&place) : -1;
    const int error = errno;

    if (fd >= 0) {
        close(fd);
        unlink(place.beside);
        return true;
    }
    if (error != EISDIR && access(path, W_OK) == 0)
        return true;
    errno = error;
    return false;
}

static bool write_all(FILE *file, bool (*write)(const void *content, FILE *file), const void *content)
{
    const bool written = write(content, file);
    const int error = errno;
    const bool closed = fclose(file) == 0;

    if (!written)
        errno = error;
    return written && closed;
}

static bool write_directly(const char *path, bool (*write)(const void *content, FILE *file), const void *content)
{
    FILE *const file = fopen(path, "we");

    return file && write_all(file, write, content);
}

bool replace_file(const char *path, bool (*write)(const void *content, FILE *file), const void *content)
{
    struct place place;
    const int fd = find_place(&place, path) ? make_beside(&place) : -1;
    FILE *const file = fd >= 0 ? fdopen(fd, "w") : NULL;
    bool written;
    int error;

    if (fd < 0)
        return write_directly(path, write, content);
    fchmod(fd, place.mode); /* where modes are not kept, the file is still one */
    written = file && write_all(file, write, content);
    if (written && rename(place.beside, place.real) == 0)
        return true;
    error = errno;
    unlink(place.beside);
    if (written) /* a file that is mounted by itself cannot be replaced */
        return write_directly(path, write, content);
    if (!file)
        close(fd);
    errno = error;
    return false;
}
