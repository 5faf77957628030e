/* Pool: a fodder_pool with an owner. Inside the module only; callers say threads= and numa=. */
#include "py_core.h"

struct pool {
    PyObject_HEAD
    fodder_pool *pool;
};

/* Pools that are kept for the next call that asks for the same. Threads that sleep cost little, but a sweep over thread
 * counts should not leave thousands of them behind. */
enum { POOLS_KEPT = 8 };

fodder_pool *pool_inside(PyObject *pool)
{
    return ((struct pool *)pool)->pool;
}

static PyObject *pool_make(struct core *core, const fodder_pool_options *options)
{
    const bool is_default = options->threads == 0 && options->numa == FODDER_NUMA_AUTO;
    const char *why = NULL;
    fodder_topology *topology;
    struct pool *self;
    int r = 0;

    self = PyObject_New(struct pool, core->pool_type);
    if (!self)
        return NULL;
    self->pool = NULL;
    if (!is_default)
        r = fodder_topology_new(&topology, NULL);
    if (!is_default && r == 0) {
        r = fodder_pool_layout(topology, options, NULL, NULL, &why);
        fodder_topology_free(topology);
        if (r >= 0)
            r = fodder_pool_new(&self->pool, options);
    }
    if (r >= 0)
        return (PyObject *)self;
    Py_DECREF(self);
    return core_raise(r, r == -EINVAL ? why : NULL);
}

/* Another thread may keep the same pool meanwhile; then there are two for a while, which is fine. */
static void keep(struct core *core, PyObject *key, PyObject *pool)
{
    if (PyDict_Size(core->pools) >= POOLS_KEPT)
        PyDict_Clear(core->pools);
    if (PyObject_SetItem(core->pools, key, pool) < 0)
        PyErr_Clear(); /* it serves this call all the same */
}

PyObject *pool_for(struct core *core, const struct request *request)
{
    const fodder_pool_options *const options = &request->pool;
    PyObject *const key =
        PyLong_FromUnsignedLongLong((unsigned long long)options->node << 32 | options->numa << 16 | options->threads);
    PyObject *pool;

    if (!key)
        return NULL;
    pool = PyObject_GetItem(core->pools, key);
    if (!pool && PyErr_ExceptionMatches(PyExc_KeyError)) {
        PyErr_Clear();
        pool = pool_make(core, options);
        if (pool)
            keep(core, key, pool);
    }
    Py_DECREF(key);
    return pool;
}

static void pool_free(PyObject *self)
{
    PyTypeObject *const type = Py_TYPE(self);

    fodder_pool_free(((struct pool *)self)->pool);
    PyObject_Free(self);
    Py_DECREF(type);
}

static PyType_Slot pool_slots[] = { { Py_tp_dealloc, pool_free }, { 0, NULL } };

PyType_Spec pool_type_spec = {
    .name = "fodder._core.Pool",
    .basicsize = sizeof(struct pool),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = pool_slots,
};
