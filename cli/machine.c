#include "machine.h"

#include <stdio.h>
#include <string.h>

void machine_cpu_model(char *text, size_t size, const char *root)
{
    char line[4096];
    FILE *file;

    snprintf(text, size, "unknown");
    snprintf(line, sizeof line, "%s/proc/cpuinfo", root ? root : "");
    file = fopen(line, "re");
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
