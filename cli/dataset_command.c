/* fodder dataset: many files, whose names, sizes and bytes are functions of their number. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "dataset.h"
#include "stop.h"

static int set_files(void *place, const char *name, const char *value, const char **why)
{
    (void)name;
    *why = "the number of files is 0 to 1000000000000, in digits";
    return options_count(place, value, SET_FILES) ? 0 : -1;
}

static int set_count(void *place, const char *name, const char *value, const char **why)
{
    (void)name;
    *why = "it is a number from 1 to 1000000000000, in digits";
    return options_count(place, value, SET_FILES) && *(uint64_t *)place > 0 ? 0 : -1;
}

static int set_only(void *settings, const char *name, const char *value, const char **why)
{
    struct dataset *const d = settings;
    const char *const dash = strchr(value, '-');
    char first[32];
    (void)name;

    *why = "name the first and the last file, such as 500-999, counted from 0";
    d->only = true;
    snprintf(first, sizeof first, "%.*s", (int)strcspn(value, "-") < 31 ? (int)strcspn(value, "-") : 31, value);
    return options_count(&d->first, first, SET_FILES) && options_count(&d->last, dash ? dash + 1 : first, SET_FILES) &&
                   d->first <= d->last
               ? 0
               : -1;
}

static int set_resume(void *settings, const char *name, const char *value, const char **why)
{
    struct dataset *const d = settings;
    (void)name;

    *why = "--resume looks at the end of each file, --resume=verify at all of it";
    d->resume = value ? DATASET_WHOLE : DATASET_ENDS;
    return !value || strcmp(value, "verify") == 0 ? 0 : -1;
}

/* clang-format off */
static const struct option_row set_rows[] = {
    { .name = "files", .value = "N", .kind = OPTION_OTHER, .set = set_files, .place = offsetof(struct dataset, files),
      .help = "how many, in all ranks together" },
    { .name = "size", .value = "SIZES", .kind = OPTION_TEXT, .place = offsetof(struct dataset, size),
      .help = "SIZE, uniform:MIN-MAX, lognormal:MEDIAN,SIGMA[,MIN-MAX], or csv:FILE" },
    { .name = "names", .value = "PATTERN", .kind = OPTION_TEXT, .place = offsetof(struct dataset, names),
      .help = "with {k}, the file's number, and perhaps {dir}; default d{dir}/f{k}" },
    { .name = "per-dir", .value = "P", .kind = OPTION_OTHER, .set = set_count, .place = offsetof(struct dataset, per_dir),
      .help = "so many files have the same {dir}, default 1000" },
    { .name = "manifest", .value = "FILE", .kind = OPTION_TEXT, .place = offsetof(struct dataset, manifest),
      .check = options_check_json, .help = "before the data, write to FILE what the set is, as JSON" },
    { .name = "resume", .value = "verify", .words = "verify", .optional = true, .kind = OPTION_OTHER, .set = set_resume,
      .help = "leave files whose size and end are right, or with verify all bytes" },
    { .name = "only", .value = "FIRST-LAST", .kind = OPTION_OTHER, .set = set_only,
      .help = "write these files anew, perhaps with another --generation" },
    { .name = "sync", .place = offsetof(struct dataset, sync), .help = "have each file on stable storage" },
    { .name = "json", .place = offsetof(struct dataset, json), .check = options_check_json,
      .help = "tell the result as JSON" },
    { .name = "quiet", .letter = 'q', .place = offsetof(struct dataset, quiet), .help = "say nothing but errors" },
    { .name = "verbose", .letter = 'v', .place = offsetof(struct dataset, verbose),
      .help = "say also what was decided" },
    { 0 },
};
/* clang-format on */

static const struct option_group groups[] = {
    { "The data", spec_rows_cli, offsetof(struct dataset, data) },
    { "The threads, each of which makes and writes files", pool_rows_threads, offsetof(struct dataset, threads) },
    { "The set", set_rows, 0 },
    { "The S3 server of s3://BUCKET/PREFIX", s3_rows, offsetof(struct dataset, s3) },
    { "Many processes, on any hosts", ranks_rows, offsetof(struct dataset, maker.ranks) },
    { "Their common start", start_at_rows, offsetof(struct dataset, start) },
    { 0 },
};

/* Opens DIR, which is made where it is missing; prefixes of objects are just there. */
static enum exit_code open_dir(const struct dataset *d, int *root, bool *made)
{
    if (d->objects.s3)
        return EXIT_FINE;
    *made = mkdir(d->dir, 0777) == 0;
    if (!*made && errno != EEXIST)
        return fail(EXIT_FAILED, "%s: %s; no files were written", d->dir, strerror(errno));
    *root = open(d->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *root >= 0 ? EXIT_FINE : fail(EXIT_FAILED, "%s: %s; no files were written", d->dir, strerror(errno));
}

static enum exit_code find_object(const struct dataset *d, const struct set_file *file, bool *found)
{
    struct s3_object object;
    struct s3_error error;

    *found = set_objects_find(&d->objects, file, &object, &error) == 0;
    return *found || strcmp(error.code, "NoSuchKey") == 0 ? EXIT_FINE : s3_fail(d->dir, &error);
}

/* Is the first file that would be written there already? */
static enum exit_code check_fresh(const struct dataset *d, int root)
{
    struct set_file file;
    struct stat status;
    enum exit_code code = EXIT_FINE;
    bool found;

