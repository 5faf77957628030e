/* Many small files: fodder dataset and fodder verify beside loops that write and read the same files with a constant
 * buffer, by as many threads, in the same run.
 *
 *     many_files FODDER [DIR [FILES [SIZE [THREADS [ROUNDS]]]]]
 *
 * DIR is /dev/shm, where nothing but system calls takes time. Rounds alternate; medians are told. */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fodder/fodder.h>

#include "clock.h"
#include "quartiles.h"

enum { PER_DIR = 1000, MOST_ROUNDS = 99, MOST_THREADS = 256 };

struct files {
    const char *fodder;
    char dir[4096], manifest[4096];
    unsigned long count, size, threads, rounds;
    int root;
    atomic_ulong next; /* directory */
    void (*visit)(const struct files *files, int at, const char *name, char *data);
    long memory; /* KiB, the most that the command has had */
};

static void write_one(const struct files *files, int at, const char *name, char *data)
{
    const int fd = openat(at, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

    if (fd < 0 || write(fd, data, files->size) != (ssize_t)files->size || close(fd) < 0)
        err(1, "%s", name);
}

static void read_one(const struct files *files, int at, const char *name, char *data)
{
    const int fd = openat(at, name, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || read(fd, data, files->size) != (ssize_t)files->size || close(fd) < 0)
        err(1, "%s", name);
}

static void remove_one(const struct files *files, int at, const char *name, char *data)
{
    (void)files, (void)data;
    unlinkat(at, name, 0);
}

/* Whole directories, as fodder does, so that threads do not wait for each other's locks. */
static void *visit_dirs(void *argument)
{
    struct files *const files = argument;
    char *const data = malloc(files->size + 1), name[64];
    unsigned long dir;

    if (!data)
        err(1, "memory");
    memset(data, 'x', files->size);
    while ((dir = atomic_fetch_add(&files->next, 1)) * PER_DIR < files->count) {
        int at;

        snprintf(name, sizeof name, "d%06lu", dir);
        mkdirat(files->root, name, 0777);
        at = openat(files->root, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        for (unsigned long k = dir * PER_DIR; k < (dir + 1) * PER_DIR && k < files->count; k++) {
            snprintf(name, sizeof name, "f%09lu", k);
            files->visit(files, at, name, data);
        }
        close(at);
    }
    free(data);
    return NULL;
}

static double run_loop(struct files *files, void (*visit)(const struct files *, int, const char *, char *))
{
    const double start = clock_seconds();
    pthread_t threads[MOST_THREADS];

    files->visit = visit;
    atomic_store(&files->next, 0);
    for (unsigned long i = 0; i < files->threads; i++) {
        if (pthread_create(&threads[i], NULL, visit_dirs, files) != 0)
            errx(1, "threads");
    }
    for (unsigned long i = 0; i < files->threads; i++)
        pthread_join(threads[i], NULL);
    return clock_seconds() - start;
}

static double run_command(struct files *files, const char *const *words)
{
    const double start = clock_seconds();
    struct rusage usage;
    const pid_t child = fork();
    int status;

    if (child == 0) {
        execv(files->fodder, (char *const *)words);
        err(1, "%s", files->fodder);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) < 0 || status != 0)
        errx(1, "%s %s failed", files->fodder, words[1]);
    if (usage.ru_maxrss > files->memory)
        files->memory = usage.ru_maxrss;
    return clock_seconds() - start;
}

static double make(struct files *files)
{
    char count[32], size[32], threads[32];

    snprintf(count, sizeof count, "%lu", files->count);
    snprintf(size, sizeof size, "%lu", files->size);
    snprintf(threads, sizeof threads, "%lu", files->threads);
    return run_command(files, (const char *[]) { files->fodder, "dataset", files->dir, "--files", count, "--size", size,
                                                 "--seed", "1", "--dedup", "2", "--unit", "4KiB", "--threads", threads,
                                                 "--manifest", files->manifest, "-q", NULL });
}

static double verify(struct files *files)
{
    char threads[32];

    snprintf(threads, sizeof threads, "%lu", files->threads);
    return run_command(files, (const char *[]) { files->fodder, "verify", files->dir, "--manifest", files->manifest,
                                                 "--threads", threads, "-q", NULL });
}

static void clean(struct files *files)
{
    char name[64];

    run_loop(files, remove_one);
    for (unsigned long dir = 0; dir * PER_DIR < files->count; dir++) {
        snprintf(name, sizeof name, "d%06lu", dir);
        unlinkat(files->root, name, AT_REMOVEDIR);
    }
}

static void tell(const struct files *files, const char *what, const char *beside, double *ours, double *theirs)
{
    const double a = spread_of(ours, files->rounds).median, b = spread_of(theirs, files->rounds).median;

    printf("%-14s %8.0f files/s    %-30s %8.0f files/s    %.3f\n", what, (double)files->count / a, beside,
           (double)files->count / b, b / a);
}

static unsigned long number(int argc, char **argv, int i, unsigned long otherwise)
{
    return argc > i ? strtoul(argv[i], NULL, 10) : otherwise;
}

int main(int argc, char **argv)
{
    struct files files = { .fodder = argc > 1 ? argv[1] : "fodder" };
    double made[MOST_ROUNDS], written[MOST_ROUNDS], verified[MOST_ROUNDS], read[MOST_ROUNDS];

    files.count = number(argc, argv, 3, 1000000);
    files.size = number(argc, argv, 4, 4096);
    files.threads = number(argc, argv, 5, fodder_total_cpus());
    files.rounds = number(argc, argv, 6, 5);
    if (files.rounds == 0 || files.rounds > MOST_ROUNDS || files.threads == 0 || files.threads > MOST_THREADS)
        errx(2, "1 to %d rounds, 1 to %d threads", MOST_ROUNDS, MOST_THREADS);
    snprintf(files.dir, sizeof files.dir, "%s/files-XXXXXX", argc > 2 ? argv[2] : "/dev/shm");
    if (!mkdtemp(files.dir) || (files.root = open(files.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
        err(1, "%s", files.dir);
    if (snprintf(files.manifest, sizeof files.manifest, "%s.json", files.dir) >= (int)sizeof files.manifest)
        errx(2, "%s: too long", files.dir);
    for (unsigned long i = 0; i < files.rounds; i++) {
        written[i] = run_loop(&files, write_one);
        read[i] = run_loop(&files, read_one);
        clean(&files);
        made[i] = make(&files);
        verified[i] = verify(&files);
        clean(&files);
    }
    printf("%lu files of %lu bytes, %lu threads, %lu rounds, memory of the command %.1f MiB\n", files.count, files.size,
           files.threads, files.rounds, (double)files.memory / 1024);
    tell(&files, "fodder dataset", "a constant buffer, written", made, written);
    tell(&files, "fodder verify", "the same files, read", verified, read);
    unlink(files.manifest);
    rmdir(files.dir);
    return 0;
}
