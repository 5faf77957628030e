#include "info_machine.h"

#include <inttypes.h>
#include <stdlib.h>

#include "text.h"

/* Where the threads of a pool would be. */
struct plan {
    int threads, placed;
    const char *why;
    uint32_t *of_node;
};

static bool make_plan(struct plan *plan, const fodder_topology *t, const fodder_pool_options *options)
{
    plan->of_node = calloc(t->node_count, sizeof *plan->of_node);
    if (plan->of_node)
        plan->threads = fodder_pool_layout(t, options, plan->of_node, &plan->placed, &plan->why);
    return plan->of_node != NULL;
}

static size_t count_cores(const fodder_topology *t)
{
    size_t count = 0;

    for (size_t i = 0; i < t->cpu_count; i++)
        count += t->cpus[i].core == t->cpus[i].id;
    return count;
}

static void print_memory(const fodder_topology *t)
{
    printf("caches  ");
    for (size_t i = 0; i < 3 && t->cache[i] > 0; i++)
        printf("%s %s", i > 0 ? "," : "", text_size((double)t->cache[i]).text);
    printf("%s\nmemory   %s available", t->cache[0] > 0 ? "" : " not told", text_size((double)t->memory).text);
    if (t->huge_page > 0)
        printf(", huge pages of %s", text_size((double)t->huge_page).text);
    else
        printf(", no transparent huge pages: making new buffers is slow");
    if (t->huge_page_free > 0)
        printf(", %" PRIu64 " explicit ones free", t->huge_page_free);
    printf("\n");
}

static void print_cpus(const fodder_topology *t)
{
    printf("cpus     %u can be used of %zu online (%zu core%s)", t->total, t->cpu_count, count_cores(t),
           count_cores(t) == 1 ? "" : "s");
    if (t->usable < t->cpu_count)
        printf("; the affinity mask has %u", t->usable);
    if (t->quota > 0)
        printf("; a CPU quota of %.4g", t->quota);
    printf("\n");
}

/* A mark for each CPU: a thread's, free, or not ours. Which of its node's CPUs a thread runs on is for the system. */
static void print_node(const fodder_topology *t, size_t node, uint32_t threads)
{
    const fodder_node *const n = &t->nodes[node];
    uint32_t left = threads;

    printf("node %-3u ", n->id);
    for (size_t i = 0; i < t->cpu_count; i++) {
        if (t->cpus[i].node != node)
            continue;
        putchar(!t->cpus[i].usable ? '-' : left > 0 ? '#' : '.');
        left -= t->cpus[i].usable && left > 0;
    }
    printf("%s%u thread%s on %u CPU%s, %s%s\n", n->cpus > 0 ? "  " : "", threads, threads == 1 ? "" : "s", n->usable,
           n->usable == 1 ? "" : "s", n->memory > 0 ? text_size((double)n->memory).text : "no memory",
           n->memory > 0 && !n->bindable ? " not for this process" : "");
}

bool machine_print(const fodder_topology *t, const fodder_pool_options *options)
{
    struct plan plan;

    if (!make_plan(&plan, t, options))
        return false;
    print_cpus(t);
    print_memory(t);
    printf("threads  %d: %s\n", plan.threads, plan.why);
    for (size_t i = 0; i < t->node_count; i++)
        print_node(t, i, plan.of_node[i]);
    printf("         # a thread that makes data   . a CPU left for the I/O%s\n",
           t->usable < t->cpu_count ? "   - a CPU of others" : "");
    free(plan.of_node);
    return true;
}

static void put_nodes(struct json *object, const fodder_topology *t, const struct plan *plan)
{
    json_list(object, "nodes");
    for (size_t i = 0; i < t->node_count; i++) {
        struct json *const node = json_new();

        json_whole(node, "id", t->nodes[i].id);
        json_whole(node, "cpus", t->nodes[i].cpus);
        json_whole(node, "usable", t->nodes[i].usable);
        json_whole(node, "memory", t->nodes[i].memory);
        json_bool(node, "bindable", t->nodes[i].bindable != 0);
        json_whole(node, "threads", plan->of_node[i]);
        json_list(node, "distances");
        for (size_t k = 0; k < t->node_count; k++)
            json_append_whole(node, "distances", t->distances[i * t->node_count + k]);
        json_append(object, "nodes", node);
    }
}

bool machine_put(struct json *object, const fodder_topology *t, const fodder_pool_options *options)
{
    struct plan plan;

    if (!make_plan(&plan, t, options))
        return false;
    json_whole(object, "cpus", t->total);
    json_whole(object, "cpus_online", t->cpu_count);
    json_whole(object, "cpus_allowed", t->usable);
    json_whole(object, "cores_online", count_cores(t));
    if (t->quota > 0)
        json_number(object, "cpu_quota", t->quota);
    json_whole(object, "memory", t->memory);
    json_whole(object, "page", t->page);
    json_whole(object, "huge_page", t->huge_page);
    json_whole(object, "huge_pages_free", t->huge_page_free);
    json_list(object, "caches");
    for (size_t i = 0; i < 3; i++)
        json_append_whole(object, "caches", t->cache[i]);
    json_whole(object, "threads", (uint64_t)plan.threads);
    json_bool(object, "placed", plan.placed != 0);
    json_text(object, "why", plan.why);
    put_nodes(object, t, &plan);
    free(plan.of_node);
    return true;
}
