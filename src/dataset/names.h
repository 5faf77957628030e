/* What the files of a data set are called (docs/dataset.md, section 5). */
#ifndef DATASET_NAMES_H
#define DATASET_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NAMES_TEXT = 1024 };

struct names {
    const char *pattern; /* borrowed */
    uint64_t per_dir;
    unsigned k_digits, dir_digits;
};

/* The names of a set of so many files. 0, or -1 with *why, a static sentence. */
int names_of(struct names *names, const char *pattern, uint64_t per_dir, uint64_t files, const char **why);
/* Does the pattern have directories of so many files? */
bool names_have_dirs(const struct names *names);
/* The name of file k, relative to the set's directory; its length. */
size_t names_print(char name[NAMES_TEXT], const struct names *names, uint64_t k);
/* Which file has that name? False where none of any number has. */
bool names_find(uint64_t *k, const struct names *names, const char *name);

#endif