    if (d->resume || d->only || d->maker.ranks.rank >= d->set.files)
        return EXIT_FINE;
    names_print(file.name, &d->set.names, d->maker.ranks.rank);
    if (d->objects.s3)
        code = find_object(d, &file, &found);
    else
        found = fstatat(root, file.name, &status, AT_SYMLINK_NOFOLLOW) == 0;
    if (code != EXIT_FINE || !found)
        return code;
    return fail(EXIT_FAILED,
                "%s/%s: it is there already; go on with --resume, or choose another DIR; no files were written", d->dir,
                file.name);
}

/* The directory that a path lies in. */
static bool find_above(char above[PATH_MAX], const char *path)
{
    const char *const slash = strrchr(path, '/');
    char copy[PATH_MAX];

    if (realpath(path, above))
        *strrchr(above, '/') = '\0';
    else if (strlen(path) < sizeof copy) {
        snprintf(copy, sizeof copy, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
        return realpath(copy, above) != NULL;
    }
    return *above == '\0' || *above == '/';
}

static bool lies_in(const char *dir, const char *path)
{
    char real[PATH_MAX], above[PATH_MAX] = "?";
    const size_t length = realpath(dir, real) ? strlen(real) : 0;

    return length > 0 && find_above(above, path) && strncmp(above, real, length) == 0 &&
           (above[length] == '\0' || above[length] == '/');
}

static bool leads_nowhere(const char *path)
{
    struct stat status;

    return lstat(path, &status) == 0 && S_ISLNK(status.st_mode) && stat(path, &status) < 0;
}

/* The manifest is there before the data. One that said what the set is stays as it is, unless a part is noted. */
static enum exit_code write_manifest(const struct dataset *d)
{
    if (!d->manifest)
        return EXIT_FINE;
    if (leads_nowhere(d->manifest))
        return fail(EXIT_USAGE, "--manifest %s: this link leads nowhere; name the file itself", d->manifest);
    if (lies_in(d->dir, d->manifest))
        return fail(EXIT_USAGE, "--manifest %s: it is in DIR, which holds the data only; name a file beside it",
                    d->manifest);
    if (d->recorded && !d->only)
        return EXIT_FINE;
    return set_manifest_write(&d->set, &d->maker, d->manifest);
}

static enum exit_code write_set(const struct dataset *d)
{
    struct dataset_result result;
    bool made = false;
    int root = -1;
    enum exit_code code = open_dir(d, &root, &made);

    if (code == EXIT_FINE)
        code = check_fresh(d, root);
    if (code == EXIT_FINE)
        code = write_manifest(d);
    if (code != EXIT_FINE) {
        if (made)
            rmdir(d->dir);
        goto finish;
    }
    stop_listen();
    code = start_at_wait(&d->start, d->quiet, "no files were written");
    if (code == EXIT_FINE)
        code = dataset_write(d, root, &result);
    if (code == EXIT_FINE && d->json)
        code = dataset_tell_json(d, &result);
    else if (code == EXIT_FINE && !d->quiet)
        dataset_tell(d, &result);
finish:
    if (root >= 0)
        close(root);
    return code;
}

static enum exit_code run(int argc, char **argv)
{
    struct dataset d = { .data.spec = FODDER_SPEC(.seed = 0), .files = UINT64_MAX };
    enum exit_code code;
    int count, help;

    if (options_parse(&command_dataset, argc, argv, &d, &d.dir, 1, &count, &help) != EXIT_FINE)
        return EXIT_USAGE;
    if (help) {
        options_help(&command_dataset);
        return EXIT_FINE;
    }
    if (count == 0)
        return fail(EXIT_USAGE, "DIR is missing, as in: fodder dataset DIR --files 1000 --size 1MiB");
    d.maker.dir = d.dir;
    code = s3_args_check(&d.s3, d.dir);
    if (code == EXIT_FINE && s3_is_path(d.dir))
        code = set_objects_open(&d.objects, &d.s3, d.dir);
    if (code == EXIT_FINE)
        code = dataset_settle(&d);
    if (code == EXIT_FINE)
        code = start_at_check(&d.start); /* again: to sum the sizes of many files takes a while */
    if (code == EXIT_FINE)
        code = write_set(&d);
    set_free(&d.set);
    set_objects_close(&d.objects);
    return code;
}

const struct command command_dataset = {
    .name = "dataset",
    .arguments = "DIR|s3://BUCKET/PREFIX [OPTION]...",
    .summary = "Writes many files, whose names, sizes and bytes can be computed again from their number.",
    .groups = groups,
    .more = "fodder verify DIR --manifest FILE compares the set. FILE is all that it takes; with --resume and --only, "
            "too.\n"
            "A histogram for csv: has rows 'size,weight' or 'min,max,weight'.\n"
            "Exit status: 0 fine, 1 failed, 2 wrong usage.\n"
            "Example: fodder dataset DIR --files 1000000 --size lognormal:64KiB,1.5 --unit 4KiB --manifest m\n",
    .run = run,
};
