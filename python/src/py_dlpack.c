/* Memory lent to and by tensors. Layouts and capsule names: DLPack 1.0, https://dmlc.github.io/dlpack/latest/ */
#include "py_core.h"

#include <string.h>

enum { DEVICE_CPU = 1, DEVICE_CUDA_HOST = 3, CODE_UINT = 1, FLAG_READ_ONLY = 1 };

struct tensor {
    void *data;
    int32_t device_type, device_id;
    int32_t dimensions;
    uint8_t code, bits;
    uint16_t lanes;
    int64_t *shape, *strides; /* strides are in elements; NULL where the tensor is contiguous */
    uint64_t byte_offset;
};

struct managed {
    struct tensor tensor;
    void *owner;
    void (*free)(struct managed *self);
};

struct versioned {
    uint32_t major, minor;
    void *owner;
    void (*free)(struct versioned *self);
    uint64_t flags;
    struct tensor tensor;
};

/* An exported tensor, in both forms. */
struct export
{
    union {
        struct managed managed;
        struct versioned versioned;
    };
    int64_t shape[1], strides[1];
    PyObject *owner;
};

/* The one who holds the tensor may end it on any thread. */
static void export_free(struct export *export)
{
    const PyGILState_STATE state = PyGILState_Ensure();

    Py_DECREF(export->owner);
    PyGILState_Release(state);
    free(export);
}

static void free_managed(struct managed *self)
{
    export_free((struct export *)self);
}

static void free_versioned(struct versioned *self)
{
    export_free((struct export *)self);
}

/* A capsule that somebody has taken has another name. */
static void capsule_free(PyObject *capsule)
{
    if (PyCapsule_IsValid(capsule, "dltensor"))
        export_free(PyCapsule_GetPointer(capsule, "dltensor"));
    else if (PyCapsule_IsValid(capsule, "dltensor_versioned"))
        export_free(PyCapsule_GetPointer(capsule, "dltensor_versioned"));
}

PyObject *dlpack_export(PyObject *owner, void *data, size_t size, bool versioned)
{
    struct export *const export = calloc(1, sizeof *export);
    PyObject *capsule;
    struct tensor tensor = {
        .data = data, .device_type = DEVICE_CPU, .dimensions = 1, .code = CODE_UINT, .bits = 8, .lanes = 1
    };

    if (!export)
        return PyErr_NoMemory();
    export->shape[0] = (int64_t)size;
    export->strides[0] = 1;
    tensor.shape = export->shape;
    tensor.strides = export->strides;
    if (versioned)
        export->versioned = (struct versioned) { .major = 1, .free = free_versioned, .tensor = tensor };
    else
        export->managed = (struct managed) { .tensor = tensor, .free = free_managed };
    capsule = PyCapsule_New(export, versioned ? "dltensor_versioned" : "dltensor", capsule_free);
    if (!capsule) {
        free(export);
        return NULL;
    }
    Py_INCREF(owner);
    export->owner = owner;
    return capsule;
}

static bool is_contiguous(const struct tensor *tensor)
{
    int64_t stride = 1;

    for (int32_t i = tensor->dimensions; tensor->strides && i-- > 0; stride *= tensor->shape[i])
        if (tensor->shape[i] != 1 && tensor->strides[i] != stride)
            return false;
    return true;
}

static int reject(const char *why)
{
    PyErr_SetString(PyExc_ValueError, why);
    return -1;
}

/* The capsule keeps the tensor: it is not taken over, and ends with the capsule. */
int dlpack_import(PyObject *capsule, bool writable, void **data, size_t *size)
{
    const struct versioned *const versioned =
        PyCapsule_IsValid(capsule, "dltensor_versioned") ? PyCapsule_GetPointer(capsule, "dltensor_versioned") : NULL;
    const struct managed *const managed =
        PyCapsule_IsValid(capsule, "dltensor") ? PyCapsule_GetPointer(capsule, "dltensor") : NULL;
    const struct tensor *tensor;
    size_t bytes;

    if (versioned && versioned->major != 1)
        return reject("buffer: this version of DLPack is not known");
    if (!versioned && !managed)
        return reject("buffer: __dlpack__() gave no capsule of DLPack");
    tensor = versioned ? &versioned->tensor : &managed->tensor;
    if (writable && versioned && versioned->flags & FLAG_READ_ONLY)
        return reject("buffer is read-only: give one that can be written to");
    if (tensor->device_type != DEVICE_CPU && tensor->device_type != DEVICE_CUDA_HOST)
        return reject("buffer does not lie in the CPU's memory: fill a tensor there, and copy it");
    if (!is_contiguous(tensor))
        return reject("buffer is not contiguous: give one whose bytes lie together");
    bytes = ((size_t)tensor->bits * tensor->lanes + 7) / 8;
    for (int32_t i = 0; i < tensor->dimensions; i++)
        bytes *= (size_t)tensor->shape[i];
    *data = (char *)tensor->data + tensor->byte_offset;
    *size = bytes;
    return 0;
}
