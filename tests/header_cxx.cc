// The public header alone, as C++.
#include <fodder/fodder.h>

int main()
{
    const fodder_spec spec = FODDER_SPEC(.seed = 42, .dedup = 2);
    fodder_plan *plan;

    if (fodder_plan_new(&plan, &spec) < 0)
        return 1;
    fodder_plan_free(plan);
    return 0;
}
