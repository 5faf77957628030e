#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <fodder/parallel.h>

#include "os/share.h"

/* While it is read, what it holds is ours to change. */
struct topology {
    fodder_topology out;
    fodder_cpu *cpus;
    fodder_node *nodes;
    uint8_t *distances;
    const char *root;
    char list[OS_LIST]; /* the one that is being walked */
};

#define NOT_KNOWN UINT32_MAX

enum { MAX_NODES = 1024 };

static unsigned list_count(const char *list)
{
    unsigned count = 0, first, last;

    while (os_list_next(&list, &first, &last))
        count += last - first + 1;
    return count;
}

static fodder_cpu *find_cpu(struct topology *t, unsigned id)
{
    for (size_t i = 0; i < t->out.cpu_count; i++) {
        if (t->cpus[i].id == id)
            return &t->cpus[i];
    }
    return NULL;
}

/* The CPUs that are online; where that is not told, those that we may use; or else the first one. One is usable even
 * where the two lists have none in common: we run on something. */
static int read_cpus(struct topology *t)
{
    char allowed[OS_LIST];
    const bool limited = share_cpus(allowed, t->root);
    const char *list = t->list;
    unsigned first, last;
    size_t n = 0;

    if (!os_read(t->list, sizeof t->list, t->root, "sys/devices/system/cpu/online"))
        memcpy(t->list, limited ? allowed : "", limited ? sizeof allowed : 1);
    if (list_count(list) == 0)
        strcpy(t->list, "0");
    t->out.cpu_count = list_count(list);
    t->cpus = calloc(t->out.cpu_count, sizeof *t->cpus);
    if (!t->cpus)
        return -ENOMEM;
    while (os_list_next(&list, &first, &last)) {
        for (unsigned id = first; id <= last; id++, n++) {
            t->cpus[n] = (fodder_cpu) { .id = id, .core = NOT_KNOWN, .cache = NOT_KNOWN, .usable = 1 };
            t->cpus[n].usable = !limited || os_list_has(allowed, id);
            t->out.usable += t->cpus[n].usable;
        }
    }
    if (t->out.usable == 0)
        t->cpus[0].usable = t->out.usable = 1;
    return 0;
}

/* Gives all CPUs of t->list the same group, the first of them; `member` is core or cache. */
static void join_cpus(struct topology *t, size_t member)
{
    const char *list = t->list;
    unsigned first, last;
    uint32_t lowest = NOT_KNOWN;

    while (os_list_next(&list, &first, &last)) {
        for (unsigned id = first; id <= last; id++) {
            fodder_cpu *const cpu = find_cpu(t, id);

            if (!cpu)
                continue;
            lowest = lowest == NOT_KNOWN ? id : lowest;
            memcpy((char *)cpu + member, &lowest, sizeof lowest);
        }
    }
}

/* One file a core, not one a CPU: those of its siblings say the same. */
static void read_cores(struct topology *t)
{
    for (size_t i = 0; i < t->out.cpu_count; i++) {
        fodder_cpu *const cpu = &t->cpus[i];

        if (cpu->core != NOT_KNOWN)
            continue;
        if (os_read(t->list, sizeof t->list, t->root, "sys/devices/system/cpu/cpu%u/topology/core_cpus_list",
                    cpu->id) ||
            os_read(t->list, sizeof t->list, t->root, "sys/devices/system/cpu/cpu%u/topology/thread_siblings_list",
                    cpu->id))
            join_cpus(t, offsetof(fodder_cpu, core));
        if (cpu->core == NOT_KNOWN)
            cpu->core = cpu->id;
    }
}

