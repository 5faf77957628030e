#define _GNU_SOURCE
#include "stop.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

/* Threads ask too, while the handler writes. */
static atomic_int asked;

static void on_signal(int number)
{
    asked = number;
}

void stop_listen(void)
{
    const struct sigaction action = { .sa_handler = on_signal }; /* no SA_RESTART: a blocked write must return */

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool stop_asked(void)
{
    return asked != 0;
}

const char *stop_name(void)
{
    return asked == SIGINT ? "interrupted (SIGINT)" : "ended (SIGTERM)";
}
