/* Gives each file of a folder to a fuzz target, where libFuzzer is not: `replay FOLDER`. */
#define _GNU_SOURCE
#include <dirent.h>

#include "fuzz.h"

static int replay(const char *folder, const char *name)
{
    static uint8_t data[1 << 20];
    char path[4096];
    FILE *file;
    size_t size;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "rb");
    if (!file)
        return 0;
    size = fread(data, 1, sizeof data, file);
    fclose(file);
    fprintf(stderr, "replay: %s\n", path); /* the last one named is the one that failed */
    LLVMFuzzerTestOneInput(data, size);
    return 1;
}

int main(int argc, char **argv)
{
    struct dirent **entries;
    int count, files = 0;

    if (argc != 2 || (count = scandir(argv[1], &entries, NULL, alphasort)) < 0)
        return 2;
    for (int i = 0; i < count; i++) {
        if (entries[i]->d_name[0] != '.')
            files += replay(argv[1], entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    printf("%d inputs\n", files);
    return files == 0;
}
