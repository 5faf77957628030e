/* Which threads run on which node: arithmetic only. */
#include <errno.h>
#include <string.h>

#include "os/share.h"
#include "pool/pool.h"

static int reject(const char *sentence, const char **why)
{
    if (why)
        *why = sentence;
    return -EINVAL;
}

static size_t find_node(const fodder_topology *t, uint32_t id)
{
    size_t i = 0;

    while (i < t->node_count && t->nodes[i].id != id)
        i++;
    return i;
}

static size_t nodes_with_cpus(const fodder_topology *t)
{
    size_t count = 0;

    for (size_t i = 0; i < t->node_count; i++)
        count += t->nodes[i].usable > 0;
    return count;
}

/* In proportion to their usable CPUs, what is left over to the largest remainders (Hamilton's method), the first node
 * of equals. Division first by what all have: every product fits. */
static void spread(const fodder_topology *t, uint32_t threads, uint32_t *of_node)
{
    uint64_t all = 0, given = 0;

    for (size_t i = 0; i < t->node_count; i++)
        all += t->nodes[i].usable;
    for (size_t i = 0; i < t->node_count; i++) {
        of_node[i] = (uint32_t)((uint64_t)threads * t->nodes[i].usable / all);
        given += of_node[i];
    }
    for (; given < threads; given++) {
        size_t best = 0;
        int64_t most = INT64_MIN;

        for (size_t i = 0; i < t->node_count; i++) {
            const int64_t remainder = (int64_t)((uint64_t)threads * t->nodes[i].usable) - (int64_t)(of_node[i] * all);

            if (remainder > most) {
                most = remainder;
                best = i;
            }
        }
        of_node[best]++;
    }
}

static int on_one_node(const fodder_topology *t, const fodder_pool_options *o, uint32_t *of_node, int *placed,
                       const char **why)
{
    const size_t i = find_node(t, o->node);
    uint32_t threads;

    if (i == t->node_count)
        return reject("numa: this machine has no node of that number", why);
    if (t->nodes[i].usable == 0)
        return reject("numa: this process may use no CPU of that node", why);
    threads = o->threads > 0 ? o->threads : share_threads(t->nodes[i].usable);
    if (o->threads == 0 && threads > t->threads)
        threads = t->threads;
    if (of_node)
        of_node[i] = threads;
    if (placed)
        *placed = 1;
    if (why)
        *why = "numa names a node: threads and memory stay on it";
    return (int)threads;
}

static int left_to_system(uint32_t threads, uint32_t *of_node, const char *sentence, const char **why)
{
    if (of_node)
        of_node[0] = threads;
    if (why)
        *why = sentence;
    return (int)threads;
}

static int on_all_nodes(const fodder_topology *t, uint32_t threads, uint32_t *of_node, int *placed, const char **why)
{
    if (of_node)
        spread(t, threads, of_node);
    if (placed)
        *placed = 1;
    if (why)
        *why = "threads are spread over the nodes in proportion to their CPUs, each with its own part of the memory";
    return (int)threads;
}

int fodder_pool_layout(const fodder_topology *topology, const fodder_pool_options *options, uint32_t *threads_of_node,
                       int *placed, const char **why)
{
    const fodder_pool_options o = options ? *options : FODDER_POOL(.threads = 0);
    const uint32_t threads = o.threads > 0 ? o.threads : topology->threads;

    if (o.options_size != sizeof o)
        return reject("options_size is not that of this library's options: start from FODDER_POOL()", why);
    if (o.threads > POOL_MAX_THREADS)
        return reject("threads is a number from 1 to 1024, or 0 for half of the CPUs", why);
    if (o.numa > FODDER_NUMA_NODE)
        return reject("numa is auto, force, off, or a node's number", why);
    if (o.pages > FODDER_PAGES_SMALL)
        return reject("pages is one of enum fodder_pages", why);
    if (!place_built() && (o.numa == FODDER_NUMA_FORCE || o.numa == FODDER_NUMA_NODE))
        return reject("numa: this library was built without placing (-Dnuma=disabled)", why);
    if (threads_of_node)
        memset(threads_of_node, 0, topology->node_count * sizeof *threads_of_node);
    if (placed)
        *placed = 0;
    if (o.numa == FODDER_NUMA_NODE)
        return on_one_node(topology, &o, threads_of_node, placed, why);
    if (o.numa == FODDER_NUMA_OFF)
        return left_to_system(threads, threads_of_node, "numa is off: the system places threads and memory", why);
    if (!place_built())
        return left_to_system(threads, threads_of_node,
                              "built without placing (-Dnuma=disabled): the system places threads and memory", why);
    if (o.numa == FODDER_NUMA_AUTO && nodes_with_cpus(topology) < 2)
        return left_to_system(threads, threads_of_node,
                              "one node's CPUs are all that can be used: the system places threads and memory", why);
    return on_all_nodes(topology, threads, threads_of_node, placed, why);
}
