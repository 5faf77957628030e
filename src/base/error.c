#include <stddef.h>
#include <string.h>

#include <fodder/fodder.h>

static const struct {
    int code;
    const char *text;
} errors[] = {
    { 0, "no error" },
    { FODDER_ERR_SPEC, "the spec is not valid" },
    { FODDER_ERR_FORMAT, "the spec names a format that this version of fodder does not make" },
    { FODDER_ERR_KERNEL, "no such kernel in this build" },
    { FODDER_ERR_CPU, "this CPU lacks the instructions of that kernel" },
    { FODDER_ERR_RANGE, "the range ends past the end of the data set" },
    { FODDER_ERR_SIZE, "not a size: write 1048576, 64KiB, 1.5GiB or 10GB, below 8 EiB" },
};

const char *fodder_strerror(int error)
{
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        if (errors[i].code == error)
            return errors[i].text;
    }
    return strerror(-error); /* safe on any thread in the C libraries that we build on: glibc >= 2.32, musl */
}

const char *fodder_version(void)
{
    return FODDER_VERSION;
}
