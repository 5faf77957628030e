/*
 * fodder on many CPUs: the machine, pools of threads, memory placed for them, and streams.
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * <fodder/fodder.h> includes this header. In one call:
 *
 *     fodder_buffer *buffer;
 *     int r = fodder_generate(&buffer, size, 2, 3);      2:1 by dedup, 3:1 by compress, half of the CPUs
 *
 *     write(fd, fodder_buffer_data(buffer), fodder_buffer_len(buffer));
 *     fodder_buffer_free(buffer);
 *
 * The conventions are those of fodder.h. Where a function takes a pool, NULL is the process's default pool: it is made
 * with the default options at first use, and fodder_shutdown() ends it.
 */
#ifndef FODDER_PARALLEL_H
#define FODDER_PARALLEL_H

#include <fodder/fodder.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- The machine: its CPUs, nodes and memory, and our share of them ---------------------------------------------- */

/* The CPUs that this process may use: those of the calling thread's affinity mask that are online, but no more than the
 * CPU quotas of its control groups allow, rounded down; at least 1. Reads the system anew at every call. */
FODDER_API unsigned fodder_total_cpus(void);

/* How many threads a pool takes by itself: half of fodder_total_cpus(), rounded down, at least 1. The other half does
 * the I/O. */
FODDER_API unsigned fodder_default_threads(void);

/* A CPU that is online. */
typedef struct fodder_cpu {
    uint32_t id;
    uint32_t node;   /* an index into the topology's nodes */
    uint32_t core;   /* CPUs of equal core are SMT siblings: the lowest id among them */
    uint32_t cache;  /* CPUs of equal cache share the last cache: the lowest id among them */
    uint32_t usable; /* 1 where this process may run on it */
} fodder_cpu;

/* A NUMA node. */
typedef struct fodder_node {
    uint32_t id;       /* the system's number; numbers may have holes */
    uint32_t cpus;     /* online; 0 on a node of memory only */
    uint32_t usable;   /* of them this process may use */
    uint32_t bindable; /* 1 where this process may have memory on it */
    uint64_t memory;   /* bytes; 0 on a node without memory */
} fodder_node;

/* What the system tells of the machine and of this process's share of it. Plain values: read them, leave them. Later
 * versions may add fields at the end. */
typedef struct fodder_topology {
    size_t cpu_count;         /* online */
    const fodder_cpu *cpus;   /* by id */
    size_t node_count;        /* at least 1 */
    const fodder_node *nodes; /* by id */
    const uint8_t *distances; /* from node i to node k at [i * node_count + k]; 10 is near, 255 far or unknown */
    uint32_t usable;          /* CPUs online in the affinity mask, which a cpuset has narrowed already */
    uint32_t total, threads;  /* fodder_total_cpus() and fodder_default_threads() */
    double quota;             /* CPUs that the control groups' quotas allow, such as 2.5; 0 where there is no quota */
    uint64_t cache[3];        /* bytes of the data caches of levels 1 to 3, of the first CPU; 0 where not told */
    uint64_t memory;          /* bytes that can be had without swapping, within the control groups' limits */
    uint64_t page;            /* bytes */
    uint64_t huge_page;       /* bytes of a transparent huge page; 0 where there are none */
    uint64_t huge_page_free;  /* of the explicit huge pages of that size (or of 2 MiB), how many are free */
} fodder_topology;

/* Reads it; free it with fodder_topology_free(). root is NULL for this machine, or a directory that holds a copy of
 * another one's /sys and /proc. 0, or a negative errno value: -ENOMEM, or that of a root which cannot be read. What the
 * system does not tell is taken to be one node, one package, no quota. */
FODDER_API int fodder_topology_new(fodder_topology **topology, const char *root);

/* NULL is fine. */
FODDER_API void fodder_topology_free(fodder_topology *topology);

/* ---- Pool: threads, placed on the machine ------------------------------------------------------------------------ */

/* Where threads and memory are to lie. */
enum fodder_numa {
    FODDER_NUMA_AUTO = 0, /* place threads and memory where the process can use more than one node */
    FODDER_NUMA_FORCE,    /* place them even on one node */
    FODDER_NUMA_OFF,      /* leave all to the system */
    FODDER_NUMA_NODE      /* all of it on one node, the one in `node` */
};

