/* A program of somebody else's that uses libfodder: makes data by threads, and has one flipped bit found. */
#include <fodder/fodder.h>
#include <stdio.h>

enum { SIZE = 4 << 20 };
static unsigned char data[SIZE];

int main(void)
{
    fodder_plan *plan;
    fodder_report right, wrong;
    int r = fodder_plan_new(&plan, &FODDER_SPEC(.seed = 42, .dedup = 2, .compress = 3));

    if (r < 0) {
        fprintf(stderr, "%s\n", fodder_strerror(r));
        return 1;
    }
    fodder_pool_fill(NULL, plan, 0, data, SIZE);
    r = fodder_verify(plan, 0, data, SIZE, NULL, &right);
    data[SIZE / 3] ^= 1;
    if (r == 0)
        r = fodder_pool_verify(NULL, plan, 0, data, SIZE, NULL, &wrong);
    fodder_plan_free(plan);
    fodder_shutdown();
    if (r < 0 || right.bad != 0 || wrong.bad != 1)
        return 1;
    printf("C: libfodder %s, header %s\n", fodder_version(), FODDER_VERSION);
    return 0;
}
