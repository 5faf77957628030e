/* Spec: what the bytes are, as an immutable value with a plan made ready. */
#include "py_core.h"

#include <stddef.h>
#include <string.h>

struct spec {
    PyObject_HEAD
    fodder_plan *plan;
};

const fodder_plan *spec_plan(PyObject *spec)
{
    return ((struct spec *)spec)->plan;
}

static PyObject *spec_make(PyTypeObject *type, const fodder_spec *fields)
{
    const char *why = NULL;
    fodder_plan *plan;
    struct spec *self;
    int r = fodder_spec_check(fields, &why);

    if (r == 0)
        r = fodder_plan_new(&plan, fields);
    if (r < 0)
        return core_raise(r, why);
    self = PyObject_New(struct spec, type);
    if (self)
        self->plan = plan;
    else
        fodder_plan_free(plan);
    return (PyObject *)self;
}

PyObject *spec_new(struct core *core, const fodder_spec *spec)
{
    return spec_make(core->spec_type, spec);
}

static PyObject *spec_parse(PyTypeObject *type, PyObject *text)
{
    PyObject *const bytes = PyUnicode_AsUTF8String(text);
    fodder_spec fields;
    const char *why = NULL;
    int r;

    if (!bytes)
        return NULL;
    r = fodder_spec_parse(&fields, PyBytes_AsString(bytes), &why);
    Py_DECREF(bytes);
    return r < 0 ? core_raise(r, why) : spec_make(type, &fields);
}

PyObject *spec_from(struct core *core, PyObject *value)
{
    if (PyObject_TypeCheck(value, core->spec_type)) {
        Py_INCREF(value);
        return value;
    }
    if (PyUnicode_Check(value))
        return spec_parse(core->spec_type, value);
    PyErr_Format(PyExc_TypeError, "a spec is a Spec or its text, not %R", value);
    return NULL;
}

int spec_check_range(PyObject *spec, uint64_t offset, uint64_t size)
{
    const uint64_t limit = fodder_plan_limit(spec_plan(spec));

    if (offset <= limit && size <= limit - offset)
        return 0;
    PyErr_Format(PyExc_ValueError, "the %llu bytes from offset %llu on end past the data set, which has %llu bytes",
                 (unsigned long long)size, (unsigned long long)offset, (unsigned long long)limit);
    return -1;
}

/* Takes the fields that a dictionary names; the dictionary may be NULL. */
static int take_fields(struct core *core, struct request *request, PyObject *named)
{
    PyObject *name, *value;
    Py_ssize_t at = 0;

    while (named && PyDict_Next(named, &at, &name, &value))
        if (request_take(core, request, REQUEST_FIELDS, name, value) < 0)
            return -1;
    return 0;
}

static PyObject *spec_call(PyTypeObject *type, PyObject *positional, PyObject *named)
{
    struct core *const core = core_of_type(type);
    struct request request = request_empty();
    const Py_ssize_t count = PyTuple_Size(positional);
    PyObject *const first = count > 0 ? PyTuple_GetItem(positional, 0) : NULL;
    bool fine = core != NULL;

    if (first && PyUnicode_Check(first)) {
        if (count == 1 && (!named || PyDict_Size(named) == 0))
            return spec_parse(type, first);
        PyErr_SetString(PyExc_TypeError, "Spec() takes a text alone, or fields; replace() changes fields of a Spec");
        return NULL;
    }
    if (fine && count > 2) {
        PyErr_Format(PyExc_TypeError, "Spec() takes at most 2 positional arguments, %zd were given", count);
        fine = false;
    }
    for (Py_ssize_t i = 0; fine && i < count; i++)
        fine = request_take(core, &request, REQUEST_FIELDS, core->keywords[i], PyTuple_GetItem(positional, i)) == 0;
    fine = fine && take_fields(core, &request, named) == 0;
    if (fine && !request.has_seed)
        fine = request_draw_seed(&request) == 0;
    return fine ? spec_make(type, &request.fields) : NULL;
}

