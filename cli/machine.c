#define _GNU_SOURCE
#include "machine.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

unsigned machine_cpus(void)
{
    cpu_set_t set;
    const long online = sysconf(_SC_NPROCESSORS_ONLN);

    if (sched_getaffinity(0, sizeof set, &set) == 0)
        return (unsigned)CPU_COUNT(&set);
    return online > 0 ? (unsigned)online : 1;
}

unsigned machine_nodes(void)
{
    unsigned count = 0, first, last;
    FILE *const file = fopen("/sys/devices/system/node/online", "re"); /* "0-1,4" */

    if (!file)
        return 1;
    while (fscanf(file, "%u", &first) == 1) {
        last = first;
        if (fscanf(file, "-%u", &last) == 1 && last < first)
            break;
        count += last - first + 1;
        if (fgetc(file) != ',')
            break;
    }
    fclose(file);
    return count > 0 ? count : 1;
}

void machine_cpu_model(char *text, size_t size)
{
    char line[256];
    FILE *const file = fopen("/proc/cpuinfo", "re");

    snprintf(text, size, "unknown");
    if (!file)
        return;
    while (fgets(line, sizeof line, file)) {
        const char *const colon = strchr(line, ':');

        if (strncmp(line, "model name", 10) != 0 || !colon)
            continue;
        line[strcspn(line, "\n")] = '\0';
        snprintf(text, size, "%s", colon + 2);
        break;
    }
    fclose(file);
}
