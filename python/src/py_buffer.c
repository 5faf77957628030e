/* Buffer: memory of the library, placed for the threads that fill it. */
#include "py_core.h"

#include <string.h>

struct buffer {
    PyObject_HEAD
    fodder_buffer *buffer;
    PyObject *pool, *spec;
};

static void *data_of(PyObject *self)
{
    return fodder_buffer_data(((struct buffer *)self)->buffer);
}

static size_t size_of(PyObject *self)
{
    return fodder_buffer_len(((struct buffer *)self)->buffer);
}

PyObject *buffer_new(struct core *core, PyObject *pool, PyObject *spec, size_t size, void **memory)
{
    struct buffer *self;
    fodder_buffer *buffer;
    int r;

    Py_BEGIN_ALLOW_THREADS
    r = fodder_buffer_new(&buffer, pool_inside(pool), size);
    Py_END_ALLOW_THREADS
    if (r < 0)
        return core_raise(r, NULL);
    self = PyObject_New(struct buffer, core->buffer_type);
    if (!self) {
        fodder_buffer_free(buffer);
        return NULL;
    }
    Py_INCREF(pool);
    Py_INCREF(spec);
    self->buffer = buffer;
    self->pool = pool;
    self->spec = spec;
    *memory = fodder_buffer_data(buffer);
    return (PyObject *)self;
}

/* A view holds a reference, so that the last one's end leads here. */
static void buffer_free(PyObject *object)
{
    struct buffer *const self = (struct buffer *)object;
    PyTypeObject *const type = Py_TYPE(object);

    fodder_buffer_free(self->buffer);
    Py_DECREF(self->spec);
    Py_DECREF(self->pool);
    PyObject_Free(object);
    Py_DECREF(type);
}

static int get_buffer(PyObject *self, Py_buffer *view, int flags)
{
    return PyBuffer_FillInfo(view, self, data_of(self), (Py_ssize_t)size_of(self), 0, flags);
}

static Py_ssize_t length(PyObject *self)
{
    return (Py_ssize_t)size_of(self);
}

static PyObject *item(PyObject *self, PyObject *key)
{
    PyObject *const view = PyMemoryView_FromObject(self);
    PyObject *const result = view ? PyObject_GetItem(view, key) : NULL;

    Py_XDECREF(view);
    return result;
}

static PyObject *iterate(PyObject *self)
{
    PyObject *const view = PyMemoryView_FromObject(self);
    PyObject *const iterator = view ? PyObject_GetIter(view) : NULL;

    Py_XDECREF(view);
    return iterator;
}

static int set_item(PyObject *self, PyObject *key, PyObject *value)
{
    PyObject *view;
    int r;

    if (!value) {
        PyErr_SetString(PyExc_TypeError, "a Buffer's bytes cannot be deleted");
        return -1;
    }
    view = PyMemoryView_FromObject(self);
    r = view ? PyObject_SetItem(view, key, value) : -1;
    Py_XDECREF(view);
    return r;
}

static PyObject *compare(PyObject *self, PyObject *other, int operation)
{
    struct memory memory;
    bool equal;

    if ((operation != Py_EQ && operation != Py_NE) || !PyObject_CheckBuffer(other))
        Py_RETURN_NOTIMPLEMENTED;
    if (memory_borrow(&memory, other, false) < 0)
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    equal = memory.size == size_of(self) && memcmp(memory.data, data_of(self), memory.size) == 0;
    Py_END_ALLOW_THREADS
    memory_release(&memory);
    return PyBool_FromLong(equal == (operation == Py_EQ));
}

static PyObject *repr(PyObject *self)
{
    return PyUnicode_FromFormat("<fodder.Buffer of %zu bytes, %S>", size_of(self), ((struct buffer *)self)->spec);
}

static PyObject *get_spec(PyObject *self, void *closure)
{
    PyObject *const spec = ((struct buffer *)self)->spec;
    (void)closure;

    Py_INCREF(spec);
    return spec;
}

static PyObject *get_nbytes(PyObject *self, void *closure)
{
    (void)closure;
    return PyLong_FromSize_t(size_of(self));
}

static PyObject *get_memory(PyObject *self, void *closure)
{
    static const char *const placed[] = { "by the system", "bound", "by first touch" };
    const fodder_memory memory = fodder_buffer_memory(((struct buffer *)self)->buffer);
    (void)closure;

    return Py_BuildValue("{s:K,s:O,s:s,s:I,s:O}", "page", (unsigned long long)memory.page, "explicit_pages",
                         memory.explicit_pages ? Py_True : Py_False, "placed", placed[memory.placed], "parts",
                         (unsigned)memory.parts, "reused", memory.reused ? Py_True : Py_False);
}

