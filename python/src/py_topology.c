/* The machine, as the library sees it. */
#include "py_core.h"

static PyObject *total_cpus(PyObject *module, PyObject *none)
{
    (void)module;
    (void)none;
    return PyLong_FromUnsignedLong(fodder_total_cpus());
}

static PyObject *default_threads(PyObject *module, PyObject *none)
{
    (void)module;
    (void)none;
    return PyLong_FromUnsignedLong(fodder_default_threads());
}

/* Puts a new item at the end of a list; takes both references. */
static PyObject *append(PyObject *list, PyObject *item)
{
    if (list && (!item || PyList_Append(list, item) < 0))
        Py_CLEAR(list);
    Py_XDECREF(item);
    return list;
}

static PyObject *cpu_list(const fodder_topology *topology)
{
    PyObject *list = PyList_New(0);

    for (size_t i = 0; list && i < topology->cpu_count; i++) {
        const fodder_cpu *const cpu = &topology->cpus[i];

        list = append(list, Py_BuildValue("IIIIO", cpu->id, topology->nodes[cpu->node].id, cpu->core, cpu->cache,
                                          cpu->usable ? Py_True : Py_False));
    }
    return list;
}

static PyObject *distance_tuple(const fodder_topology *topology, size_t node)
{
    PyObject *list = PyList_New(0), *tuple;

    for (size_t i = 0; list && i < topology->node_count; i++)
        list = append(list, PyLong_FromLong(topology->distances[node * topology->node_count + i]));
    tuple = list ? PyList_AsTuple(list) : NULL;
    Py_XDECREF(list);
    return tuple;
}

static PyObject *node_list(const fodder_topology *topology)
{
    PyObject *list = PyList_New(0);

    for (size_t i = 0; list && i < topology->node_count; i++) {
        const fodder_node *const node = &topology->nodes[i];

        list = append(list,
                      Py_BuildValue("IIIOKN", node->id, node->cpus, node->usable, node->bindable ? Py_True : Py_False,
                                    (unsigned long long)node->memory, distance_tuple(topology, i)));
    }
    return list;
}

static PyObject *describe(const fodder_topology *topology)
{
    return Py_BuildValue("{s:N,s:N,s:I,s:I,s:I,s:d,s:(KKK),s:K,s:K,s:K,s:K}", "cpus", cpu_list(topology), "nodes",
                         node_list(topology), "usable", topology->usable, "total", topology->total, "threads",
                         topology->threads, "quota", topology->quota, "caches", (unsigned long long)topology->cache[0],
                         (unsigned long long)topology->cache[1], (unsigned long long)topology->cache[2], "memory",
                         (unsigned long long)topology->memory, "page", (unsigned long long)topology->page, "huge_page",
                         (unsigned long long)topology->huge_page, "huge_pages_free",
                         (unsigned long long)topology->huge_page_free);
}

static PyObject *topology(PyObject *module, PyObject *positional)
{
    PyObject *root = Py_None, *path = NULL, *result;
    fodder_topology *t;
    int r;
    (void)module;

    if (!PyArg_ParseTuple(positional, "|O", &root) || (root != Py_None && !PyUnicode_FSConverter(root, &path)))
        return NULL;
    r = fodder_topology_new(&t, path ? PyBytes_AsString(path) : NULL);
    Py_XDECREF(path);
    if (r < 0)
        return core_raise(r, NULL);
    result = describe(t);
    fodder_topology_free(t);
    return result;
}

/* [(name, whether this CPU runs it)], the fastest first. */
static PyObject *kernels(PyObject *module, PyObject *none)
{
    PyObject *list = PyList_New(0);
    (void)module;
    (void)none;

    for (size_t i = 0; list && fodder_kernel_name(i); i++)
        list = append(list, Py_BuildValue("sO", fodder_kernel_name(i),
                                          fodder_kernel_check(fodder_kernel_name(i)) == 0 ? Py_True : Py_False));
    return list;
}

PyMethodDef topology_methods[] = {
    { "total_cpus", total_cpus, METH_NOARGS,
      "total_cpus()\n--\n\nThe CPUs that this process may use: its affinity, its control groups' sets and quotas taken "
      "together; at least 1." },
    { "default_threads", default_threads, METH_NOARGS,
      "default_threads()\n--\n\nThe threads of threads=None: half of total_cpus(), at least 1. The other half does the "
      "I/O." },
    { "topology", topology, METH_VARARGS, "A dictionary, for fodder.topology()." },
    { "kernels", kernels, METH_NOARGS, "Pairs of name and whether it runs here, for fodder.info()." },
    { NULL, NULL, 0, NULL },
};
