/*
 * The chi-square statistic of the bytes on standard input against even counts. With 255 degrees of freedom it lies
 * between 181 and 347 but for one time in 10,000 on either side (Wilson and Hilferty's approximation); outside, the
 * exit status is 1.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

enum { VALUES = 256, LOW = 181, HIGH = 347, BLOCK = 1 << 16 };

int main(void)
{
    static uint8_t block[BLOCK];
    uint64_t counts[VALUES] = { 0 }, total = 0;
    double expected, sum = 0;
    size_t n;

    while ((n = fread(block, 1, sizeof block, stdin)) > 0) {
        total += n;
        for (size_t i = 0; i < n; i++)
            counts[block[i]]++;
    }
    expected = (double)total / VALUES;
    for (int i = 0; i < VALUES; i++)
        sum += ((double)counts[i] - expected) * ((double)counts[i] - expected) / expected;
    printf("%" PRIu64 " bytes: chi-square %.1f of 255 degrees of freedom\n", total, sum);
    return ferror(stdin) || !(sum > LOW && sum < HIGH);
}