static PyObject *numpy(PyObject *self, PyObject *none)
{
    PyObject *const module = PyImport_ImportModule("numpy");
    PyObject *const array = module ? PyObject_CallMethod(module, "frombuffer", "Os", self, "uint8") : NULL;
    (void)none;

    Py_XDECREF(module);
    return array;
}

static PyObject *to_bytes(PyObject *self, PyObject *none)
{
    (void)none;
    return PyBytes_FromStringAndSize(data_of(self), (Py_ssize_t)size_of(self));
}

static PyObject *to_memoryview(PyObject *self, PyObject *none)
{
    (void)none;
    return PyMemoryView_FromObject(self);
}

/* Whether the caller knows the form of the protocol that has a version: max_version=(1, 0) or later. */
static int knows_versions(PyObject *max_version)
{
    PyObject *const major = max_version && max_version != Py_None ? PySequence_GetItem(max_version, 0) : NULL;
    const long number = major ? PyLong_AsLong(major) : 0;

    Py_XDECREF(major);
    return PyErr_Occurred() ? -1 : number >= 1;
}

static PyObject *dlpack(PyObject *self, PyObject *positional, PyObject *named)
{
    static const char *const names[] = { "stream", "max_version", "dl_device", "copy", NULL };
    PyObject *stream = Py_None, *max_version = Py_None, *device = Py_None, *copy = Py_None;
    int versioned;

    if (!PyArg_ParseTupleAndKeywords(positional, named, "|$OOOO:__dlpack__", (char **)names, &stream, &max_version,
                                     &device, &copy))
        return NULL;
    if (stream != Py_None || copy == Py_True) {
        PyErr_SetString(PyExc_BufferError, "a Buffer lies in the CPU's memory, and is exported without a copy");
        return NULL;
    }
    versioned = knows_versions(max_version);
    return versioned < 0 ? NULL : dlpack_export(self, data_of(self), size_of(self), versioned);
}

static PyObject *dlpack_device(PyObject *self, PyObject *none)
{
    (void)self;
    (void)none;
    return Py_BuildValue("ii", 1, 0); /* kDLCPU */
}

static PyMethodDef buffer_methods[] = {
    { "numpy", numpy, METH_NOARGS,
      "numpy($self, /)\n--\n\nThe bytes as a writable numpy.ndarray of uint8, one dimension, not copied." },
    { "memoryview", to_memoryview, METH_NOARGS,
      "memoryview($self, /)\n--\n\nmemoryview(self): the bytes, writable, not copied." },
    { "to_bytes", to_bytes, METH_NOARGS, "to_bytes($self, /)\n--\n\nbytes(self): a copy." },
    { "__dlpack__", (PyCFunction)(void (*)(void))dlpack, METH_VARARGS | METH_KEYWORDS,
      "__dlpack__($self, /, *, stream=None, max_version=None, dl_device=None, copy=None)\n--\n\n"
      "The bytes as a DLPack capsule, for from_dlpack() of torch, numpy, jax and others; not copied." },
    { "__dlpack_device__", dlpack_device, METH_NOARGS, "__dlpack_device__($self, /)\n--\n\n(1, 0): the CPU." },
    { NULL, NULL, 0, NULL },
};

static PyGetSetDef buffer_fields[] = {
    { "spec", get_spec, NULL, "The Spec of the bytes, its seed included, as they were made.", NULL },
    { "nbytes", get_nbytes, NULL, "How many bytes, as len() tells.", NULL },
    { "memory", get_memory, NULL,
      "What was done for the memory: page (bytes), explicit_pages, placed, parts (one for each node), reused.", NULL },
    { NULL, NULL, NULL, NULL, NULL },
};

static PyType_Slot buffer_slots[] = {
    { Py_tp_doc,
      (void *)"Bytes that generate() made: writable, contiguous, from 4096-byte boundaries on.\n\n"
              "Works wherever a bytearray does: memoryview(), numpy.frombuffer(), file.write(), socket.send(). Its "
              "memory goes "
              "back to the library when the Buffer and the last view of it are gone, and serves the next one." },
    { Py_tp_dealloc, buffer_free },
    { Py_bf_getbuffer, get_buffer },
    { Py_mp_length, length },
    { Py_mp_subscript, item },
    { Py_mp_ass_subscript, set_item },
    { Py_tp_richcompare, compare },
    { Py_tp_hash, PyObject_HashNotImplemented },
    { Py_tp_repr, repr },
    { Py_tp_iter, iterate },
    { Py_tp_methods, buffer_methods },
    { Py_tp_getset, buffer_fields },
    { 0, NULL },
};

PyType_Spec buffer_type_spec = {
    .name = "fodder.Buffer",
    .basicsize = sizeof(struct buffer),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = buffer_slots,
};
