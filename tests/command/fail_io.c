/* Preloaded into the command: FAIL_IO says what happens to files whose name ends in FAIL_IO_NAME.
 *
 *     read, write, mkdir   it fails with EIO
 *     short                each write takes 1000 bytes at most
 *     wait-read, wait-write   the second call makes the file FAIL_IO_FLAG and waits until it is gone
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int asked(const char *what)
{
    const char *const mode = getenv("FAIL_IO");

    return mode && strcmp(mode, what) == 0;
}

static int is_meant(int fd)
{
    const char *const name = getenv("FAIL_IO_NAME");
    char link[64], path[4096];
    ssize_t length;

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = readlink(link, path, sizeof path - 1);
    if (!name || length < (ssize_t)strlen(name))
        return 0;
    path[length] = '\0';
    return strcmp(path + length - strlen(name), name) == 0;
}

static void wait_for_test(void)
{
    const char *const flag = getenv("FAIL_IO_FLAG");
    static int calls;
    const int fd = ++calls == 2 && flag ? open(flag, O_WRONLY | O_CREAT | O_CLOEXEC, 0666) : -1;

    if (fd < 0)
        return;
    close(fd);
    while (access(flag, F_OK) == 0)
        usleep(1000);
}

ssize_t write(int fd, const void *data, size_t len)
{
    if (asked("write") && is_meant(fd)) {
        errno = EIO;
        return -1;
    }
    if (asked("wait-write") && is_meant(fd))
        wait_for_test();
    if (asked("short") && is_meant(fd) && len > 1000)
        len = 1000;
    return syscall(SYS_write, fd, data, len);
}

ssize_t read(int fd, void *data, size_t len)
{
    if (asked("read") && is_meant(fd)) {
        errno = EIO;
        return -1;
    }
    if (asked("wait-read") && is_meant(fd))
        wait_for_test();
    return syscall(SYS_read, fd, data, len);
}

int mkdirat(int fd, const char *path, mode_t mode)
{
    if (asked("mkdir")) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_mkdirat, fd, path, mode);
}
