#include "py_core.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

struct keyword {
    const char *name;
    enum request_group group;
    int (*take)(struct core *core, struct request *request, const struct keyword *keyword, PyObject *value);
    size_t field; /* where in a fodder_spec the value lies, a uint64_t or a double */
};

/* 0 is the default in a spec's fields; given by a caller it is judged as any other value. */
static int take_text(struct request *request, const struct keyword *keyword, const char *text)
{
    const char *why = NULL;

    if (fodder_spec_set(&request->fields, keyword->name, text, &why) == 0)
        return 0;
    PyErr_SetString(PyExc_ValueError, why);
    return -1;
}

static int take_string(struct request *request, const struct keyword *keyword, PyObject *value)
{
    PyObject *const bytes = PyUnicode_AsUTF8String(value);
    const int r = bytes ? take_text(request, keyword, PyBytes_AsString(bytes)) : -1;

    Py_XDECREF(bytes);
    return r;
}

static int reject_type(const char *name, const char *wanted, PyObject *value)
{
    PyErr_Format(PyExc_TypeError, "%s is %s, not %R", name, wanted, value);
    return -1;
}

static int reject_range(const char *name, const char *limits, PyObject *value)
{
    PyErr_Format(PyExc_ValueError, "%s is %s, not %S", name, limits, value);
    return -1;
}

/* An integer that 64 bits hold; True and False are not meant as one. */
static int read_whole(uint64_t *whole, const char *name, PyObject *value)
{
    PyObject *const index = PyBool_Check(value) ? NULL : PyNumber_Index(value);
    unsigned long long number;

    if (!index) {
        PyErr_Clear();
        return reject_type(name, "an integer", value);
    }
    number = PyLong_AsUnsignedLongLong(index);
    Py_DECREF(index);
    if (number == (unsigned long long)-1 && PyErr_Occurred()) {
        PyErr_Clear();
        return reject_range(name, "a whole number from 0 to 18446744073709551615", value);
    }
    *whole = number;
    return 0;
}

int request_size(uint64_t *bytes, const char *name, PyObject *value)
{
    PyObject *text;
    int r;

    if (!PyUnicode_Check(value))
        return read_whole(bytes, name, value);
    text = PyUnicode_AsUTF8String(value);
    if (!text)
        return -1;
    r = fodder_size_parse(bytes, PyBytes_AsString(text));
    Py_DECREF(text);
    return r == 0 ? 0 : reject_range(name, "a number of bytes or a text such as \"64KiB\"", value);
}

static void *field_of(struct request *request, const struct keyword *keyword)
{
    return (char *)&request->fields + keyword->field;
}

static int take_whole(struct core *core, struct request *request, const struct keyword *keyword, PyObject *value)
{
    uint64_t whole;
    (void)core;

    request->has_fields = true;
    if (value == Py_None)
        return 0;
    if (PyUnicode_Check(value))
        return take_string(request, keyword, value);
    if (read_whole(&whole, keyword->name, value) < 0)
        return -1;
    if (whole == 0)
        return take_text(request, keyword, "0");
    memcpy(field_of(request, keyword), &whole, sizeof whole);
    return 0;
}

static int take_seed(struct core *core, struct request *request, const struct keyword *keyword, PyObject *value)
{
    request->has_seed = value != Py_None;
    request->fresh_seed = value == Py_None;
    return take_whole(core, request, keyword, value);
}

static int take_ratio(struct core *core, struct request *request, const struct keyword *keyword, PyObject *value)
{
    double ratio;
    (void)core;

    request->has_fields = true;
    if (PyBool_Check(value) || PyUnicode_Check(value))
        return reject_type(keyword->name, "a number", value);
    ratio = PyFloat_AsDouble(value);
    if (ratio == -1 && PyErr_Occurred()) {
        PyErr_Clear();
        return reject_type(keyword->name, "a number", value);
    }
    if (ratio == 0)
        return take_text(request, keyword, "0");
    memcpy(field_of(request, keyword), &ratio, sizeof ratio);
    return 0;
}

static int take_codec(struct core *core, struct request *request, const struct keyword *keyword, PyObject *value)
{
    (void)core;

    request->has_fields = true;
    if (value == Py_None)
        return 0;
    return PyUnicode_Check(value) ? take_string(request, keyword, value) : reject_type("codec", "a name", value);
}

static int take_spec(struct core *core, struct request *request, const struct keyword *keyword, PyObject *value)
{
    PyObject *spec;
    (void)keyword;

    if (value == Py_None)
        return 0;
    spec = spec_from(core, value);
    if (!spec)
        return -1;
    Py_XDECREF(request->spec);
    request->spec = spec;
    return 0;
}

static int take_threads(struct core *core, struct request *request, const struct keyword *keyword, PyObject *value)
{
    uint64_t threads;
    (void)core;

    if (value == Py_None)
        return 0;
    if (read_whole(&threads, keyword->name, value) < 0)
        return -1;
    if (threads < 1 || threads > 1024)
        return reject_range("threads", "from 1 to 1024, or None for half of the CPUs", value);
    request->pool.threads = (uint32_t)threads;
    return 0;
}

static int take_numa(struct core *core, struct request *request, const struct keyword *keyword, PyObject *value)
{
    static const char *const modes[] = { "auto", "force", "off" };
    uint64_t node;
    (void)core;

    if (PyUnicode_Check(value)) {
        for (uint32_t i = 0; i < 3; i++)
            if (PyUnicode_CompareWithASCIIString(value, modes[i]) == 0) {
                request->pool.numa = i;
                return 0;
            }
        return reject_range("numa", "\"auto\", \"force\", \"off\" or a node's number", value);
    }
    if (read_whole(&node, keyword->name, value) < 0)
        return -1;
    if (node > UINT32_MAX)
        return reject_range("numa", "the number of a node of this machine", value);
    request->pool.numa = FODDER_NUMA_NODE;
    request->pool.node = (uint32_t)node;
    return 0;
}