/* The pages of buffers. */
enum fodder_pages {
    FODDER_PAGES_AUTO = 0, /* transparent huge pages where the system has them */
    FODDER_PAGES_EXPLICIT, /* explicit huge pages, reserved by the administrator; as AUTO where too few are free */
    FODDER_PAGES_SMALL
};

/* For `keep`: no freed buffer is kept. */
#define FODDER_KEEP_NONE UINT64_MAX

/* What a pool is to be. Start from FODDER_POOL(). */
typedef struct fodder_pool_options {
    size_t options_size; /* sizeof(fodder_pool_options): FODDER_POOL() sets it */
    uint32_t threads;    /* that fill, the caller's among them where threads are not placed; 0: the default; to 1024 */
    uint32_t numa;       /* enum fodder_numa */
    uint32_t node;       /* for FODDER_NUMA_NODE: the node's id */
    uint32_t pages;      /* enum fodder_pages, for its buffers */
    uint64_t keep;       /* bytes of freed buffers that are kept for the next; 0: a quarter of the memory available */
    /* Told each decision, a sentence in English: threads, nodes, pages, what the system refused. From fodder_pool_new()
     * and fodder_buffer_new(), on the calling thread; that threads could not be kept on a node is told by the first
     * buffer after they have found out. May be NULL. */
    void (*decision)(void *user, const char *sentence);
    void *user;
} fodder_pool_options;

/* Options with the fields named, as FODDER_SPEC() has a spec. */
#ifdef __cplusplus
#define FODDER_POOL(...) (fodder_pool_options { .options_size = sizeof(fodder_pool_options), __VA_ARGS__ })
#else
#define FODDER_POOL(...) ((fodder_pool_options) { .options_size = sizeof(fodder_pool_options), __VA_ARGS__ })
#endif

/* Where a pool with these options (NULL: the default) would run on that machine: the number of threads, and for each
 * node of the topology how many of them run there, in threads_of_node[0 .. node_count). *placed is 0 where threads are
 * left to the system; then all are counted on the first node. *why is a static sentence that says so. Any of the three
 * out-parameters may be NULL. The number, or -EINVAL with *why for options that are not valid here: too many threads,
 * a node that does not exist or has no usable CPU, an unknown mode. Pure: starts nothing. */
FODDER_API int fodder_pool_layout(const fodder_topology *topology, const fodder_pool_options *options,
                                  uint32_t *threads_of_node, int *placed, const char **why);

/* Threads that wait for work. Any number of threads may use a pool at once. After a fork() the child's pool has its
 * threads again as soon as it is used. */
typedef struct fodder_pool fodder_pool;

/* Starts the threads; end them with fodder_pool_free(). options may be NULL. 0, -ENOMEM, -EAGAIN where a thread cannot
 * be started, or -EINVAL (fodder_pool_layout() says why). */
FODDER_API int fodder_pool_new(fodder_pool **pool, const fodder_pool_options *options);

/* Ends the threads and frees the buffers that are kept, once no call uses the pool. Its buffers that are still in use
 * stay valid, each until it is freed. NULL is fine. */
FODDER_API void fodder_pool_free(fodder_pool *pool);

/* How many threads fill at once. */
FODDER_API unsigned fodder_pool_threads(const fodder_pool *pool);

/*
 * fodder_fill() by all of the pool's threads; returns when all is written. The same bytes. What is too little to be
 * shared is filled by the calling thread. On more than one node each node's threads fill a part of their own, the same
 * one every time: that of a fodder_buffer lies on their node.
 */
FODDER_API void fodder_pool_fill(fodder_pool *pool, const fodder_plan *plan, uint64_t offset, void *dst, size_t len);

/* fodder_verify() by all of the pool's threads: the same runs, in order, on the calling thread. Threads compare; what
 * turns out wrong is judged by the calling thread alone. Also -ENOMEM. */
FODDER_API int fodder_pool_verify(fodder_pool *pool, const fodder_plan *plan, uint64_t offset, const void *src,
                                  size_t len, const fodder_verify_options *options, fodder_report *report);
/* The same for fodder_verifier_add(). */
FODDER_API int fodder_pool_verifier_add(fodder_pool *pool, fodder_verifier *verifier, const void *src, size_t len);

/* Ends the default pool, if there is one; the next use makes it anew. For leak checkers, and before dlclose(). No other
 * thread may use the default pool meanwhile. */
FODDER_API void fodder_shutdown(void);

/* ---- Buffer: memory placed for a pool ---------------------------------------------------------------------------- */

