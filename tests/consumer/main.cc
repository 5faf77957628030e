// The same from C++20.
#include <cstdio>
#include <fodder/fodder.h>
#include <memory>
#include <vector>

int main()
{
    const fodder_spec spec = FODDER_SPEC(.seed = 42, .dedup = 2, .compress = 3);
    fodder_plan *made;
    const int r = fodder_plan_new(&made, &spec);

    if (r < 0) {
        std::fprintf(stderr, "%s\n", fodder_strerror(r));
        return 1;
    }
    const std::unique_ptr<fodder_plan, decltype(&fodder_plan_free)> plan(made, fodder_plan_free);
    std::vector<unsigned char> data(4 << 20);
    fodder_report right, wrong;

    fodder_pool_fill(nullptr, plan.get(), 0, data.data(), data.size());
    if (fodder_verify(plan.get(), 0, data.data(), data.size(), nullptr, &right) < 0)
        return 1;
    data[data.size() / 3] ^= 1;
    if (fodder_pool_verify(nullptr, plan.get(), 0, data.data(), data.size(), nullptr, &wrong) < 0)
        return 1;
    fodder_shutdown();
    if (right.bad != 0 || wrong.bad != 1)
        return 1;
    std::printf("C++: libfodder %s, header %s\n", fodder_version(), FODDER_VERSION);
    return 0;
}
