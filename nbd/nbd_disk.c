#include "nbd_disk.h"

#define NBDKIT_API_VERSION 2
#include <inttypes.h>
#include <nbdkit-plugin.h>
#include <string.h>

static int set_size(struct disk *disk, const char *name, const char *value, const char **why)
{
    (void)name;
    *why = "a disk has 1 byte to 9223372036854775807 (8E - 1), such as 1E, 500G or 1.5TiB";
    return fodder_size_parse(&disk->size, value) < 0 || disk->size == 0 ? -1 : 0;
}

static int set_offset(struct disk *disk, const char *name, const char *value, const char **why)
{
    (void)name;
    *why = "the byte of the data set that the disk begins with is 0 or a size below 8E, such as 1GiB";
    return fodder_size_parse(&disk->offset, value) < 0 ? -1 : 0;
}

static int set_spec(struct disk *disk, const char *name, const char *value, const char **why)
{
    (void)name;
    disk->whole = true;
    return fodder_spec_parse(&disk->spec, value, why);
}

static int set_field(struct disk *disk, const char *name, const char *value, const char **why)
{
    disk->field = true;
    disk->seed |= strcmp(name, "seed") == 0;
    return fodder_spec_set(&disk->spec, name, value, why);
}

static int set_writes(struct disk *disk, const char *name, const char *value, const char **why)
{
    static const char *const names[] = {
        [DISK_CHECK] = "check",
        [DISK_REPORT] = "report",
        [DISK_REFUSE] = "refuse",
    };
    (void)name;

    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i], value) == 0) {
            disk->writes = (enum disk_writes)i;
            return 0;
        }
    }
    *why = "writes of wrong bytes are for check (they fail), report (they are told and succeed) or refuse (read-only)";
    return -1;
}

static const struct parameter {
    const char *name;
    int (*set)(struct disk *disk, const char *name, const char *value, const char **why);
} parameters[] = {
    { "size", set_size },  { "offset", set_offset }, { "writes", set_writes }, { "spec", set_spec },
    { "seed", set_field }, { "series", set_field },  { "dedup", set_field },   { "compress", set_field },
    { "unit", set_field }, { "window", set_field },  { "codec", set_field },   { "generation", set_field },
};

int disk_set(struct disk *disk, const char *name, const char *value)
{
    const char *why = NULL;

    for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
        if (strcmp(parameters[i].name, name) != 0)
            continue;
        if (parameters[i].set(disk, name, value, &why) == 0)
            return 0;
        nbdkit_error("%s=%s: %s", name, value, why);
        return -1;
    }
    nbdkit_error("%s=%s: unknown; there are size, offset, writes, spec and the spec's fields seed, series, generation, "
                 "dedup, compress, unit, window and codec, as in: nbdkit fodder size=1E seed=42 dedup=2",
                 name, value);
    return -1;
}

/* What is missing, or said twice; NULL where all is well. */
static const char *find_fault(const struct disk *disk)
{
    if (disk->size == 0)
        return "size is missing: how large is the disk? Such as size=1E, 500G or 1.5TiB, below 8E";
    if (disk->whole && disk->field)
        return "spec= says all that the bytes are: leave out seed=, dedup= and the other fields, or spec=";
    if (!disk->whole && !disk->seed)
        return "which data? Name them with spec=fodder1:seed=42,dedup=2,compress=3, or with seed=42 dedup=2 compress=3";
    return NULL;
}

int disk_open(struct disk *disk)
{
    const char *const fault = find_fault(disk);
    int r;

    if (fault) {
        nbdkit_error("%s", fault);
        return -1;
    }
    r = fodder_plan_new(&disk->plan, &disk->spec);
    if (r == 0)
        r = fodder_spec_print(&disk->spec, disk->text, sizeof disk->text);
    if (r < 0) {
        nbdkit_error("%s", fodder_strerror(r));
        return -1;
    }
    if (disk->offset > fodder_plan_limit(disk->plan) || disk->size > fodder_plan_limit(disk->plan) - disk->offset) {
        nbdkit_error("size=%" PRIu64 " from offset=%" PRIu64 " on passes the end of these data, %" PRIu64
                     ": take a smaller size, or larger units",
                     disk->size, disk->offset, fodder_plan_limit(disk->plan));
        return -1;
    }
    return 0;
}

void disk_close(struct disk *disk)
{
    fodder_plan_free(disk->plan);
    disk->plan = NULL;
}
