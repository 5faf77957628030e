#define _GNU_SOURCE
#include "sink/workers.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

/* Each block on its way has a job, in a ring like the blocks'. */
struct job {
    struct sink_block *block;
    size_t moved;
    int error;
    double finished;
    bool done;
};

struct workers {
    struct sink *sink;
    work_fn *work;
    pthread_mutex_t lock;
    pthread_cond_t wake, done; /* for workers, for the owner */
    struct job *jobs;          /* of the ring's depth */
    uint64_t put, taken, reaped;
    unsigned finished; /* jobs that are done and not reaped */
    bool ending;
    bool broken; /* a write has failed: what comes after it would lie behind a hole, or in its place */
    unsigned count;
    pthread_t threads[];
};

static void *work(void *argument)
{
    struct workers *const w = argument;

    pthread_mutex_lock(&w->lock);
    for (;;) {
        struct job *job;

        while (w->taken == w->put && !w->ending)
            pthread_cond_wait(&w->wake, &w->lock);
        if (w->taken == w->put)
            break;
        job = &w->jobs[w->taken++ % w->sink->is.depth];
        if (w->broken) {
            job->error = ECANCELED;
        } else {
            pthread_mutex_unlock(&w->lock);
            job->moved = w->work(w->sink, job->block, &job->error);
            pthread_mutex_lock(&w->lock);
            w->broken |= job->error != 0 && !w->sink->is.reading;
        }
        job->finished = sink_clock();
        job->done = true;
        w->finished++;
        pthread_cond_signal(&w->done);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

/* Signals are for the thread that asks stop(). */
static int start_threads(struct workers *w, unsigned threads)
{
    sigset_t all, before;
    int r = 0;

    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    while (w->count < threads && r == 0) {
        r = pthread_create(&w->threads[w->count], NULL, work, w);
        w->count += r == 0;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return w->count > 0 ? 0 : -r; /* fewer do it too */
}

int workers_open(struct sink *sink, unsigned threads, work_fn *work_block, const char **why)
{
    const unsigned count = threads < sink->is.depth ? threads : sink->is.depth;
    struct workers *const w = calloc(1, sizeof *w + count * sizeof *w->threads);
    pthread_condattr_t monotonic;

    *why = "no thread that moves the blocks can be started";
    if (!w)
        return -ENOMEM;
    sink->state = w;
    w->sink = sink;
    w->work = work_block;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->wake, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&w->done, &monotonic);
    pthread_condattr_destroy(&monotonic);
    w->jobs = calloc(sink->is.depth, sizeof *w->jobs);
    return w->jobs ? start_threads(w, count) : -ENOMEM;
}

void workers_start(struct sink *sink, struct sink_block *block)
{
    struct workers *const w = sink->state;

    pthread_mutex_lock(&w->lock);
    w->jobs[w->put++ % sink->is.depth] = (struct job) { .block = block };
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
}

static void wait_for_one(struct workers *w)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += 100 * 1000 * 1000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    while (w->finished == 0 && pthread_cond_timedwait(&w->done, &w->lock, &until) == 0)
        continue;
}

/* Jobs are told in order: a job in the ring is free again only when all before it are. */
void workers_reap(struct sink *sink, bool wait)
{
    struct workers *const w = sink->state;

    pthread_mutex_lock(&w->lock);
    if (wait)
        wait_for_one(w);
    for (uint64_t i = w->reaped; i < w->taken && w->finished > 0; i++) {
        struct job *const job = &w->jobs[i % sink->is.depth];

        if (!job->done)
            continue;
        job->done = false;
        w->finished--;
        sink_done(sink, job->block, job->moved, job->error, job->finished);
        job->block = NULL;
    }
    while (w->reaped < w->taken && !w->jobs[w->reaped % sink->is.depth].block)
        w->reaped++;
    pthread_mutex_unlock(&w->lock);
}

void workers_close(struct sink *sink)
{
    struct workers *const w = sink->state;

    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->ending = true;
    pthread_cond_broadcast(&w->wake);
    pthread_mutex_unlock(&w->lock);
    for (unsigned i = 0; i < w->count; i++)
        pthread_join(w->threads[i], NULL);
    pthread_cond_destroy(&w->wake);
    pthread_cond_destroy(&w->done);
    pthread_mutex_destroy(&w->lock);
    free(w->jobs);
    free(w);
}