/* "1024K"; 0 where it is no data cache of levels 1 to 3, whose number is then in *level. */
static uint64_t read_cache(const struct topology *t, unsigned cpu, unsigned index, unsigned *level)
{
    char text[64];
    unsigned size;
    char unit = ' ';

    if (!os_read(text, sizeof text, t->root, "sys/devices/system/cpu/cpu%u/cache/index%u/type", cpu, index) ||
        strcmp(text, "Instruction") == 0 ||
        !os_read(text, sizeof text, t->root, "sys/devices/system/cpu/cpu%u/cache/index%u/level", cpu, index) ||
        sscanf(text, "%u", level) != 1 || *level < 1 || *level > 3 ||
        !os_read(text, sizeof text, t->root, "sys/devices/system/cpu/cpu%u/cache/index%u/size", cpu, index) ||
        sscanf(text, "%u%c", &size, &unit) < 1)
        return 0;
    return (uint64_t)size << (unit == 'K' ? 10 : unit == 'M' ? 20 : 0);
}

static void read_caches(struct topology *t)
{
    unsigned last = 0, last_level = 0;

    for (unsigned index = 0; index < 8; index++) {
        unsigned level;
        const uint64_t size = read_cache(t, t->cpus[0].id, index, &level);

        if (size == 0)
            continue;
        t->out.cache[level - 1] = size;
        if (level > last_level) {
            last_level = level;
            last = index;
        }
    }
    for (size_t i = 0; i < t->out.cpu_count; i++) {
        fodder_cpu *const cpu = &t->cpus[i];

        if (cpu->cache == NOT_KNOWN && last_level > 0 &&
            os_read(t->list, sizeof t->list, t->root, "sys/devices/system/cpu/cpu%u/cache/index%u/shared_cpu_list",
                    cpu->id, last))
            join_cpus(t, offsetof(fodder_cpu, cache));
        if (cpu->cache == NOT_KNOWN)
            cpu->cache = last_level > 0 ? cpu->core : t->cpus[0].id;
    }
}

static uint64_t read_meminfo(const char *root, const char *path, const char *key)
{
    FILE *const file = os_open(root, "%s", path);
    char line[256];
    unsigned long long kib = 0;

    while (file && fgets(line, sizeof line, file)) {
        const char *const at = strstr(line, key); /* a node's lines start with "Node 0 " */

        if (at && sscanf(at + strlen(key), ": %llu", &kib) == 1)
            break;
    }
    if (file)
        fclose(file);
    return (uint64_t)kib << 10;
}

static void read_node(struct topology *t, uint32_t index, const char *bindable)
{
    fodder_node *const node = &t->nodes[index];
    const char *list = t->list;
    char path[64];
    unsigned first, last;

    snprintf(path, sizeof path, "sys/devices/system/node/node%u/meminfo", node->id);
    node->memory = read_meminfo(t->root, path, "MemTotal");
    node->bindable = node->memory > 0 && (!bindable || os_list_has(bindable, node->id));
    if (!os_read(t->list, sizeof t->list, t->root, "sys/devices/system/node/node%u/cpulist", node->id))
        return;
    while (os_list_next(&list, &first, &last)) {
        for (unsigned id = first; id <= last; id++) {
            fodder_cpu *const cpu = find_cpu(t, id);

            if (cpu)
                cpu->node = index;
        }
    }
}

static void count_cpus(struct topology *t)
{
    for (size_t i = 0; i < t->out.cpu_count; i++) {
        t->nodes[t->cpus[i].node].cpus++;
        t->nodes[t->cpus[i].node].usable += t->cpus[i].usable;
    }
}

static void read_distances(struct topology *t)
{
    for (size_t i = 0; i < t->out.node_count; i++) {
        const bool known =
            os_read(t->list, sizeof t->list, t->root, "sys/devices/system/node/node%u/distance", t->nodes[i].id);
        char *at = t->list;

        for (size_t k = 0; k < t->out.node_count; k++) {
            const unsigned long value = known ? strtoul(at, &at, 10) : 0;

            t->distances[i * t->out.node_count + k] = value > 0 && value < 255 ? (uint8_t)value
                                                      : i == k                 ? (uint8_t)10
                                                                               : (uint8_t)255;
        }
    }
}

