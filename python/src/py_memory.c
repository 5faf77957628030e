#include "py_core.h"

static int reject(PyObject *object, bool writable)
{
    Py_buffer view;

    PyErr_Clear();
    if (writable && PyObject_GetBuffer(object, &view, PyBUF_FULL_RO) == 0) {
        const bool read_only = view.readonly;

        PyBuffer_Release(&view);
        if (read_only) {
            PyErr_SetString(PyExc_ValueError,
                            "buffer is read-only: give one that can be written to, such as a bytearray");
            return -1;
        }
    }
    PyErr_Clear();
    PyErr_SetString(PyExc_ValueError, "buffer is not contiguous: give one whose bytes lie together");
    return -1;
}

static int borrow_tensor(struct memory *memory, PyObject *object, bool writable)
{
    memory->capsule = PyObject_CallMethod(object, "__dlpack__", NULL);
    if (!memory->capsule)
        return -1;
    if (dlpack_import(memory->capsule, writable, &memory->data, &memory->size) == 0)
        return 0;
    memory_release(memory);
    return -1;
}

int memory_borrow(struct memory *memory, PyObject *object, bool writable)
{
    *memory = (struct memory) { 0 };
    if (PyObject_CheckBuffer(object)) {
        if (PyObject_GetBuffer(object, &memory->view, writable ? PyBUF_WRITABLE : PyBUF_SIMPLE) < 0)
            return reject(object, writable);
        memory->data = memory->view.buf;
        memory->size = (size_t)memory->view.len;
        return 0;
    }
    if (PyObject_HasAttrString(object, "__dlpack__"))
        return borrow_tensor(memory, object, writable);
    PyErr_Format(PyExc_TypeError, "buffer is a %sbytes-like object, such as a bytearray or a NumPy array, not %R",
                 writable ? "writable " : "", (PyObject *)Py_TYPE(object));
    return -1;
}

void memory_release(struct memory *memory)
{
    if (memory->capsule)
        Py_CLEAR(memory->capsule);
    else
        PyBuffer_Release(&memory->view);
}
