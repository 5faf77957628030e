/* fodder._core: the module itself. */
#include "py_core.h"

struct core *core_of(PyObject *module)
{
    return PyModule_GetState(module);
}

struct core *core_of_type(PyTypeObject *type)
{
    return PyType_GetModuleState(type);
}

PyObject *core_raise(int error, const char *why)
{
    if (error == -ENOMEM)
        return PyErr_NoMemory();
    if (error <= FODDER_ERR_SPEC || error == -EINVAL) {
        PyErr_SetString(PyExc_ValueError, why ? why : fodder_strerror(error));
        return NULL;
    }
    errno = -error;
    return PyErr_SetFromErrno(PyExc_OSError);
}

/* A type of the module; `public` puts it among the module's names. */
static PyTypeObject *add_type(PyObject *module, PyType_Spec *spec, bool public)
{
    PyTypeObject *const type = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, NULL);

    if (type && public && PyModule_AddType(module, type) < 0) {
        Py_DECREF(type);
        return NULL;
    }
    return type;
}

static int core_exec(PyObject *module)
{
    struct core *const core = core_of(module);

    core->pools = PyDict_New();
    core->spec_type = add_type(module, &spec_type_spec, true);
    core->buffer_type = add_type(module, &buffer_type_spec, true);
    core->pool_type = add_type(module, &pool_type_spec, false);
    if (!core->pools || !core->spec_type || !core->buffer_type || !core->pool_type || request_intern(core) < 0)
        return -1;
    if (PyModule_AddFunctions(module, fill_methods) < 0 || PyModule_AddFunctions(module, verify_methods) < 0 ||
        PyModule_AddFunctions(module, topology_methods) < 0)
        return -1;
    if (PyModule_AddIntConstant(module, "FORMAT", FODDER_FORMAT) < 0)
        return -1;
    return PyModule_AddStringConstant(module, "__version__", fodder_version());
}

static int core_traverse(PyObject *module, visitproc visit, void *arg)
{
    struct core *const core = core_of(module);

    Py_VISIT(core->spec_type);
    Py_VISIT(core->buffer_type);
    Py_VISIT(core->pool_type);
    Py_VISIT(core->pools);
    return 0;
}

static int core_clear(PyObject *module)
{
    struct core *const core = core_of(module);

    Py_CLEAR(core->spec_type);
    Py_CLEAR(core->buffer_type);
    Py_CLEAR(core->pool_type);
    Py_CLEAR(core->pools);
    for (int i = 0; i < REQUEST_KEYWORDS; i++)
        Py_CLEAR(core->keywords[i]);
    return 0;
}

static void core_free(void *module)
{
    core_clear(module);
}

static PyModuleDef_Slot core_slots[] = {
    { Py_mod_exec, core_exec },
#ifdef Py_GIL_DISABLED
    { Py_mod_gil, Py_MOD_GIL_NOT_USED },
#endif
    { 0, NULL },
};

static PyModuleDef core_module = {
    PyModuleDef_HEAD_INIT,         .m_name = "fodder._core", .m_doc = "libfodder for Python; use the package fodder.",
    .m_size = sizeof(struct core), .m_slots = core_slots,    .m_traverse = core_traverse,
    .m_clear = core_clear,         .m_free = core_free,
};

PyMODINIT_FUNC PyInit__core(void)
{
    return PyModuleDef_Init(&core_module);
}
