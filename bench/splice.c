/* splice BYTES: gives one constant page to the pipe on standard output, again and again: what a pipe can take at most.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include <fodder/fodder.h>

enum { PAGE = 4096, PARTS = 64 };

int main(int argc, char **argv)
{
    static uint8_t page[PAGE] __attribute__((aligned(PAGE)));
    struct iovec parts[PARTS];
    uint64_t left;

    if (argc != 2 || fodder_size_parse(&left, argv[1]) < 0)
        errx(2, "usage: splice BYTES >PIPE");
    memset(page, 0xa5, sizeof page);
    for (int i = 0; i < PARTS; i++)
        parts[i] = (struct iovec) { page, PAGE };
    fcntl(STDOUT_FILENO, F_SETPIPE_SZ, 1 << 20);
    while (left > 0) {
        const ssize_t n = vmsplice(STDOUT_FILENO, parts, PARTS, 0);

        if (n < 0)
            err(1, "vmsplice");
        left -= (uint64_t)n < left ? (uint64_t)n : left;
    }
    return 0;
}
