/* generate(), fill() and read(): the bytes of a spec in memory. */
#include "py_core.h"

/* Fills slice by slice. Where a signal raises, what was filled stays. */
static int fill_slices(PyObject *pool, const fodder_plan *plan, uint64_t offset, uint8_t *data, size_t size)
{
    for (size_t done = 0; done < size;) {
        const size_t part = size - done < CORE_SLICE ? size - done : CORE_SLICE;

        Py_BEGIN_ALLOW_THREADS
        fodder_pool_fill(pool_inside(pool), plan, offset + done, data + done, part);
        Py_END_ALLOW_THREADS
        done += part;
        if (PyErr_CheckSignals() < 0)
            return -1;
    }
    return 0;
}

/* A little is filled here and now; it takes no pool, unless one has to judge a node's number. */
static int fill_request(struct core *core, const struct request *request, PyObject *spec, void *data, size_t size)
{
    PyObject *pool;
    int r;

    if (spec_check_range(spec, request->offset, size) < 0)
        return -1;
    if (size <= CORE_SMALL && request->pool.numa != FODDER_NUMA_NODE) {
        fodder_fill(spec_plan(spec), request->offset, data, size);
        return 0;
    }
    pool = pool_for(core, request);
    if (!pool)
        return -1;
    r = fill_slices(pool, spec_plan(spec), request->offset, data, size);
    Py_DECREF(pool);
    return r;
}

static int read_length(size_t *size, PyObject *value)
{
    uint64_t bytes;

    if (request_size(&bytes, "size", value) < 0)
        return -1;
    *size = (size_t)bytes;
    if (bytes <= PY_SSIZE_T_MAX)
        return 0;
    PyErr_SetString(PyExc_ValueError, "size is less than 2**63 bytes");
    return -1;
}

static PyObject *make_buffer(struct core *core, const struct request *request, PyObject *spec, size_t size)
{
    PyObject *pool, *buffer;
    void *memory;

    if (spec_check_range(spec, request->offset, size) < 0)
        return NULL;
    pool = pool_for(core, request);
    buffer = pool ? buffer_new(core, pool, spec, size, &memory) : NULL;
    if (buffer && fill_slices(pool, spec_plan(spec), request->offset, memory, size) < 0)
        Py_CLEAR(buffer);
    Py_XDECREF(pool);
    return buffer;
}

enum { PLACE_ALL = REQUEST_FIELDS | REQUEST_SPEC | REQUEST_POOL | REQUEST_OFFSET };

static PyObject *core_generate(PyObject *module, PyObject *const *arguments, Py_ssize_t count, PyObject *names)
{
    struct core *const core = core_of(module);
    struct request request = request_empty();
    PyObject *wanted, *spec = NULL, *buffer = NULL;
    size_t size;

    if (request_take_call(core, &request, PLACE_ALL | REQUEST_RATIOS, "size", &wanted, arguments, count, names) == 0 &&
        read_length(&size, wanted) == 0)
        spec = request_spec(core, &request, false);
    if (spec)
        buffer = make_buffer(core, &request, spec, size);
    Py_XDECREF(spec);
    request_clear(&request);
    return buffer;
}

/* Fills a buffer or, where REQUEST_MOST allows it, its beginning. */
static PyObject *fill_call(PyObject *module, unsigned groups, PyObject *const *arguments, Py_ssize_t count,
                           PyObject *names)
{
    struct core *const core = core_of(module);
    struct request request = request_empty();
    struct memory memory;
    PyObject *buffer, *spec = NULL, *filled = NULL;

    if (request_take_call(core, &request, groups, "buffer", &buffer, arguments, count, names) == 0)
        spec = request_spec(core, &request, false);
    if (spec && memory_borrow(&memory, buffer, true) == 0) {
        const size_t size = memory.size < request.most ? memory.size : (size_t)request.most;

        if (fill_request(core, &request, spec, memory.data, size) == 0)
            filled = PyLong_FromSize_t(size);
        memory_release(&memory);
    }
    Py_XDECREF(spec);
    request_clear(&request);
    return filled;
}

static PyObject *core_fill(PyObject *module, PyObject *const *arguments, Py_ssize_t count, PyObject *names)
{
    return fill_call(module, PLACE_ALL, arguments, count, names);
}

static PyObject *core_readinto(PyObject *module, PyObject *const *arguments, Py_ssize_t count, PyObject *names)
{
    return fill_call(module, PLACE_ALL | REQUEST_MOST, arguments, count, names);
}

