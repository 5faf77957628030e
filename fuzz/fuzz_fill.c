/* However a range is split, and whatever the kernel, the bytes are the same, and none beside them is written. */
#include "fuzz.h"

enum { MOST = 1 << 14, CANARY = 0x5a };

/* Lengths of the pieces come from the input: short and long ones. */
static size_t take_piece(struct input *in, size_t left)
{
    const uint64_t way = take(in, 1);
    const size_t len = 1 + (size_t)(way & 1 ? take(in, 2) : way >> 1);

    return len < left ? len : left;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t whole[MOST], parts[MOST + 1];
    struct input in = { data, size };
    const fodder_spec spec = take_spec(&in);
    const uint64_t offset = take(&in, 8);
    const size_t len = take(&in, 2) % MOST;
    const char *const kernel = fodder_kernel_name(take(&in, 1) % 4);
    fodder_plan *const plan = plan_for(&spec);
    fodder_plan *other = NULL;

    if (!kernel || fodder_plan_new_on(&other, &spec, kernel) < 0)
        other = plan_for(&spec);
    fodder_fill(plan, offset, whole, len);
    memset(parts, CANARY, sizeof parts);
    for (size_t done = 0, piece; done < len; done += piece) {
        piece = take_piece(&in, len - done);
        fodder_fill(other, offset + done, parts + done, piece);
        CHECK(parts[done + piece] == CANARY);
    }
    CHECK(memcmp(whole, parts, len) == 0);
    fodder_plan_free(other);
    fodder_plan_free(plan);
    return 0;
}
