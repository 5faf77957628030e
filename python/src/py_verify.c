/* verify(): what came back, and what it is instead. */
#include "py_core.h"

/* The runs that are listed; the rest are counted. */
enum { RUNS_LISTED = 1000 };

struct findings {
    fodder_run *runs; /* room for RUNS_LISTED */
    size_t count;
};

/* Called without Python's lock. */
static void note_run(void *user, const fodder_run *run)
{
    struct findings *const findings = user;

    if (findings->count < RUNS_LISTED)
        findings->runs[findings->count++] = *run;
}

static int compare_memory(PyObject *pool, fodder_verifier *verifier, const uint8_t *data, size_t size)
{
    for (size_t done = 0; done < size;) {
        const size_t part = size - done < CORE_SLICE ? size - done : CORE_SLICE;
        int r;

        Py_BEGIN_ALLOW_THREADS
        r = fodder_pool_verifier_add(pool_inside(pool), verifier, data + done, part);
        Py_END_ALLOW_THREADS
        if (r < 0) {
            core_raise(r, NULL);
            return -1;
        }
        done += part;
        if (PyErr_CheckSignals() < 0)
            return -1;
    }
    return 0;
}

static PyObject *run_tuple(const fodder_run *run)
{
    return Py_BuildValue("sKKKKKKOKKKK", fodder_kind_name(run->kind), (unsigned long long)run->offset,
                         (unsigned long long)run->len, (unsigned long long)run->first, (unsigned long long)run->last,
                         (unsigned long long)run->bytes, (unsigned long long)run->bits, run->torn ? Py_True : Py_False,
                         (unsigned long long)run->source, (unsigned long long)run->generation,
                         (unsigned long long)run->foreign, (unsigned long long)run->value);
}

static PyObject *report_tuple(const fodder_report *report, const struct findings *findings)
{
    PyObject *const runs = PyTuple_New((Py_ssize_t)findings->count);

    for (size_t i = 0; runs && i < findings->count; i++) {
        PyObject *const run = run_tuple(&findings->runs[i]);

        if (!run || PyTuple_SetItem(runs, (Py_ssize_t)i, run) < 0) {
            Py_DECREF(runs);
            return NULL;
        }
    }
    return runs ? Py_BuildValue("KKNK", (unsigned long long)report->bytes, (unsigned long long)report->bad, runs,
                                (unsigned long long)(report->runs - findings->count))
                : NULL;
}

static PyObject *verify_memory(PyObject *pool, PyObject *spec, const struct request *request,
                               const struct memory *memory, const fodder_plan **plans, size_t plan_count)
{
    struct findings findings = { .runs = malloc(RUNS_LISTED * sizeof(fodder_run)) };
    const fodder_verify_options options =
        FODDER_VERIFY(.foreign = plans, .foreign_count = plan_count, .run = note_run, .user = &findings);
    fodder_verifier *verifier = NULL;
    fodder_report report;
    PyObject *result = NULL;
    const int r = findings.runs
                      ? fodder_verifier_new(&verifier, spec_plan(spec), request->offset, memory->size, &options)
                      : -ENOMEM;

    if (r < 0) {
        core_raise(r, NULL);
    } else if (compare_memory(pool, verifier, memory->data, memory->size) == 0) {
        fodder_verifier_end(verifier, &report);
        result = report_tuple(&report, &findings);
    }
    fodder_verifier_free(verifier);
    free(findings.runs);
    return result;
}

/* The Specs of `foreign`, which may be NULL, as a new list. */
static PyObject *foreign_specs(struct core *core, PyObject *foreign)
{
    PyObject *const specs = foreign ? PySequence_List(foreign) : PyList_New(0);
    const Py_ssize_t count = specs ? PyList_Size(specs) : 0;

    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *const spec = spec_from(core, PyList_GetItem(specs, i));

        if (!spec) {
            Py_DECREF(specs);
            return NULL;
        }
        PyList_SetItem(specs, i, spec);
    }
    return specs;
}

static PyObject *verify_request(struct core *core, const struct request *request, PyObject *spec,
                                const struct memory *memory)
{
    PyObject *const specs = foreign_specs(core, request->foreign);
    const size_t count = specs ? (size_t)PyList_Size(specs) : 0;
    const fodder_plan **const plans = specs ? malloc((count + 1) * sizeof(fodder_plan *)) : NULL;
    PyObject *pool = NULL, *result = NULL;

    if (specs && !plans)
        PyErr_NoMemory();
    for (size_t i = 0; plans && i < count; i++)
        plans[i] = spec_plan(PyList_GetItem(specs, (Py_ssize_t)i));
    if (plans && spec_check_range(spec, request->offset, memory->size) == 0)
        pool = pool_for(core, request);
    if (pool)
        result = verify_memory(pool, spec, request, memory, plans, count);
    Py_XDECREF(pool);
    free(plans);
    Py_XDECREF(specs);
    return result;
}

static PyObject *core_verify(PyObject *module, PyObject *const *arguments, Py_ssize_t count, PyObject *names)
{
    enum { GROUPS = REQUEST_FIELDS | REQUEST_SPEC | REQUEST_POOL | REQUEST_OFFSET | REQUEST_FOREIGN };
    struct core *const core = core_of(module);
    struct request request = request_empty();
    struct memory memory;
    PyObject *buffer, *spec = NULL, *result = NULL;

    if (request_take_call(core, &request, GROUPS, "buffer", &buffer, arguments, count, names) == 0)
        spec = request_spec(core, &request, true);
    if (spec && memory_borrow(&memory, buffer, false) == 0) {
        result = verify_request(core, &request, spec, &memory);
        memory_release(&memory);
    }
    Py_XDECREF(spec);
    request_clear(&request);
    return result;
}

PyMethodDef verify_methods[] = {
    { "verify", (PyCFunction)(void (*)(void))core_verify, METH_FASTCALL | METH_KEYWORDS,
      "(bytes, bad, runs, more_runs), for fodder.verify()." },
    { NULL, NULL, 0, NULL },
};
