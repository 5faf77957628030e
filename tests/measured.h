/* What the tests of measuring share. */
#ifndef TESTS_MEASURED_H
#define TESTS_MEASURED_H

#include "measure/set.h"

/* All but the errors, which follow from the rest, and the distances, which the order of the pieces changes. */
void assert_same_result(const struct measure_set_result *got, const struct measure_set_result *want);

void assert_same_distances(const struct measure_set_result *got, const struct measure_set_result *want);

#endif
