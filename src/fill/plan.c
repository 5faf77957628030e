#include "fill/plan.h"

#include <errno.h>
#include <stdlib.h>

#include "cpu/cpu.h"

static int plan_new(fodder_plan **out, const fodder_spec *spec, const struct kernel *kernel)
{
    fodder_plan *plan;
    struct spec exact;
    const int r = spec_import(&exact, spec ? spec : &FODDER_SPEC(), NULL);

    if (r < 0)
        return r;
    plan = calloc(1, sizeof *plan);
    if (!plan)
        return -ENOMEM;
    plan->spec = exact;
    plan->layout = layout_of(&exact);
    plan->kernel = kernel;
    *out = plan;
    return 0;
}

int fodder_plan_new(fodder_plan **plan, const fodder_spec *spec)
{
    return plan_new(plan, spec, kernel_best(cpu_features()));
}

int fodder_plan_new_on(fodder_plan **plan, const fodder_spec *spec, const char *kernel)
{
    const int r = fodder_kernel_check(kernel);

    return r < 0 ? r : plan_new(plan, spec, kernel_named(kernel));
}

void fodder_plan_free(fodder_plan *plan)
{
    free(plan);
}

fodder_spec fodder_plan_spec(const fodder_plan *plan)
{
    return spec_export(&plan->spec);
}

const char *fodder_plan_kernel(const fodder_plan *plan)
{
    return plan->kernel->name;
}

const char *fodder_kernel_name(size_t index)
{
    const struct kernel *const kernel = kernel_at(index);

    return kernel ? kernel->name : NULL;
}

int fodder_kernel_check(const char *name)
{
    const struct kernel *const kernel = kernel_named(name);

    if (!kernel)
        return FODDER_ERR_KERNEL;
    return kernel->needs & ~cpu_features() ? FODDER_ERR_CPU : 0;
}