static int take_offset(struct core *core, struct request *request, const struct keyword *keyword, PyObject *value)
{
    (void)core;
    return request_size(&request->offset, keyword->name, value);
}

static int take_most(struct core *core, struct request *request, const struct keyword *keyword, PyObject *value)
{
    (void)core;
    return request_size(&request->most, keyword->name, value);
}

static int take_foreign(struct core *core, struct request *request, const struct keyword *keyword, PyObject *value)
{
    (void)core;
    (void)keyword;
    request->foreign = value;
    return 0;
}

#define FIELD(name) offsetof(fodder_spec, name)
static const struct keyword keywords[REQUEST_KEYWORDS] = {
    { "dedup", REQUEST_FIELDS, take_ratio, FIELD(dedup) },
    { "compress", REQUEST_FIELDS, take_ratio, FIELD(compress) },
    { "seed", REQUEST_FIELDS, take_seed, FIELD(seed) },
    { "offset", REQUEST_OFFSET, take_offset, 0 },
    { "spec", REQUEST_SPEC, take_spec, 0 },
    { "threads", REQUEST_POOL, take_threads, 0 },
    { "numa", REQUEST_POOL, take_numa, 0 },
    { "series", REQUEST_FIELDS, take_whole, FIELD(series) },
    { "generation", REQUEST_FIELDS, take_whole, FIELD(generation) },
    { "unit", REQUEST_FIELDS, take_whole, FIELD(unit) },
    { "window", REQUEST_FIELDS, take_whole, FIELD(window) },
    { "codec", REQUEST_FIELDS, take_codec, 0 },
    { "foreign", REQUEST_FOREIGN, take_foreign, 0 },
    { "most", REQUEST_MOST, take_most, 0 },
};

int request_intern(struct core *core)
{
    for (int i = 0; i < REQUEST_KEYWORDS; i++) {
        core->keywords[i] = PyUnicode_InternFromString(keywords[i].name);
        if (!core->keywords[i])
            return -1;
    }
    return 0;
}

struct request request_empty(void)
{
    return (struct request) { .fields = FODDER_SPEC(.seed = 0), .pool = FODDER_POOL(.threads = 0), .most = UINT64_MAX };
}

void request_clear(struct request *request)
{
    Py_CLEAR(request->spec);
}

/* Names in a program's text are interned, so that most are found without reading them. */
static int find_keyword(const struct core *core, PyObject *name)
{
    for (int i = 0; i < REQUEST_KEYWORDS; i++)
        if (core->keywords[i] == name)
            return i;
    for (int i = 0; i < REQUEST_KEYWORDS; i++)
        if (PyUnicode_CompareWithASCIIString(name, keywords[i].name) == 0)
            return i;
    return -1;
}

int request_take(struct core *core, struct request *request, unsigned groups, PyObject *name, PyObject *value)
{
    const int i = find_keyword(core, name);

    if (i >= 0 && (keywords[i].group & groups))
        return keywords[i].take(core, request, &keywords[i], value);
    PyErr_Format(PyExc_TypeError, "unknown keyword %R", name);
    return -1;
}

/* How many arguments may stand without their names: the first, and perhaps the ratios. */
static int check_count(unsigned groups, const char *first_name, Py_ssize_t count)
{
    const Py_ssize_t most = groups & REQUEST_RATIOS ? 3 : 1;

    if (count <= most)
        return 0;
    PyErr_Format(PyExc_TypeError, "at most %zd arguments, %s%s, may stand without their names: %zd do", most,
                 first_name, most == 3 ? ", dedup and compress" : "", count);
    return -1;
}

int request_take_call(struct core *core, struct request *request, unsigned groups, const char *first_name,
                      PyObject **first, PyObject *const *arguments, Py_ssize_t count, PyObject *names)
{
    const Py_ssize_t named = names ? PyTuple_Size(names) : 0;

    if (check_count(groups, first_name, count) < 0)
        return -1;
    *first = count > 0 ? arguments[0] : NULL;
    for (Py_ssize_t i = 1; i < count; i++)
        if (keywords[i - 1].take(core, request, &keywords[i - 1], arguments[i]) < 0)
            return -1;
    for (Py_ssize_t i = 0; i < named; i++) {
        PyObject *const name = PyTuple_GetItem(names, i);

        if (!*first && PyUnicode_CompareWithASCIIString(name, first_name) == 0)
            *first = arguments[count + i];
        else if (request_take(core, request, groups, name, arguments[count + i]) < 0)
            return -1;
    }
    if (*first)
        return 0;
    PyErr_Format(PyExc_TypeError, "%s is missing", first_name);
    return -1;
}

int request_draw_seed(struct request *request)
{
    const int r = fodder_fresh_seed(&request->fields.seed);

    if (r == 0)
        return 0;
    errno = -r;
    PyErr_SetFromErrno(PyExc_OSError);
    return -1;
}

PyObject *request_spec(struct core *core, struct request *request, bool known)
{
    if (request->spec && request->has_fields) {
        PyErr_SetString(PyExc_TypeError, "give either spec or the fields of one, such as seed and dedup");
        return NULL;
    }
    if (request->spec) {
        Py_INCREF(request->spec);
        return request->spec;
    }
    if (!request->has_seed && known) {
        PyErr_SetString(PyExc_TypeError, "give spec or seed: that which the data were made with");
        return NULL;
    }
    if (!request->has_seed && request_draw_seed(request) < 0)
        return NULL;
    return spec_new(core, &request->fields);
}
