/* Numbers as people write them. Nothing here depends on the locale. */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* Each reads the whole of `text` or returns false and leaves *out alone: no sign, no space, no exponent. */
bool number_parse_whole(uint64_t *out, const char *text);
/* "2.5" is 2500000; more than six decimals are rounded, halves up. */
bool number_parse_millionths(uint64_t *out, const char *text);
/* See fodder_size_parse(). */
bool number_parse_size(uint64_t *out, const char *text);

/* Room for any number printed here. */
enum { NUMBER_TEXT = 32 };
void number_print_whole(char text[NUMBER_TEXT], uint64_t number);
/* 2500000 is "2.5". */
void number_print_millionths(char text[NUMBER_TEXT], uint64_t millionths);
/* As MiB or KiB where that is exact, else as bytes: 65536 is "64KiB". */
void number_print_size(char text[NUMBER_TEXT], uint64_t bytes);

#endif
