#include "measured.h"

#include "support.h"

void assert_same_result(const struct measure_set_result *got, const struct measure_set_result *want)
{
    assert_int_equal(got->pieces, want->pieces);
    assert_int_equal(got->bytes, want->bytes);
    assert_int_equal(got->zero_pieces, want->zero_pieces);
    assert_int_equal(got->zero_bytes, want->zero_bytes);
    assert_int_equal(got->halvings, want->halvings);
    assert_true(got->distinct == want->distinct && got->distinct_bytes == want->distinct_bytes);
    assert_memory_equal(got->reuse, want->reuse, sizeof got->reuse);
}

void assert_same_distances(const struct measure_set_result *got, const struct measure_set_result *want)
{
    for (unsigned i = 0; i < MEASURE_DISTANCE_CLASSES; i++)
        assert_true(got->distances[i] == want->distances[i]);
}
