/* A data set whose files are objects: DIR is s3://BUCKET/PREFIX. */
#ifndef CLI_SET_OBJECTS_H
#define CLI_SET_OBJECTS_H

#include "file_set.h"
#include "progress.h"
#include "s3_args.h"

/* Each thread has a request on its way and waits for it, so there are more of them than CPUs. */
enum { SET_OBJECTS_THREADS = 16 };

struct set_objects {
    struct s3 *s3;         /* NULL: the set is in a directory */
    struct s3_place place; /* its key is the prefix, with a slash at the end, or empty */
};

/* Finds the server, and asks it nothing yet. */
enum exit_code set_objects_open(struct set_objects *objects, const struct s3_args *args, const char *path);
void set_objects_close(struct set_objects *objects);
/* Can all files of the set have a key? Says so where not. */
enum exit_code set_objects_check(const struct set_objects *objects, const char *path, const struct set *set);

/* Is there an object of that name? 0, or a negative errno value: -ENOENT where not. */
int set_objects_find(const struct set_objects *objects, const struct set_file *file, struct s3_object *object,
                     struct s3_error *error);
/* Puts it whole: 0, or a negative errno value, and then it is not there, or as it was. */
int set_objects_write(const struct set_objects *objects, const struct set *set, const struct set_file *file,
                      struct progress_sum *sum, unsigned thread, struct s3_error *error);
/* Has it the right size, and from `from` on the right bytes? 0, or a negative errno value. What somebody else began to
 * put there and did not end is removed where it is not. */
int set_objects_settled(const struct set_objects *objects, const struct set *set, const struct set_file *file,
                        uint64_t from, bool *settled, struct s3_error *error);
/* Gives all of it that the set has to a taker; *object says how large it is. */
int set_objects_read(const struct set_objects *objects, const struct set_file *file, struct s3_object *object,
                     const struct s3_taker *taker, struct s3_error *error);
/* Visits the names below the prefix. */
int set_objects_list(const struct set_objects *objects, bool (*visit)(void *user, const char *name), void *user,
                     struct s3_error *error);

#endif