/* Memory that a pool fills. */
typedef struct fodder_buffer fodder_buffer;

/* Memory of `len` bytes, 0 included, on huge pages where they can be had, each part on the node whose threads fill it.
 * It starts on 4096 bytes, on 2 MiB where it has so many: fit for O_DIRECT and io_uring. What it holds is undefined,
 * and may be what a freed buffer held. Free it with fodder_buffer_free(). 0 or -ENOMEM. */
FODDER_API int fodder_buffer_new(fodder_buffer **buffer, fodder_pool *pool, size_t len);

/* Gives the memory back; the pool keeps it for the next buffer up to its limit. NULL is fine. */
FODDER_API void fodder_buffer_free(fodder_buffer *buffer);

/* Its memory. */
FODDER_API void *fodder_buffer_data(const fodder_buffer *buffer);
/* The length that was asked for. */
FODDER_API size_t fodder_buffer_len(const fodder_buffer *buffer);

/* The spec of what fodder_generate() put there, its seed included; the default spec in a buffer of fodder_buffer_new().
 */
FODDER_API fodder_spec fodder_buffer_spec(const fodder_buffer *buffer);

/* How the parts of a buffer came to their nodes. */
enum fodder_placed {
    FODDER_PLACED_BY_SYSTEM = 0, /* one node, or not asked for */
    FODDER_PLACED_BOUND,         /* the system has been told the node of each part */
    FODDER_PLACED_FIRST_TOUCH /* it refused to be told: each page lies where the pinned thread that filled it first ran
                               */
};

/* What was done for a buffer. */
typedef struct fodder_memory {
    uint64_t page; /* bytes of the pages asked for: that of explicit or transparent huge pages, or of small ones */
    uint32_t explicit_pages; /* 1 where they are explicit */
    uint32_t placed;         /* enum fodder_placed */
    uint32_t parts;          /* one for each node that has threads; 1 where nothing is placed */
    uint32_t reused;         /* 1 where it is a freed buffer's memory */
} fodder_memory;

/* Tells it. */
FODDER_API fodder_memory fodder_buffer_memory(const fodder_buffer *buffer);

/* Part number `index` of a buffer: where it begins and ends, and the id of its node; -EINVAL past the last. */
FODDER_API int fodder_buffer_part(const fodder_buffer *buffer, uint32_t index, size_t *begin, size_t *end,
                                  uint32_t *node);

/* In one call: `size` bytes with these ratios (1 to 1,000,000 and 1 to 32) of a fresh seed, which the system draws and
 * fodder_buffer_spec() tells, in a buffer of the default pool. 0, -ENOMEM, FODDER_ERR_SPEC, or a negative errno value
 * where the system has no random bytes. */
FODDER_API int fodder_generate(fodder_buffer **buffer, size_t size, double dedup, double compress);

/* ---- Stream: a cursor over [0, size) of a plan ------------------------------------------------------------------- */

/* Owns no data: a stream of any size takes some 100 bytes. One thread at a time. */
typedef struct fodder_stream fodder_stream;

/* plan and pool are borrowed and must outlive it. 0, -ENOMEM, or FODDER_ERR_RANGE where size passes
 * fodder_plan_limit(). */
FODDER_API int fodder_stream_new(fodder_stream **stream, const fodder_plan *plan, fodder_pool *pool, uint64_t size);
/* NULL is fine. */
FODDER_API void fodder_stream_free(fodder_stream *stream);

/* Writes the next bytes to dst, `len` of them or as many as are left, and moves on. How many; 0 at the end. Any
 * chunking gives the same bytes. */
FODDER_API int64_t fodder_stream_read(fodder_stream *stream, void *dst, size_t len);

/* Moves to a byte of the stream, its end included. 0, or FODDER_ERR_RANGE past it. */
FODDER_API int fodder_stream_seek(fodder_stream *stream, uint64_t offset);
/* Moves to its beginning. */
FODDER_API void fodder_stream_rewind(fodder_stream *stream);
/* Where it is: the bytes before the next one. */
FODDER_API uint64_t fodder_stream_tell(const fodder_stream *stream);
/* The size that it was made with. */
FODDER_API uint64_t fodder_stream_size(const fodder_stream *stream);
/* 1 at the end, else 0. */
FODDER_API int fodder_stream_done(const fodder_stream *stream);

#ifdef __cplusplus
}
#endif

#endif
