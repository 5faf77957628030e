/* What the keywords of generate(), fill(), verify() and Spec() ask for. */
#ifndef FODDER_PYTHON_REQUEST_H
#define FODDER_PYTHON_REQUEST_H

#include <Python.h>
#include <fodder/fodder.h>
#include <stdbool.h>

struct core;

enum { REQUEST_KEYWORDS = 14 };

/* Which keywords a function takes. */
enum request_group {
    REQUEST_FIELDS = 1, /* dedup, compress, seed, series, generation, unit, window, codec */
    REQUEST_SPEC = 2,   /* spec */
    REQUEST_POOL = 4,   /* threads, numa */
    REQUEST_OFFSET = 8,
    REQUEST_FOREIGN = 16,
    REQUEST_MOST = 32,
    REQUEST_RATIOS = 64 /* not keywords: dedup and compress may stand without their names */
};

struct request {
    fodder_spec fields;
    bool has_fields, has_seed;
    bool fresh_seed; /* seed=None was said */
    PyObject *spec;  /* a Spec that was given in their place; owned */
    fodder_pool_options pool;
    uint64_t offset;
    uint64_t most;     /* bytes, of a buffer that may be larger */
    PyObject *foreign; /* borrowed; NULL where none is given */
};

/* Writes the names into core->keywords. */
int request_intern(struct core *core);

/* Empty; request_clear() ends it. */
struct request request_empty(void);
void request_clear(struct request *request);

/* One keyword. TypeError where it is not one of `groups`, and the errors of its value. */
int request_take(struct core *core, struct request *request, unsigned groups, PyObject *name, PyObject *value);

/* The arguments of a fast call: the first, called `first_name`, which may stand without its name and is borrowed in
 * *first; dedup and compress in that order where REQUEST_RATIOS allows it; keywords. */
int request_take_call(struct core *core, struct request *request, unsigned groups, const char *first_name,
                      PyObject **first, PyObject *const *arguments, Py_ssize_t count, PyObject *names);

/* The Spec asked for, a new reference. Where no seed is given: a fresh one, or TypeError where `known` asks for the one
 * that data were made with. */
PyObject *request_spec(struct core *core, struct request *request, bool known);

/* Gives the fields a seed that nobody has had. */
int request_draw_seed(struct request *request);

/* An integer, or a text such as "64KiB", as bytes. `name` is the argument's. */
int request_size(uint64_t *bytes, const char *name, PyObject *value);

#endif
