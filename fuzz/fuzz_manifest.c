/* Anything as a manifest: what is taken is a valid spec. */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const int fd = memfd_create("manifest", 0);
    struct manifest manifest = { .bytes = 7 };
    char path[64];

    CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (manifest_read(&manifest, path) == EXIT_FINE) {
        CHECK(fodder_spec_check(&manifest.spec, NULL) == 0);
        CHECK(manifest.offset <= INT64_MAX && manifest.bytes <= INT64_MAX);
    }
    close(fd);
    return 0;
}
