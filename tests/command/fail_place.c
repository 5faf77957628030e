/*
 * Preloaded, it makes calls on files fail: FAIL_PLACE=CALL:FROM:TO:HOW, where CALL is write, pwrite or pread, FROM and
 * TO are places of the file, and HOW is EIO, or short: then a call moves a third of what it was asked for. Standard
 * streams are left alone.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct {
    char call[8], how[8];
    long long from, to;
} fault;

__attribute__((constructor)) static void read_fault(void)
{
    const char *const text = getenv("FAIL_PLACE");

    if (!text || sscanf(text, "%7[^:]:%lld:%lld:%7s", fault.call, &fault.from, &fault.to, fault.how) != 4)
        fault.call[0] = '\0';
}

static bool hit(const char *call, int fd, off_t at, size_t *len)
{
    if (fd <= STDERR_FILENO || strcmp(call, fault.call) != 0 || at >= fault.to || at + (off_t)*len <= fault.from)
        return false;
    if (strcmp(fault.how, "short") == 0) {
        *len = *len >= 4096 ? (*len / 3 + 4095) / 4096 * 4096 : (*len + 2) / 3; /* O_DIRECT wants whole pages */
        return false;
    }
    errno = EIO;
    return true;
}

ssize_t write(int fd, const void *data, size_t len)
{
    const off_t at = fd > STDERR_FILENO ? lseek(fd, 0, SEEK_CUR) : 0;

    return hit("write", fd, at, &len) ? -1 : syscall(SYS_write, fd, data, len);
}

ssize_t pwrite64(int fd, const void *data, size_t len, off_t at)
{
    return hit("pwrite", fd, at, &len) ? -1 : syscall(SYS_pwrite64, fd, data, len, at);
}

ssize_t pread64(int fd, void *data, size_t len, off_t at)
{
    return hit("pread", fd, at, &len) ? -1 : syscall(SYS_pread64, fd, data, len, at);
}