static void spec_free(PyObject *self)
{
    PyTypeObject *const type = Py_TYPE(self);

    fodder_plan_free(((struct spec *)self)->plan);
    PyObject_Free(self);
    Py_DECREF(type);
}

static PyObject *spec_text(PyObject *self)
{
    const fodder_spec fields = fodder_plan_spec(spec_plan(self));
    char text[FODDER_SPEC_TEXT];

    fodder_spec_print(&fields, text, sizeof text);
    return PyUnicode_FromString(text);
}

static PyObject *spec_repr(PyObject *self)
{
    PyObject *const text = spec_text(self);
    PyObject *const repr = text ? PyUnicode_FromFormat("Spec(%R)", text) : NULL;

    Py_XDECREF(text);
    return repr;
}

static Py_hash_t spec_hash(PyObject *self)
{
    PyObject *const text = spec_text(self);
    const Py_hash_t hash = text ? PyObject_Hash(text) : -1;

    Py_XDECREF(text);
    return hash;
}

static PyObject *spec_compare(PyObject *self, PyObject *other, int operation)
{
    PyObject *left, *right, *result = NULL;

    if (Py_TYPE(self) != Py_TYPE(other) || (operation != Py_EQ && operation != Py_NE))
        Py_RETURN_NOTIMPLEMENTED;
    left = spec_text(self);
    right = spec_text(other);
    if (left && right)
        result = PyObject_RichCompare(left, right, operation);
    Py_XDECREF(left);
    Py_XDECREF(right);
    return result;
}

static PyObject *spec_reduce(PyObject *self, PyObject *none)
{
    PyObject *const text = spec_text(self);
    (void)none;

    return text ? Py_BuildValue("O(N)", (PyObject *)Py_TYPE(self), text) : NULL;
}

static PyObject *spec_replace(PyObject *self, PyObject *positional, PyObject *named)
{
    struct core *const core = core_of_type(Py_TYPE(self));
    struct request request = request_empty();

    if (PyTuple_Size(positional) > 0) {
        PyErr_SetString(PyExc_TypeError, "replace() takes keywords only");
        return NULL;
    }
    request.fields = fodder_plan_spec(spec_plan(self));
    if (!core || take_fields(core, &request, named) < 0)
        return NULL;
    if (request.fresh_seed && request_draw_seed(&request) < 0)
        return NULL;
    return spec_make(Py_TYPE(self), &request.fields);
}

static PyObject *spec_count(PyObject *self, PyObject *positional)
{
    PyObject *first = NULL, *second = NULL;
    uint64_t offset, size, units, distinct;
    int r;

    if (!PyArg_UnpackTuple(positional, "count", 2, 2, &first, &second) || request_size(&offset, "offset", first) < 0 ||
        request_size(&size, "size", second) < 0 || spec_check_range(self, offset, size) < 0)
        return NULL;
    r = fodder_plan_count(spec_plan(self), offset, size, &units, &distinct);
    return r < 0 ? core_raise(r, NULL) : Py_BuildValue("KK", (unsigned long long)units, (unsigned long long)distinct);
}

/* ---- Attributes: `closure` is where in a fodder_spec the field lies. */

static PyObject *get_whole(PyObject *self, void *closure)
{
    const fodder_spec fields = fodder_plan_spec(spec_plan(self));
    uint64_t whole;

    memcpy(&whole, (const char *)&fields + (uintptr_t)closure, sizeof whole);
    return PyLong_FromUnsignedLongLong(whole);
}

static PyObject *get_ratio(PyObject *self, void *closure)
{
    const fodder_spec fields = fodder_plan_spec(spec_plan(self));
    double ratio;

    memcpy(&ratio, (const char *)&fields + (uintptr_t)closure, sizeof ratio);
    return PyFloat_FromDouble(ratio);
}

static PyObject *get_codec(PyObject *self, void *closure)
{
    (void)closure;

    return PyUnicode_FromString(fodder_codec_name(fodder_plan_spec(spec_plan(self)).codec));
}

static PyObject *get_format(PyObject *self, void *closure)
{
    (void)closure;
    return PyLong_FromUnsignedLong(fodder_plan_spec(spec_plan(self)).format);
}

