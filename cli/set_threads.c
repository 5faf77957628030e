#include "set_threads.h"

#include <pthread.h>
#include <stdbool.h>

enum { MOST = 1024 };

struct hand {
    void (*work)(void *job, unsigned index);
    void *job;
    unsigned index;
    pthread_t thread;
    bool started;
};

static void *run_hand(void *argument)
{
    const struct hand *const hand = argument;

    hand->work(hand->job, hand->index);
    return NULL;
}

void set_threads_run(unsigned threads, void (*work)(void *job, unsigned index), void *job)
{
    struct hand hands[MOST];

    for (unsigned i = 0; i < threads; i++)
        hands[i] = (struct hand) { .work = work, .job = job, .index = i };
    for (unsigned i = 1; i < threads; i++)
        hands[i].started = pthread_create(&hands[i].thread, NULL, run_hand, &hands[i]) == 0;
    for (unsigned i = 0; i < threads; i++) {
        if (!hands[i].started)
            run_hand(&hands[i]);
    }
    for (unsigned i = 1; i < threads; i++) {
        if (hands[i].started)
            pthread_join(hands[i].thread, NULL);
    }
}
