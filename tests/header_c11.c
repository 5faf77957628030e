/* The public header alone, as C11. */
#include <fodder/fodder.h>

int main(void)
{
    fodder_plan *plan;

    if (fodder_plan_new(&plan, &FODDER_SPEC(.seed = 42, .dedup = 2)) < 0)
        return 1;
    fodder_plan_free(plan);
    return 0;
}
