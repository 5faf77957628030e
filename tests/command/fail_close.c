/* Preloaded into the command: closing a regular file ends in EIO, as where a network file system tells only then that
 * it lost data. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int close(int fd)
{
    struct stat status;
    const int regular = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
    const int r = (int)syscall(SYS_close, fd);

    if (r < 0 || !regular)
        return r;
    errno = EIO;
    return -1;
}