static PyObject *get_limit(PyObject *self, void *closure)
{
    (void)closure;
    return PyLong_FromUnsignedLongLong(fodder_plan_limit(spec_plan(self)));
}

#define FIELD(name) ((void *)offsetof(fodder_spec, name))
static PyGetSetDef spec_fields[] = {
    { "seed", get_whole, NULL, "0 to 2**64-1.", FIELD(seed) },
    { "series", get_whole, NULL, "Separates data sets of one seed, such as those of ranks, runs or hosts.",
      FIELD(series) },
    { "generation", get_whole, NULL, "The version of overwritten data, below 2**20.", FIELD(generation) },
    { "dedup", get_ratio, NULL, "Bytes / distinct bytes.", FIELD(dedup) },
    { "compress", get_ratio, NULL, "Bytes / compressed bytes.", FIELD(compress) },
    { "unit", get_whole, NULL, "Bytes; a duplicate is a whole unit.", FIELD(unit) },
    { "window", get_whole, NULL, "Units among which a duplicate finds its original.", FIELD(window) },
    { "codec", get_codec, NULL, "The compressor whose ratio comes out as asked: balanced, lz4, zstd or deflate.",
      NULL },
    { "format", get_format, NULL, "The number of the byte format.", NULL },
    { "limit", get_limit, NULL, "The size of the whole data set in bytes: offsets lie below it.", NULL },
    { NULL, NULL, NULL, NULL, NULL },
};

static PyMethodDef spec_methods[] = {
    { "replace", (PyCFunction)(void (*)(void))spec_replace, METH_VARARGS | METH_KEYWORDS,
      "replace($self, /, **fields)\n--\n\nThe same spec with some fields changed; seed=None draws a fresh one.\n\n"
      ">>> Spec('fodder1:seed=42,dedup=2').replace(seed=43)\nSpec('fodder1:seed=43,dedup=2')" },
    { "count", spec_count, METH_VARARGS,
      "count($self, offset, size, /)\n--\n\nHow many units the `size` bytes from `offset` on touch, and how many of "
      "them "
      "are distinct.\n\nunits / distinct is the dedup ratio that a reducer can reach on this range by itself. Exact; "
      "reads no data.\n\n>>> Spec('fodder1:seed=42,dedup=2').count(0, 256 << 20)\n(256, 128)" },
    { "__reduce__", spec_reduce, METH_NOARGS, "Pickled as its text." },
    { NULL, NULL, 0, NULL },
};

static PyType_Slot spec_slots[] = {
    { Py_tp_doc, (void *)"Spec(dedup=1.0, compress=1.0, *, seed=None, series=0, generation=0, unit=None, window=None, "
                         "codec=None)\n--\n\n"
                         "What the bytes are: an immutable value. bytes = f(spec, offset).\n\n"
                         "dedup and compress are ratios, 1 to 1,000,000 and 1 to 32. seed=None draws a fresh one. unit "
                         "is in bytes or a "
                         "text "
                         "such as '64KiB', a power of two from 4 KiB to 64 MiB, 1 MiB where it is None; window is in "
                         "units, 1024 where it "
                         "is "
                         "None. Spec(text) reads what str() of one gives.\n\n"
                         ">>> spec = Spec(2, 3, seed=42)\n>>> str(spec)\n'fodder1:seed=42,dedup=2,compress=3'\n"
                         ">>> Spec(str(spec)) == spec\nTrue" },
    { Py_tp_new, spec_call },
    { Py_tp_dealloc, spec_free },
    { Py_tp_str, spec_text },
    { Py_tp_repr, spec_repr },
    { Py_tp_hash, spec_hash },
    { Py_tp_richcompare, spec_compare },
    { Py_tp_methods, spec_methods },
    { Py_tp_getset, spec_fields },
    { 0, NULL },
};

PyType_Spec spec_type_spec = {
    .name = "fodder.Spec",
    .basicsize = sizeof(struct spec),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = spec_slots,
};
