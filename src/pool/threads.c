/* The threads, and how work reaches them. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <time.h>

#include "pool/inside.h"

/* How long to wait by looking before sleeping: a hand-off takes a microsecond then, not the ten of waking a thread. */
enum { SPIN_NANOSECONDS = 50000 };

/* Where one thread begins, each time the same, so that what a cache holds of the memory is there again; whoever is done
 * with its own goes on with those of others. */
struct part {
    _Alignas(64) atomic_size_t next; /* on a line of its own */
    size_t end;
};

/* On the caller's stack: gone as soon as no worker is in it and none can find it. */
struct job {
    struct job *next;
    const struct pool_work *work;
    atomic_uint workers; /* in it */
    struct part parts[POOL_MAX_PARTS];
};

static void relax(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static int64_t nanoseconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static bool is_taken(const struct part *part)
{
    return atomic_load_explicit(&part->next, memory_order_relaxed) >= part->end;
}

static bool all_taken(const struct job *job, const struct group *group)
{
    for (unsigned i = 0; i < group->parts; i++) {
        if (!is_taken(&job->parts[group->first_part + i]))
            return false;
    }
    return true;
}

/* Slices of a part, until all are taken. */
static void drain(struct job *job, struct part *part)
{
    const size_t slice = job->work->slice;

    while (!is_taken(part)) {
        const size_t begin = atomic_fetch_add_explicit(&part->next, slice, memory_order_relaxed);

        if (begin < part->end)
            job->work->run(job->work->context, begin, part->end - begin < slice ? part->end : begin + slice);
    }
}

/* The group's work, from part `first` on. */
static void work_on(struct job *job, const struct group *group, unsigned first)
{
    for (unsigned i = 0; i < group->parts; i++)
        drain(job, &job->parts[group->first_part + (first + i) % group->parts]);
}

/* ---- Workers */

static struct job *find_job(fodder_pool *pool, const struct group *group)
{
    struct job *job = pool->jobs;

    while (job && all_taken(job, group))
        job = job->next;
    return job;
}

/* Waits for a job to be posted after number `seen`, with the pool locked before and after. */
static void wait_for_job(fodder_pool *pool, struct group *group, unsigned seen)
{
    pthread_mutex_unlock(&pool->lock);
    for (const int64_t end = pool->crowded ? 0 : nanoseconds() + SPIN_NANOSECONDS; nanoseconds() < end;) {
        for (int i = 0; i < 32 && atomic_load(&pool->posted) == seen; i++)
            relax();
        if (atomic_load(&pool->posted) != seen)
            break;
    }
    pthread_mutex_lock(&pool->lock);
    if (atomic_load(&pool->posted) != seen || pool->ending)
        return;
    group->sleeping++;
    pthread_cond_wait(&group->wake, &pool->lock);
    group->sleeping--;
}

static void do_job(fodder_pool *pool, struct job *job, const struct worker *worker)
{
    atomic_fetch_add(&job->workers, 1);
    pthread_mutex_unlock(&pool->lock);
    work_on(job, &pool->groups[worker->group], worker->part);
    pthread_mutex_lock(&pool->lock);
    if (atomic_fetch_sub(&job->workers, 1) == 1) /* its memory may be gone from here on */
        pthread_cond_broadcast(&pool->left);
}

static void *worker_main(void *argument)
{
    const struct worker *const worker = argument;
    fodder_pool *const pool = worker->pool;
    struct group *const group = &pool->groups[worker->group];

    if (pool->placed && place_thread(group->cpus, group->cpu_count) < 0)
        atomic_store(&pool->pinning_refused, true);
    pthread_mutex_lock(&pool->lock);
    while (!pool->ending) {
        struct job *const job = find_job(pool, group);

        if (job)
            do_job(pool, job, worker);
        else
            wait_for_job(pool, group, atomic_load(&pool->posted));
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* ---- Starting and ending */

static int start_one(fodder_pool *pool, unsigned group, unsigned part)
{
    struct worker *const worker = &pool->workers[pool->worker_count];

    *worker = (struct worker) { .pool = pool, .group = group, .part = part };
    if (pthread_create(&worker->thread, NULL, worker_main, worker) != 0)
        return -EAGAIN;
    pool->worker_count++;
    pool->groups[group].started++;
    return 0;
}

/* Signals are for the program's own threads: ours start with all of them blocked. Where threads are not placed the
 * caller is one of them. */
int threads_start(fodder_pool *pool)
{
    sigset_t all, before;
    int r = 0;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (unsigned g = 0; g < pool->group_count; g++) {
        const struct group *const group = &pool->groups[g];

        for (unsigned i = pool->placed ? 0 : 1; i < group->threads && r == 0; i++)
            r = start_one(pool, g, i % group->parts);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return r;
}

void threads_end(fodder_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->ending = true;
    atomic_fetch_add(&pool->posted, 1);
    for (unsigned g = 0; g < pool->group_count; g++)
        pthread_cond_broadcast(&pool->groups[g].wake);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->worker_count; i++)
        pthread_join(pool->workers[i].thread, NULL);
    pool->worker_count = 0;
}

/* ---- Callers */

/* No more threads than there are slices. */
static void wake(struct group *group, size_t slices)
{
    if (slices >= group->sleeping) {
        pthread_cond_broadcast(&group->wake);
        return;
    }
    for (size_t i = 0; i < slices; i++)
        pthread_cond_signal(&group->wake);
}

static void post(fodder_pool *pool, struct job *job)
{
    struct job **last = &pool->jobs;

    pthread_mutex_lock(&pool->lock);
    while (*last)
        last = &(*last)->next;
    *last = job;
    atomic_fetch_add(&pool->posted, 1);
    for (unsigned g = 0; g < pool->group_count; g++) {
        const size_t len = job->work->ends[g] - (g > 0 ? job->work->ends[g - 1] : 0);

        if (pool->groups[g].sleeping > 0)
            wake(&pool->groups[g], (len + job->work->slice - 1) / job->work->slice);
    }
    pthread_mutex_unlock(&pool->lock);
}

static bool is_done(const fodder_pool *pool, struct job *job)
{
    for (unsigned g = 0; g < pool->group_count; g++) {
        if (!all_taken(job, &pool->groups[g]))
            return false;
    }
    return atomic_load(&job->workers) == 0;
}

/* Waits until all slices are done, and takes the job off the list, so that no worker can find it any more. */
static void finish(fodder_pool *pool, struct job *job)
{
    struct job **at = &pool->jobs;
    const int64_t end = pool->crowded ? 0 : nanoseconds() + SPIN_NANOSECONDS;

    while (!is_done(pool, job) && nanoseconds() < end)
        relax();
    pthread_mutex_lock(&pool->lock);
    while (!is_done(pool, job))
        pthread_cond_wait(&pool->left, &pool->lock);
    while (*at != job)
        at = &(*at)->next;
    *at = job->next;
    pthread_mutex_unlock(&pool->lock);
}

/* Equal parts, of whole slices but for the last. */
static void cut(struct job *job, const struct group *group, size_t begin, size_t end)
{
    const size_t slice = job->work->slice, slices = (end - begin + slice - 1) / slice;

    for (unsigned i = 0; i < group->parts; i++) {
        struct part *const part = &job->parts[group->first_part + i];
        const size_t to = begin + slices * (i + 1) / group->parts * slice;

        atomic_init(&part->next, begin + slices * i / group->parts * slice);
        part->end = to < end ? to : end;
    }
}

void pool_run(fodder_pool *pool, const struct pool_work *work)
{
    struct job job = { .work = work };

    process_enter(pool);
    for (unsigned g = 0; g < pool->group_count; g++)
        cut(&job, &pool->groups[g], g > 0 ? work->ends[g - 1] : 0, work->ends[g]);
    post(pool, &job);
    for (unsigned g = 0; g < pool->group_count; g++) {
        if (!pool->placed || pool->groups[g].started == 0)
            work_on(&job, &pool->groups[g], 0);
    }
    finish(pool, &job);
}
