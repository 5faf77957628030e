/* An nbdkit plugin: a disk of any size that reads as a spec's bytes, and checks what is written to it against them.
 * It holds no data, so that all connections see the same, and a flush has nothing to do. */
#define NBDKIT_API_VERSION 2
#include <errno.h>
#include <inttypes.h>
#include <nbdkit-plugin.h>
#include <stdatomic.h>
#include <stdio.h>

#include "nbd_check.h"
#include "nbd_disk.h"

/* A plan is shared by threads, and a request is a pure function of it. nbdkit's threads are enough: one of them makes
 * ten times what a socket carries. */
#define THREAD_MODEL NBDKIT_THREAD_MODEL_PARALLEL

/* nbdkit has one disk in a process, and its callbacks take no other argument for it. */
static struct disk disk = { .spec = { .spec_size = sizeof(fodder_spec) } };
static struct {
    _Atomic uint64_t read, written, wrong;
} tally;

static int plugin_config(const char *key, const char *value)
{
    return disk_set(&disk, key, value);
}

static int plugin_ready(void)
{
    if (disk_open(&disk) < 0)
        return -1;
    nbdkit_debug("%s from %" PRIu64 " on, %" PRIu64 " bytes, kernel %s", disk.text, disk.offset, disk.size,
                 fodder_plan_kernel(disk.plan));
    return 0;
}

/* Not by nbdkit_error(), for it is none; a server in the background has nobody who reads it. */
static void plugin_cleanup(void)
{
    fprintf(stderr, "fodder: %" PRIu64 " bytes read, %" PRIu64 " written, %" PRIu64 " of them wrong\n", tally.read,
            tally.written, tally.wrong);
}

static void plugin_unload(void)
{
    disk_close(&disk);
}

static void plugin_dump(void)
{
    fodder_plan *plan;

    printf("fodder_version=%s\n", fodder_version());
    if (fodder_plan_new(&plan, NULL) < 0)
        return;
    printf("fodder_kernel=%s\n", fodder_plan_kernel(plan));
    fodder_plan_free(plan);
}

static void *plugin_open(int readonly)
{
    (void)readonly;
    return NBDKIT_HANDLE_NOT_NEEDED;
}

static int64_t plugin_size(void *handle)
{
    (void)handle;
    return (int64_t)disk.size;
}

static const char *plugin_description(void *handle)
{
    (void)handle;
    return disk.text;
}

static int plugin_block_size(void *handle, uint32_t *minimum, uint32_t *preferred, uint32_t *maximum)
{
    (void)handle;
    *minimum = 1;
    *preferred = 4096;
    *maximum = 32 << 20;
    return 0;
}

static int plugin_can_write(void *handle)
{
    (void)handle;
    return disk.writes != DISK_REFUSE;
}

static int plugin_can_multi_conn(void *handle)
{
    (void)handle;
    return 1;
}

static int plugin_can_fua(void *handle)
{
    (void)handle;
    return NBDKIT_FUA_NATIVE;
}

static int plugin_can_cache(void *handle)
{
    (void)handle;
    return NBDKIT_CACHE_NATIVE;
}

static int plugin_pread(void *handle, void *buf, uint32_t count, uint64_t offset, uint32_t flags)
{
    (void)handle;
    (void)flags;
    fodder_fill(disk.plan, disk.offset + offset, buf, count);
    tally.read += count;
    return 0;
}

/* What becomes of a write. */
static int settle(uint32_t count, uint64_t wrong)
{
    tally.written += count;
    tally.wrong += wrong;
    if (wrong == 0 || disk.writes == DISK_REPORT)
        return 0;
    nbdkit_set_error(EIO);
    return -1;
}

static int plugin_pwrite(void *handle, const void *buf, uint32_t count, uint64_t offset, uint32_t flags)
{
    (void)handle;
    (void)flags;
    return settle(count, check_write(&disk, offset, buf, count));
}

static int plugin_zero(void *handle, uint32_t count, uint64_t offset, uint32_t flags)
{
    uint64_t wrong;
    (void)handle;
    (void)flags;

    if (check_zeros(&disk, offset, count, &wrong) < 0) {
        nbdkit_set_error(ENOMEM);
        return -1;
    }
    return settle(count, wrong);
}

static int plugin_flush(void *handle, uint32_t flags)
{
    (void)handle;
    (void)flags;
    return 0;
}

static struct nbdkit_plugin plugin = {
    .name = "fodder",
    .longname = "fodder: test data for storage",
    .version = FODDER_VERSION,
    .description = "A disk of any size that reads as data with the dedup and compress ratio asked for, and checks what "
                   "is written to it.",
    .unload = plugin_unload,
    .dump_plugin = plugin_dump,
    .config = plugin_config,
    .get_ready = plugin_ready,
    .cleanup = plugin_cleanup,
    .magic_config_key = "size",
    .config_help =
        "[size=]SIZE          how large the disk is, below 8E, such as 1E or 500G (required)\n"
        "spec=TEXT            which data, as fodder prints it: fodder1:seed=42,dedup=2,compress=3; or by the fields\n"
        "seed=N dedup=RATIO compress=RATIO unit=SIZE window=N codec=NAME series=N generation=N (see fodder generate)\n"
        "offset=SIZE          the disk begins with this byte of the data set, default 0\n"
        "writes=check         a write of wrong bytes is told and fails with EIO (default)\n"
        "writes=report        it is told and succeeds\n"
        "writes=refuse        the disk is read-only",
    .open = plugin_open,
    .get_size = plugin_size,
    .export_description = plugin_description,
    .block_size = plugin_block_size,
    .can_write = plugin_can_write,
    .can_multi_conn = plugin_can_multi_conn,
    .can_fua = plugin_can_fua,
    .can_cache = plugin_can_cache,
    .pread = plugin_pread,
    .pwrite = plugin_pwrite,
    .zero = plugin_zero,
    .flush = plugin_flush,
};

NBDKIT_REGISTER_PLUGIN(plugin)
