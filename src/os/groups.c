#define _GNU_SOURCE
#include "os/groups.h"

#include <stdlib.h>
#include <string.h>

enum { PATH = 4096 };

/* Is `word` one of the words of a list that commas separate? */
static bool has_word(const char *list, const char *word)
{
    const size_t length = strlen(word);

    for (const char *p = list; p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL) {
        if (strncmp(p, word, length) == 0 && (p[length] == ',' || p[length] == '\0'))
            return true;
    }
    return false;
}

/* A line of /proc/self/cgroup: "4:cpu,cpuacct:/a/b", in version 2 "0::/a/b". */
static bool find_group(char group[PATH], const char *root, const char *controller, bool version1)
{
    FILE *const file = os_open(root, "proc/self/cgroup");
    char line[PATH];
    bool found = false;

    while (file && !found && fgets(line, sizeof line, file)) {
        char *const controllers = strchr(line, ':');
        char *const path = controllers ? strchr(controllers + 1, ':') : NULL;

        if (!path)
            continue;
        *path = '\0';
        found =
            version1 ? has_word(controllers + 1, controller) : strncmp(line, "0:", 2) == 0 && controllers[1] == '\0';
        if (found)
            snprintf(group, PATH, "%s", path + 1);
    }
    if (file)
        fclose(file);
    group[found ? strcspn(group, "\n") : 0] = '\0';
    return found;
}

/* A line of /proc/self/mountinfo: "31 23 0:28 ROOT POINT OPTIONS ... - TYPE SOURCE OPTIONS"; ROOT is the group that is
 * seen at POINT. */
static bool is_mount(char *line, const char *controller, bool version1, char mounted[PATH], char point[PATH])
{
    char *const rest = strstr(line, " - ");
    char type[16], options[PATH];

    if (!rest || sscanf(line, "%*s %*s %*s %4095s %4095s", mounted, point) != 2 ||
        sscanf(rest, " - %15s %*s %4095s", type, options) != 2)
        return false;
    return version1 ? strcmp(type, "cgroup") == 0 && has_word(options, controller) : strcmp(type, "cgroup2") == 0;
}

static bool find_mount(const char *root, const char *controller, bool version1, char mounted[PATH], char point[PATH])
{
    FILE *const file = os_open(root, "proc/self/mountinfo");
    char *line = NULL;
    size_t size = 0;
    bool found = false;

    while (file && !found && getline(&line, &size, file) > 0)
        found = is_mount(line, controller, version1, mounted, point);
    free(line);
    if (file)
        fclose(file);
    return found;
}

/* What of the group's path lies below what is mounted; "" where the group cannot be seen there, as in some containers.
 */
static const char *below(const char *group, const char *mounted)
{
    const size_t length = strcmp(mounted, "/") == 0 ? 0 : strlen(mounted);

    if (strncmp(group, mounted, length) != 0 || (group[length] != '/' && group[length] != '\0') || strstr(group, "/.."))
        return "";
    return group + length;
}

static void visit_version(const char *root, const char *controller, bool version1,
                          void (*visit)(void *user, const char *root, const char *group, bool version1), void *user)
{
    char group[PATH], mounted[PATH], point[PATH], path[2 * PATH];
    size_t top;

    if (!find_group(group, root, controller, version1) || !find_mount(root, controller, version1, mounted, point))
        return;
    top = strlen(point);
    snprintf(path, sizeof path, "%s%s", point, below(group, mounted));
    for (;;) {
        char *const slash = strrchr(path, '/');

        visit(user, root, path + 1, version1); /* without the first slash */
        if (!slash || slash < path + top)
            break;
        *slash = '\0';
    }
}

void groups_visit(const char *root, const char *controller,
                  void (*visit)(void *user, const char *root, const char *group, bool version1), void *user)
{
    visit_version(root, controller, false, visit, user);
    visit_version(root, controller, true, visit, user);
}