/* bytes cannot be written to once they are known, but may be before. */
static PyObject *core_read(PyObject *module, PyObject *const *arguments, Py_ssize_t count, PyObject *names)
{
    struct core *const core = core_of(module);
    struct request request = request_empty();
    PyObject *wanted, *spec = NULL, *bytes = NULL;
    size_t size;

    if (request_take_call(core, &request, PLACE_ALL, "size", &wanted, arguments, count, names) == 0 &&
        read_length(&size, wanted) == 0)
        spec = request_spec(core, &request, false);
    if (spec)
        bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)size);
    if (bytes && fill_request(core, &request, spec, PyBytes_AsString(bytes), size) < 0)
        Py_CLEAR(bytes);
    Py_XDECREF(spec);
    request_clear(&request);
    return bytes;
}

static PyObject *check_range(PyObject *module, PyObject *positional)
{
    PyObject *value, *spec, *result = NULL;
    unsigned long long offset, size;

    if (!PyArg_ParseTuple(positional, "OKK", &value, &offset, &size))
        return NULL;
    spec = spec_from(core_of(module), value);
    if (spec && spec_check_range(spec, offset, size) == 0)
        result = Py_NewRef(Py_None);
    Py_XDECREF(spec);
    return result;
}

static PyObject *parse_size(PyObject *module, PyObject *positional)
{
    PyObject *value;
    const char *name;
    uint64_t bytes;
    (void)module;

    if (!PyArg_ParseTuple(positional, "sO", &name, &value) || request_size(&bytes, name, value) < 0)
        return NULL;
    return PyLong_FromUnsignedLongLong(bytes);
}

#define KEYWORDS                                                                                                       \
    "seed=None, series=0, generation=0, unit=None, window=None, codec=None, spec=None, threads=None, numa='auto'"
#define MEANING                                                                                                        \
    "\n\nThe bytes are those of a spec: give spec, a Spec or its text, or its fields (see Spec). offset is that of "   \
    "the "                                                                                                             \
    "first byte in the spec's data set. threads fill at once, half of the CPUs where it is None, and numa is 'auto', " \
    "'force', 'off' or a node's number; neither changes a byte. Ctrl-C is heeded every 256 MiB."

PyMethodDef fill_methods[] = {
    { "generate", (PyCFunction)(void (*)(void))core_generate, METH_FASTCALL | METH_KEYWORDS,
      "generate(size, dedup=1.0, compress=1.0, *, offset=0, " KEYWORDS ")\n--\n\n"
      "A new Buffer of exactly `size` bytes (an integer, or a text such as '1GiB') with these ratios." MEANING
      " seed=None draws a fresh one, and .spec of the Buffer tells it.\n\n"
      "Raises ValueError or TypeError for arguments that are not valid, naming them, and MemoryError.\n\n"
      ">>> data = generate(1 << 20, dedup=2, compress=3, seed=42)\n>>> len(data), str(data.spec)\n"
      "(1048576, 'fodder1:seed=42,dedup=2,compress=3')" },
    { "fill", (PyCFunction)(void (*)(void))core_fill, METH_FASTCALL | METH_KEYWORDS,
      "fill(buffer, *, offset=0, dedup=1.0, compress=1.0, " KEYWORDS ")\n--\n\n"
      "Fills a caller's buffer in place, all of it, and returns its size in bytes.\n\n"
      "buffer is writable and contiguous, of any shape and item type: a bytearray, mmap, memoryview, NumPy array, or a "
      "tensor with __dlpack__() in the CPU's memory." MEANING
      "\n\nRaises ValueError for a buffer that is read-only or not contiguous, a range that ends past the data set, or "
      "a field that "
      "is not valid; TypeError for what is no buffer.\n\n"
      ">>> data = bytearray(4096)\n>>> fill(data, seed=42, compress=2)\n4096\n"
      ">>> data == generate(4096, compress=2, seed=42)\nTrue" },
    { "read", (PyCFunction)(void (*)(void))core_read, METH_FASTCALL | METH_KEYWORDS,
      "generate() of bytes, for Stream.read()." },
    { "readinto", (PyCFunction)(void (*)(void))core_readinto, METH_FASTCALL | METH_KEYWORDS,
      "fill() of the first `most` bytes of a buffer, for Stream.readinto()." },
    { "check_range", check_range, METH_VARARGS,
      "check_range(spec, offset, size): ValueError where the bytes end past the spec's data set." },
    { "parse_size", parse_size, METH_VARARGS,
      "parse_size(name, value): bytes of a size that is an integer or a text." },
    { NULL, NULL, 0, NULL },
};
