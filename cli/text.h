/* Sizes, rates and times as people read them. */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

/* A short text by value: use it as text_size(n).text in a call. */
struct text {
    char text[32];
};

struct text text_size(double bytes);            /* powers of 1024: "1.5 GiB" */
struct text text_rate(double bytes_per_second); /* powers of 1000: "3.1 GB/s" */
struct text text_time(double seconds);          /* "0.41 s", "2 min 5 s" */

#endif
