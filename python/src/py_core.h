/*
 * fodder._core: libfodder for Python. What its files know of each other.
 *
 * Only the stable ABI of Python 3.11 is used, so that one build serves every later version; free-threaded Python gets
 * a build of its own. Functions that return PyObject * or int give NULL or -1 with an exception set.
 */
#ifndef FODDER_PYTHON_CORE_H
#define FODDER_PYTHON_CORE_H

#include <Python.h>
#include <errno.h>
#include <fodder/fodder.h>
#include <stdbool.h>
#include <stdlib.h>

#include "py_request.h"

struct core {
    PyTypeObject *spec_type, *buffer_type, *pool_type;
    PyObject *pools;                      /* {(threads, numa, node): pool}, those used lately */
    PyObject *keywords[REQUEST_KEYWORDS]; /* their names, interned */
};

/* Of the module itself, and of one of its heap types. */
struct core *core_of(PyObject *module);
struct core *core_of_type(PyTypeObject *type);

/* Raises what fits an error code of the library: MemoryError, OSError or ValueError, with `why` or else the code's
 * words. */
PyObject *core_raise(int error, const char *why);

/* ---- py_spec.c --- */

/* A new Spec; ValueError where the fields do not fit together. */
PyObject *spec_new(struct core *core, const fodder_spec *spec);
/* The Spec that a value is or, being text, describes: a new reference. */
PyObject *spec_from(struct core *core, PyObject *value);
/* Lives as long as the Spec. */
const fodder_plan *spec_plan(PyObject *spec);
/* The `size` bytes from `offset` on lie in the data set, or else ValueError. */
int spec_check_range(PyObject *spec, uint64_t offset, uint64_t size);

/* ---- py_pool.c --- */

/* The threads that a request asks for: a new reference to a Pool. */
PyObject *pool_for(struct core *core, const struct request *request);
/* NULL is the library's default pool. Lives as long as the Pool. */
fodder_pool *pool_inside(PyObject *pool);

/* ---- py_buffer.c --- */

/* A new Buffer of a pool, for the data of a Spec; its memory in *memory. */
PyObject *buffer_new(struct core *core, PyObject *pool, PyObject *spec, size_t size, void **memory);

/* ---- py_dlpack.c --- */

/* Buffer.__dlpack__(): the bytes of `owner` as a capsule of the protocol's old or, if `versioned`, new form. */
PyObject *dlpack_export(PyObject *owner, void *data, size_t size, bool versioned);
/* The memory of a contiguous tensor on the CPU that a capsule holds. */
int dlpack_import(PyObject *capsule, bool writable, void **data, size_t *size);

/* ---- py_memory.c --- */

/* A caller's memory, borrowed until memory_release(). */
struct memory {
    void *data;
    size_t size;
    Py_buffer view;
    PyObject *capsule;
};

/* Of a buffer or of what has __dlpack__(). TypeError, or ValueError where it is read-only and should not be, or not
 * contiguous. */
int memory_borrow(struct memory *memory, PyObject *object, bool writable);
void memory_release(struct memory *memory);

/* ---- py_fill.c, py_verify.c, py_topology.c --- */

/* The functions of the module. */
extern PyMethodDef fill_methods[], verify_methods[], topology_methods[];
extern PyType_Spec spec_type_spec, buffer_type_spec, pool_type_spec;

/* Work of this many bytes is done with Python's lock held: giving it up and taking it again would cost as much. */
#define CORE_SMALL (32 << 10)
/* Between slices of this size Ctrl-C is looked for: 10 to 50 ms. */
#define CORE_SLICE ((size_t)256 << 20)

#endif
