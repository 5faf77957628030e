#define _GNU_SOURCE
#include "machines/unpack.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *machine_folder;
char machine_root[32];

void machine_write(const char *path, const char *text)
{
    char name[512];
    FILE *file;

    snprintf(name, sizeof name, "%s/%s", machine_root, path);
    for (char *at = name + strlen(machine_root) + 1; (at = strchr(at, '/')); *at++ = '/') {
        *at = '\0';
        assert_true(mkdir(name, 0700) == 0 || errno == EEXIST);
    }
    file = fopen(name, "w");
    assert_non_null(file);
    for (; *text != '\0'; text++) {
        const char after = *text == '\\' ? text[1] : '\0';

        fputc(after == 'n' ? '\n' : after == 't' ? '\t' : *text, file);
        text += after == 'n' || after == 't';
    }
    fputc('\n', file);
    assert_int_equal(fclose(file), 0);
}

int machine_setup(void **state)
{
    (void)state;
    strcpy(machine_root, "/tmp/fodder-machine-XXXXXX");
    return mkdtemp(machine_root) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status, (void)kind, (void)place;
    return remove(path);
}

int machine_teardown(void **state)
{
    (void)state;
    return nftw(machine_root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

fodder_topology *machine_read(const char *machine)
{
    char name[512], *line = NULL;
    size_t size = 0;
    fodder_topology *t = NULL;
    FILE *file;

    snprintf(name, sizeof name, "%s/%s.txt", machine_folder, machine);
    file = fopen(name, "r");
    if (!file)
        fail_msg("%s cannot be read", name);
    while (getline(&line, &size, file) > 0) {
        char *text = line;
        const char *const path = strsep(&text, " \n");

        if (text)
            text[strcspn(text, "\n")] = '\0';
        if (path[0] != '#')
            machine_write(path, text ? text : "");
    }
    free(line);
    fclose(file);
    assert_int_equal(fodder_topology_new(&t, machine_root), 0);
    return t;
}
