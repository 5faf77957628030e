#ifndef FILL_PLAN_H
#define FILL_PLAN_H

#include "kernel/kernel.h"
#include "layout/layout.h"

struct fodder_plan {
    struct spec spec;
    struct layout layout;
    const struct kernel *kernel;
};

#endif