static int read_nodes(struct topology *t)
{
    char bindable[OS_LIST], online[OS_LIST];
    const bool limited = share_nodes(bindable, t->root);
    const bool known = os_read(online, sizeof online, t->root, "sys/devices/system/node/online");
    const unsigned found = known ? list_count(online) : 0;
    const char *list = online;
    unsigned first, last;
    size_t n = 0;

    t->out.node_count = found > 0 ? found < MAX_NODES ? found : MAX_NODES : 1;
    t->nodes = calloc(t->out.node_count, sizeof *t->nodes);
    t->distances = calloc(t->out.node_count, t->out.node_count);
    if (!t->nodes || !t->distances)
        return -ENOMEM;
    while (found > 0 && os_list_next(&list, &first, &last)) {
        for (unsigned id = first; id <= last && n < t->out.node_count; id++)
            t->nodes[n++].id = id;
    }
    for (uint32_t i = 0; i < t->out.node_count; i++)
        read_node(t, i, limited ? bindable : NULL);
    if (t->out.node_count == 1 && t->nodes[0].memory == 0) {
        t->nodes[0].memory = read_meminfo(t->root, "proc/meminfo", "MemTotal");
        t->nodes[0].bindable = 1;
    }
    count_cpus(t);
    read_distances(t);
    return 0;
}

static void read_pages(struct topology *t)
{
    char text[256];
    uint64_t available = read_meminfo(t->root, "proc/meminfo", "MemAvailable");
    const uint64_t allowed = share_memory(t->root);
    unsigned long long size = 0;

    t->out.memory = available < allowed ? available : allowed;
    t->out.page = (uint64_t)sysconf(_SC_PAGESIZE);
    if (!os_read(text, sizeof text, t->root, "sys/kernel/mm/transparent_hugepage/enabled") || strstr(text, "[never]") ||
        !os_read(text, sizeof text, t->root, "sys/kernel/mm/transparent_hugepage/hpage_pmd_size") ||
        sscanf(text, "%llu", &size) != 1)
        size = 0;
    t->out.huge_page = size;
    if (os_read(text, sizeof text, t->root, "sys/kernel/mm/hugepages/hugepages-%llukB/free_hugepages",
                (size > 0 ? size : 2 << 20) >> 10) &&
        sscanf(text, "%llu", &size) == 1)
        t->out.huge_page_free = size;
}

/* Rounded down, so that no quota is passed; at least 1. */
static uint32_t total_cpus(uint32_t usable, double quota)
{
    const uint32_t allowed = quota > 0 && quota < usable ? (uint32_t)quota : usable;

    return allowed > 1 ? allowed : 1;
}

static int read_all(struct topology *t)
{
    int r = read_cpus(t);

    if (r < 0)
        return r;
    r = read_nodes(t);
    if (r < 0)
        return r;
    read_cores(t);
    read_caches(t);
    read_pages(t);
    t->out.quota = share_quota(t->root);
    t->out.total = total_cpus(t->out.usable, t->out.quota);
    t->out.threads = share_threads(t->out.total);
    t->out.cpus = t->cpus;
    t->out.nodes = t->nodes;
    t->out.distances = t->distances;
    return 0;
}

int fodder_topology_new(fodder_topology **topology, const char *root)
{
    struct topology *t;
    int r;

    if (root && access(root, R_OK | X_OK) < 0)
        return -errno;
    t = calloc(1, sizeof *t);
    if (!t)
        return -ENOMEM;
    t->root = root ? root : "";
    r = read_all(t);
    if (r < 0) {
        fodder_topology_free(&t->out);
        return r;
    }
    *topology = &t->out;
    return 0;
}

void fodder_topology_free(fodder_topology *topology)
{
    struct topology *const t = (struct topology *)topology;

    if (!t)
        return;
    free(t->cpus);
    free(t->nodes);
    free(t->distances);
    free(t);
}

unsigned fodder_total_cpus(void)
{
    char list[OS_LIST];
    const unsigned usable = share_cpus(list, "") ? list_count(list) : 1;

    return total_cpus(usable, share_quota(""));
}

unsigned fodder_default_threads(void)
{
    return share_threads(fodder_total_cpus());
}
